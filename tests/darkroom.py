"""Photos and videos as people have them: full of places, names and numbers that nobody sees.

Everything planted in them begins with PLANTED, or is one of the two coordinates below.
"""

import json
import shutil
import subprocess
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

FIXTURES = Path(__file__).parent / "fixtures" / "media"
LATITUDE, LONGITUDE = "51.4543", "-0.9781"

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="no ffmpeg here, so no videos to clean"
)
needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="no exiftool here to plant and find hidden details"
)

_TAGS = {
    "GPSLatitude": LATITUDE,
    "GPSLongitude": LONGITUDE,
    "GPSLatitudeRef": "N",
    "GPSLongitudeRef": "W",
    "Make": "PLANTED-MAKE",
    "Model": "PLANTED-MODEL",
    "SerialNumber": "PLANTED-SERIAL",
    "Artist": "PLANTED-ARTIST",
    "DateTimeOriginal": "2026:01:02 03:04:05",
    "UserComment": "PLANTED-USER-COMMENT",
    "XMP:Creator": "PLANTED-XMP",
    "XMP:Location": "PLANTED-LOCATION",
}
_JPEG_TAGS = {"Comment": "PLANTED-COMMENT", "IPTC:City": "PLANTED-CITY"}


def scene(width: int = 64, height: int = 48) -> Image.Image:
    """A red picture with a blue top left quarter, so that one sees which way up it is."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((20, 20, 200), (0, 0, width // 2, height // 2))
    return picture


def photo(form: str = "JPEG", picture: Image.Image | None = None, **options: object) -> bytes:
    """A photo without anything hidden in it."""
    out = BytesIO()
    (picture or scene()).save(out, form, **options)
    return out.getvalue()


def dirty_photo(form: str, folder: Path) -> bytes:
    """A photo with a place, a serial number, a preview, comments and more behind its end."""
    path = folder / f"dirty.{form.lower()}"
    path.write_bytes(photo(form))
    tags = _TAGS | (_JPEG_TAGS if form == "JPEG" else {"PNG:Comment": "PLANTED-COMMENT"})
    if form == "WEBP":
        tags = _TAGS
    preview = folder / "preview.jpg"
    preview.write_bytes(photo(comment=b"PLANTED-IN-PREVIEW"))
    _exiftool(
        *(f"-{name}={value}" for name, value in tags.items()), f"-ThumbnailImage<={preview}", path
    )
    return path.read_bytes() + b"PLANTED-BEHIND-THE-END"


def film(folder: Path, *options: str, name: str = "film.mp4", size: str = "64x48") -> bytes:
    """Two seconds of moving picture and sound; ``options`` are for the output."""
    path = folder / name
    picture, sound = f"testsrc=d=2:s={size}:r=10", "sine=d=2"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *options, path)
    return path.read_bytes()


def dirty_film(folder: Path) -> bytes:
    """A video with a place, chapters, subtitles, a cover, a time code and names of all kinds."""
    (folder / "clean.mp4").write_bytes(film(folder))
    (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nPLANTED-SUBTITLE\n")
    (folder / "cover.png").write_bytes(photo("PNG"))
    (folder / "tags.txt").write_text(
        f";FFMETADATA1\ntitle=PLANTED-TITLE\nlocation=+{LATITUDE}-000.9781/\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=PLANTED-CHAPTER\n"
    )
    path = folder / "dirty.mov"
    unit = "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+PLANTED-UNIT"
    ffmpeg(
        *("-i", folder / "clean.mp4", "-i", folder / "words.srt"),
        *("-i", folder / "tags.txt", "-i", folder / "cover.png"),
        *("-map", "0:v", "-map", "0:a", "-map", "1", "-map", "3"),
        *("-map_metadata", "2", "-map_chapters", "2", "-metadata", "comment=PLANTED-COMMENT"),
        *("-c:v:0", "libx264", "-bsf:v:0", unit, "-c:a", "aac", "-c:s", "mov_text"),
        *("-c:v:1", "png", "-disposition:v:1", "attached_pic", "-timecode", "01:02:03:04"),
        *("-metadata:s:v:0", "handler_name=PLANTED-HANDLER"),
        *("-metadata:s:a:0", "title=PLANTED-TRACK", path),
    )
    place = f"{LATITUDE}, {LONGITUDE}, 42"
    _exiftool(
        *(f"-Keys:GPSCoordinates={place}", f"-UserData:GPSCoordinates={place}"),
        *("-Keys:Make=PLANTED-MAKE", "-UserData:SerialNumber=PLANTED-SERIAL"),
        *("-XMP:Creator=PLANTED-XMP", path),
    )
    return path.read_bytes() + b"PLANTED-BEHIND-THE-END"


def ffmpeg(*words: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True)  # noqa: S607  # whichever is here


def streams(video: bytes, folder: Path) -> list[tuple[str, int | None, int | None]]:
    """Kind, width and height of each stream, as ffprobe sees it."""
    path = folder / "looked-at.mp4"
    path.write_bytes(video)
    answer = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_chapters", "-of", "json", path],  # noqa: S607  # whichever is here
        capture_output=True,
        check=True,
    )
    found = json.loads(answer.stdout)
    assert found["chapters"] == []
    return [
        (each["codec_type"], each.get("width"), each.get("height")) for each in found["streams"]
    ]


def groups(data: bytes) -> dict[str, object]:
    """Everything exiftool finds in a file, as {"Group:Tag": value}, but for what every file has."""
    answer = subprocess.run(
        ["exiftool", "-json", "-a", "-G1", "-ee", "-"],  # noqa: S607  # whichever is here
        input=data,
        capture_output=True,
        check=True,
    )
    found: dict[str, object] = json.loads(answer.stdout)[0]
    return {name: value for name, value in found.items() if ":" in name}


def planted(data: bytes) -> list[bytes]:
    """Whatever of what was planted lies in these bytes, in ASCII or either UTF-16."""
    return [
        spelt
        for words in ("PLANTED", LATITUDE, "0.9781", "2026:01:02")
        for spelt in (words.encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
        if spelt in data
    ]


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of one bit a pixel with these chunks between its head and its end."""
    head = width.to_bytes(4) + height.to_bytes(4) + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + _chunks([(b"IHDR", head), *chunks, (b"IEND", b"")])


def _chunks(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)
        for name, body in chunks
    )


def _exiftool(*words: object) -> None:
    subprocess.run(["exiftool", "-q", "-m", "-overwrite_original", *map(str, words)], check=True)  # noqa: S607  # whichever is here
