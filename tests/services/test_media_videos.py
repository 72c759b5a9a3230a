"""Videos come out as moving pictures and nothing else, or are refused in plain words."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import UnusableMedia
from bot.model import Media
from bot.security import confinement
from bot.services.media import NO_SOUND, VIDEO, Cleaner
from tests.darkroom import (
    dirty_film,
    ffmpeg,
    film,
    groups,
    needs_exiftool,
    needs_ffmpeg,
    planted,
    streams,
)

pytestmark = [
    needs_ffmpeg,
    pytest.mark.skipif(
        not confinement.possible(), reason="files that exist in memory only need Linux"
    ),
]
# What exiftool says of any MP4, an empty one too.
EVERY_MP4 = {"ExifTool", "System", "File", "QuickTime", "Track1", "Track2", "Composite"}


async def cleaned(data: bytes, *, keep_sound: bool = False) -> Media:
    return await Cleaner().clean(data, as_file=False, keep_sound=keep_sound)


async def refusal(data: bytes, cleaner: Cleaner | None = None) -> str:
    """The words with which a file is refused."""
    with pytest.raises(UnusableMedia) as refused:
        await (cleaner or Cleaner()).clean(data, as_file=False)
    return refused.value.text.message.format_map(refused.value.text.values)


@needs_exiftool
async def test_nothing_hidden_in_a_video_gets_across(tmp_path: Path) -> None:
    dirty = dirty_film(tmp_path)
    assert dirty.count(b"PLANTED") > 10
    media = await cleaned(dirty, keep_sound=True)
    assert planted(media.data) == []
    found = groups(media.data)
    assert {name.partition(":")[0] for name in found} <= EVERY_MP4
    assert not [name for name in found if "GPS" in name or "TimeCode" in name]
    assert streams(media.data, tmp_path) == [("video", 64, 48), ("audio", None, None)]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mp4", ()),
        ("film.mp4", ("-c:v", "libx265", "-x265-params", "log-level=none")),
        ("film.mov", ()),
        ("film.webm", ("-c:v", "libvpx")),
        ("film.webm", ("-c:v", "libvpx-vp9")),
        ("film.3gp", ("-c:v", "h263", "-s", "176x144", "-c:a", "aac")),
    ],
    ids=["H.264", "H.265", "MOV", "VP8", "VP9", "3GP"],
)
async def test_a_video_comes_out_as_mp4_without_its_sound(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    media = await cleaned(film(tmp_path, *options, name=name))
    assert (media.name, media.media_type, media.note) == ("video-1.mp4", "video/mp4", NO_SOUND)
    assert [kind for kind, _width, _height in streams(media.data, tmp_path)] == ["video"]


async def test_the_sound_stays_where_it_is_asked_for(tmp_path: Path) -> None:
    media = await cleaned(film(tmp_path), keep_sound=True)
    assert media.note == ""
    assert [kind for kind, *_size in streams(media.data, tmp_path)] == ["video", "audio"]


async def test_a_video_without_sound_needs_no_note(tmp_path: Path) -> None:
    assert (await cleaned(film(tmp_path, "-an"), keep_sound=True)).note == ""
    assert (await cleaned(film(tmp_path, "-an"))).note == ""


async def test_a_video_comes_out_the_way_up_it_was_taken(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(film(tmp_path))
    turned = tmp_path / "turned.mp4"
    ffmpeg("-i", tmp_path / "film.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", turned)
    media = await cleaned(turned.read_bytes())
    assert streams(media.data, tmp_path) == [("video", 48, 64)]


async def test_a_large_video_is_made_smaller_and_keeps_its_shape(tmp_path: Path) -> None:
    media = await cleaned(film(tmp_path, "-preset", "ultrafast", size="1921x1081"))
    assert streams(media.data, tmp_path) == [("video", 1280, 720)]


async def test_the_manifest_of_a_video_names_what_made_it(tmp_path: Path) -> None:
    media = await Cleaner().clean(film(tmp_path), as_file=True, channel="web")
    assert media.original is not None
    assert media.original.media_type == "video/mp4"
    (tool,) = media.original.tools
    assert tool.startswith("ffmpeg ")


@pytest.mark.parametrize("name", ["film.mp4", "film.webm"])
async def test_a_video_that_was_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    whole = film(tmp_path, "-g", "1", name=name, size="320x240")
    words = await refusal(whole[: len(whole) // 3])
    assert words.startswith("I could not open that file. It was not added.")


async def test_a_video_cut_off_behind_its_table_is_refused(tmp_path: Path) -> None:
    whole = film(tmp_path, "-movflags", "+faststart", size="320x240")
    assert (await refusal(whole[: len(whole) // 2])).startswith("I could not open that file.")


async def test_a_sound_that_calls_itself_a_video_is_refused(tmp_path: Path) -> None:
    words = await refusal(film(tmp_path, "-vn"))
    assert words.startswith("I cannot take this kind of file. It was not added.")


async def test_a_video_over_ten_minutes_is_refused(tmp_path: Path) -> None:
    words = await refusal(_long(tmp_path, "long.mp4"))
    expected = "That video is longer than 10 minutes. It was not added. Please send a shorter part."
    assert words == expected


async def test_a_long_video_that_does_not_tell_its_length_is_refused(tmp_path: Path) -> None:
    silent = _long(tmp_path, "long.webm", "-c:v", "libvpx", "-live", "1")
    assert (await refusal(silent)).startswith("That video is longer than 10 minutes.")


async def test_a_video_that_takes_too_long_to_clean_is_refused(tmp_path: Path) -> None:
    hurried = Cleaner(video=replace(VIDEO, clock=0))
    assert (await refusal(film(tmp_path), hurried)).startswith(
        "I could not clean that file in time."
    )


async def test_a_video_that_comes_out_too_large_is_refused(tmp_path: Path) -> None:
    small = Cleaner(video=replace(VIDEO, output=2000))
    assert (await refusal(film(tmp_path), small)).startswith("That file holds too much.")


async def test_a_video_with_another_file_behind_it_comes_out_alone(tmp_path: Path) -> None:
    media = await cleaned(film(tmp_path) + b"PK\x03\x04PLANTED<html>")
    assert planted(media.data) == []


async def test_a_playlist_that_calls_itself_a_video_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=64x48", secret)
    list_ = f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()
    disguised = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + list_
    assert (await refusal(disguised)).startswith("I could not open that file.")
    assert (await refusal(list_)).startswith("I cannot take this kind of file.")


def _long(folder: Path, name: str, *options: str) -> bytes:
    """Ten minutes and five seconds of one colour, a picture every second."""
    path = folder / name
    ffmpeg("-f", "lavfi", "-i", "color=s=16x16:r=1:d=605", *options, path)
    return path.read_bytes()
