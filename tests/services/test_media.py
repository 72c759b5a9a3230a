"""Photos come out with their colours and nothing else, or are refused in plain words."""

import asyncio
import hashlib
import json
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableMedia
from bot.model import Media
from bot.security import confinement
from bot.services.media import MOST_BYTES, MOST_WAITING, PHOTO, Cleaner, Tools, manifest
from tests.darkroom import (
    FIXTURES,
    dirty_photo,
    groups,
    needs_exiftool,
    photo,
    planted,
    png,
    scene,
)

pytestmark = pytest.mark.skipif(
    not confinement.possible(), reason="files that exist in memory only need Linux"
)
# What exiftool says of any JPEG, an empty one too.
EVERY_JPEG = {"ExifTool", "System", "File", "JFIF", "Composite"}
BLUE, RED = (20, 20, 200), (200, 30, 30)


@pytest.fixture
def cleaner() -> Cleaner:
    return Cleaner()


async def cleaned(data: bytes, cleaner: Cleaner | None = None) -> Media:
    return await (cleaner or Cleaner()).clean(data, as_file=False)


async def refusal(data: bytes, cleaner: Cleaner | None = None) -> str:
    """The words with which a file is refused."""
    with pytest.raises(UnusableMedia) as refused:
        await cleaned(data, cleaner)
    return refused.value.text.message.format_map(refused.value.text.values)


def opened(media: Media) -> Image.Image:
    return Image.open(BytesIO(media.data), formats=["JPEG"])


def is_like(colour: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))


@needs_exiftool
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_nothing_hidden_in_a_photo_gets_across(tmp_path: Path, form: str) -> None:
    dirty = dirty_photo(form, tmp_path)
    assert planted(dirty)
    assert "GPS:GPSLatitude" in groups(dirty)
    media = await cleaned(dirty)
    assert planted(media.data) == []
    assert {name.partition(":")[0] for name in groups(media.data)} <= EVERY_JPEG


async def test_nothing_hidden_in_a_photo_of_an_iphone_gets_across() -> None:
    pytest.importorskip("pi_heif", reason="the extra [media] is not installed")
    dirty = (FIXTURES / "small.heic").read_bytes()
    assert planted(dirty)
    media = await cleaned(dirty)
    assert planted(media.data) == []
    assert is_like(opened(media).getpixel((60, 40)), RED)


async def test_a_clean_photo_has_a_new_name_and_is_a_jpeg(cleaner: Cleaner) -> None:
    media = await cleaner.clean(photo("PNG"), as_file=False, number=3)
    assert (media.name, media.media_type, media.note) == ("photo-3.jpg", "image/jpeg", "")
    assert opened(media).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_keeps_its_size_and_colours(form: str) -> None:
    picture = opened(await cleaned(photo(form)))
    assert picture.size == (64, 48)
    assert is_like(picture.getpixel((4, 4)), BLUE)
    assert is_like(picture.getpixel((60, 40)), RED)


@pytest.mark.parametrize(
    ("orientation", "size", "blue"), [(3, (64, 48), (60, 44)), (6, (48, 64), (44, 4))]
)
async def test_a_photo_comes_out_the_way_up_it_was_taken(
    orientation: int, size: tuple[int, int], blue: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = opened(await cleaned(photo(exif=exif)))
    assert picture.size == size
    assert is_like(picture.getpixel(blue), BLUE)


async def test_what_was_rubbed_out_of_a_photo_stays_out() -> None:
    rubbed = scene().convert("RGBA")
    rubbed.putalpha(0)  # an eraser often only makes transparent
    picture = opened(await cleaned(photo("PNG", rubbed)))
    assert picture.getcolors() == [(64 * 48, (255, 255, 255))]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
async def test_a_photo_without_usual_colours_comes_out_with_them(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(await cleaned(photo(form, scene().convert(mode)))).mode == "RGB"


async def test_of_a_moving_picture_the_first_is_sent() -> None:
    more = [scene(), Image.new("RGB", (64, 48), "green")]
    moving = photo("PNG", save_all=True, append_images=more, loop=0)
    assert is_like(opened(await cleaned(moving)).getpixel((4, 4)), BLUE)


async def test_an_archive_behind_a_photo_does_not_get_across() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("PLANTED.txt", "PLANTED")
    both = photo() + archive.getvalue()
    assert zipfile.is_zipfile(BytesIO(both))
    media = await cleaned(both)
    assert not zipfile.is_zipfile(BytesIO(media.data))
    assert planted(media.data) == []


async def test_a_page_inside_a_photo_does_not_get_across() -> None:
    page = b"Comment\0<script>PLANTED</script>"
    data = photo("PNG")
    end = data.index(b"IDAT") - 4
    text = len(page).to_bytes(4) + b"tEXt" + page + zlib.crc32(b"tEXt" + page).to_bytes(4)
    both = data[:end] + text + data[end:] + b"<html>PLANTED</html>"
    assert planted((await cleaned(both)).data) == []


async def test_an_empty_file_is_refused() -> None:
    assert await refusal(b"") == "That file is empty. It was not added. Please try another."


async def test_a_file_over_20_megabytes_is_refused() -> None:
    words = await refusal(photo() + bytes(MOST_BYTES))
    assert words == "That file is larger than 20 MB. It was not added. Please send a smaller one."


@pytest.mark.parametrize(
    "data",
    [
        photo("GIF", save_all=True, append_images=[scene()] * 50, loop=0),
        photo("BMP"),
        photo("TIFF"),
        photo("PDF"),
        b"<html>" + photo("PNG"),
        b"PK\x03\x04" + photo(),
        b"OggS a voice",
        b"plain words",
    ],
    ids=["endless GIF", "BMP", "TIFF", "PDF", "page first", "archive first", "voice", "words"],
)
async def test_what_is_no_photo_or_video_of_ours_is_refused(data: bytes) -> None:
    assert (await refusal(data)).startswith("I cannot take this kind of file. It was not added.")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.5, 0.95])
async def test_a_photo_that_was_cut_off_is_refused(form: str, share: float) -> None:
    whole = photo(form, Image.effect_noise((200, 200), 90).convert("RGB"))
    words = await refusal(whole[: int(len(whole) * share)])
    assert words.startswith("I could not open that file. It was not added.")


async def test_an_iphone_photo_that_was_cut_off_is_refused() -> None:
    pytest.importorskip("pi_heif", reason="the extra [media] is not installed")
    whole = (FIXTURES / "small.heic").read_bytes()
    assert (await refusal(whole[:500])).startswith("I could not open that file.")


@pytest.mark.parametrize("size", [(8000, 5001), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
async def test_a_small_file_with_a_huge_picture_is_refused(size: tuple[int, int]) -> None:
    assert "a photo of at most 40 megapixels" in await refusal(png(*size, (b"IDAT", b"")))


@pytest.mark.parametrize(
    "chunk",
    [
        (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)),
        (b"iCCP", b"icc\0\0" + zlib.compress(bytes(200_000_000), 9)),
    ],
    ids=["text", "colour profile"],
)
async def test_a_photo_with_a_part_that_swells_is_refused(chunk: tuple[bytes, bytes]) -> None:
    bomb = png(64, 48, chunk, (b"IDAT", zlib.compress(bytes(9 * 48))))
    assert (await refusal(bomb)).startswith("I could not open that file.")


async def test_of_a_photo_that_swells_no_more_than_its_picture_is_read() -> None:
    bomb = png(64, 48, (b"IDAT", zlib.compress(bytes(200_000_000), 9)))
    assert opened(await cleaned(bomb)).size == (64, 48)


@pytest.mark.slow  # the largest picture that is taken keeps a core busy for seconds
async def test_a_photo_of_40_megapixels_is_taken() -> None:
    assert opened(await cleaned(photo("PNG", Image.new("1", (8000, 5000))))).size == (8000, 5000)


async def test_a_photo_that_takes_too_long_is_refused() -> None:
    hurried = Cleaner(photo=replace(PHOTO, clock=0))
    words = await refusal(photo(), hurried)
    assert words.startswith("I could not clean that file in time. It was not added.")


async def test_other_people_are_answered_while_a_photo_is_cleaned(cleaner: Cleaner) -> None:
    work = asyncio.create_task(cleaned(photo("PNG", scene(3000, 2000)), cleaner))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await work).name == "photo-1.jpg"
    assert turns > 100


async def test_when_too_many_send_at_once_the_last_is_asked_to_try_again(cleaner: Cleaner) -> None:
    sent = [cleaned(photo(), cleaner) for _ in range(MOST_WAITING + 1)]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    refused = [each for each in answers if isinstance(each, UnusableMedia)]
    assert len(refused) == 1
    assert refused[0].text.message.startswith("I am busy with other files. It was not added.")
    assert (await cleaned(photo(), cleaner)).name == "photo-1.jpg"


@pytest.mark.parametrize(
    ("tools", "data", "words"),
    [
        (Tools(False, True, None), photo(), "I cannot take photos or videos here."),
        (
            Tools(True, False, None),
            (FIXTURES / "small.heic").read_bytes(),
            "I cannot open HEIC photos.",
        ),
        (
            Tools(True, True, None),
            b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42",
            "I cannot take videos here.",
        ),
    ],
    ids=["no photos", "no HEIC", "no videos"],
)
async def test_what_this_machine_cannot_clean_is_refused_in_words(
    tools: Tools, data: bytes, words: str
) -> None:
    assert (await refusal(data, Cleaner(tools))).startswith(f"{words} It was not added.")


@pytest.mark.parametrize(
    ("tools", "remarks"),
    [
        (Tools(False, False, None), ["photos and videos are refused"]),
        (
            Tools(True, False, None),
            ["videos are refused: install ffmpeg", "HEIC photos are refused"],
        ),
    ],
)
async def test_an_operator_hears_what_is_refused_here(tools: Tools, remarks: list[str]) -> None:
    told = await Cleaner(tools).lacks()
    assert told is not None
    assert all(remark in told for remark in remarks)


async def test_an_original_is_kept_only_of_what_came_as_a_file(cleaner: Cleaner) -> None:
    data = photo("PNG")
    assert (await cleaner.clean(data, as_file=False)).original is None
    original = (await cleaner.clean(data, as_file=True, channel="web")).original
    assert original is not None
    assert (original.sha256, original.data) == (hashlib.sha256(data).hexdigest(), data)
    assert (original.media_type, original.channel) == ("image/png", "web")


async def test_the_manifest_vouches_for_original_and_copy(cleaner: Cleaner) -> None:
    data = photo("PNG")
    without = await cleaner.clean(photo(), as_file=False, number=1)
    media = await cleaner.clean(data, as_file=True, number=2, channel="telegram")
    told = manifest([without, media])
    assert told is not None
    assert media.original is not None
    assert json.loads(told) == {
        "files": [
            {
                "received": {
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "bytes": len(data),
                    "media_type": "image/png",
                    "channel": "telegram",
                },
                "cleaned": {
                    "name": "photo-2.jpg",
                    "sha256": hashlib.sha256(media.data).hexdigest(),
                    "bytes": len(media.data),
                    "media_type": "image/jpeg",
                    "tools": list(media.original.tools),
                },
            }
        ]
    }
    assert media.original.tools[0].startswith("pillow ")


async def test_without_an_original_there_is_nothing_to_vouch_for(cleaner: Cleaner) -> None:
    assert manifest([await cleaner.clean(photo(), as_file=False)]) is None
