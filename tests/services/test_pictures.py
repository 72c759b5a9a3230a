"""A picture goes out drawn anew: nothing that came with its file goes out too."""

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.errors import OperatorError
from bot.services.pictures import LARGEST_BYTES, LONGEST_SIDE, redrawn
from tests.images import drawn

SECRET = "taken-at-Mill-Lane-4"
ORIENTATION, DESCRIPTION = 0x0112, 0x010E
LIES_ON_ITS_SIDE = 6


def read(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16")),
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
def test_a_picture_of_each_kind_goes_out_as_jpeg(form: str, mode: str) -> None:
    picture = redrawn(drawn(form=form, mode=mode))
    image = read(picture.data)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (40, 30))
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 40, 30)


def test_nothing_that_came_with_a_picture_goes_out() -> None:
    exif = Image.Exif()
    exif[DESCRIPTION] = SECRET
    notes = PngInfo()
    notes.add_text("Comment", SECRET)
    for given in (
        drawn(form="JPEG", exif=exif, comment=SECRET.encode()),
        drawn(form="PNG", exif=exif, pnginfo=notes),
        drawn(form="WEBP", exif=exif, xmp=SECRET.encode()),
        drawn(form="JPEG") + SECRET.encode(),
    ):
        assert SECRET.encode() in given
        sent = redrawn(given).data
        assert SECRET.encode() not in sent
        assert not read(sent).getexif()
        assert read(sent).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = LIES_ON_ITS_SIDE
    picture = redrawn(drawn(40, 30, form="JPEG", exif=exif))
    assert (picture.width, picture.height) == (30, 40)


def test_what_is_transparent_turns_white() -> None:
    assert read(redrawn(drawn(mode="RGBA")).data).getpixel((5, 5)) == (255, 255, 255)


def test_a_large_picture_goes_out_as_large_as_a_phone_can_use() -> None:
    picture = redrawn(drawn(4_000, 3_000, form="JPEG"))
    assert (picture.width, picture.height) == (LONGEST_SIDE, 1_200)


def test_of_a_moving_picture_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    file = BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    red, _green, blue = read(redrawn(file.getvalue()).data).getpixel((5, 5))  # type: ignore[misc]  # RGB
    assert red > blue


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (b"", "PNG, JPEG or WebP"),
        (b"GIF89a not really", "PNG, JPEG or WebP"),
        (drawn(form="GIF"), "PNG, JPEG or WebP"),
        (drawn(form="BMP"), "PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG or WebP"),
        (drawn(400, 300, form="JPEG")[:-600], "PNG, JPEG or WebP"),
        (drawn()[:40], "PNG, JPEG or WebP"),
        (bytes(LARGEST_BYTES + 1), "more than 5 MB"),
        (drawn(8_000, 6_000, mode="1"), "more than 40 megapixels"),
        (drawn(10_000, 10_000, mode="1"), "more than 40 megapixels"),
        (drawn(210, 10), "20 times"),
    ],
    ids=lambda given: f"{given[:8]!r} of {len(given)} bytes" if isinstance(given, bytes) else None,
)
def test_what_cannot_be_shown_is_refused_in_one_line(given: bytes, reason: str) -> None:
    with pytest.raises(OperatorError, match=reason) as caught:
        redrawn(given)
    assert "\n" not in str(caught.value)
