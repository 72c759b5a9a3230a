"""A file is what its first bytes say, if two sniffers read them alike."""

from pathlib import Path

import pytest

from bot.security.sniffing import Kind, sniff
from tests.darkroom import FIXTURES, film, needs_ffmpeg, photo


@pytest.mark.parametrize(
    ("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_a_photo_is_known_by_its_content(form: str, media_type: str) -> None:
    assert sniff(photo(form)) == Kind(media_type, form)


def test_a_photo_of_an_iphone_is_known_by_its_content() -> None:
    assert sniff((FIXTURES / "small.heic").read_bytes()) == Kind("image/heic", "HEIF")


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("film.mp4", (), Kind("video/mp4", "mov")),
        ("film.mov", (), Kind("video/quicktime", "mov")),
        ("film.3gp", ("-c:v", "mpeg4", "-c:a", "aac"), Kind("video/3gpp", "mov")),
        ("film.webm", (), Kind("video/webm", "matroska")),
    ],
)
def test_a_video_is_known_by_its_content(
    tmp_path: Path, name: str, options: tuple[str, ...], kind: Kind
) -> None:
    assert sniff(film(tmp_path, *options, name=name)) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7\n",
        b"PK\x03\x04" + bytes(100),
        b"<html><body>\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"#EXTM3U\nhttp://localhost/secret",
        b"OggS" + bytes(100),
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"II*\x00" + bytes(100),
        b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1",
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42",
        b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska",
    ],
)
def test_anything_else_is_not_taken(data: bytes) -> None:
    assert sniff(data) is None


def test_what_the_two_sniffers_call_differently_is_not_taken() -> None:
    film_that_says_photo = b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00isommp42"
    assert sniff(film_that_says_photo) is None
