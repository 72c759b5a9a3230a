"""What a file is, told from its first bytes alone: its name and declared type are never asked."""

import re
from dataclasses import dataclass

import filetype

HEAD_BYTES = 4096

_FILM = r"isom|iso[2-9]|mp4[12]|avc1|mmp4|dash|MSNV|M4V |XAVC"
_MEDIA_TYPES = (
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"RIFF.{4}WEBPVP8[ LX]", "image/webp"),
    (rb".{4}ftyp(heic|heix|mif1|msf1)", "image/heic"),
    (rb".{4}ftyp(%b)" % _FILM.encode(), "video/mp4"),
    (rb".{4}ftypqt  ", "video/quicktime"),
    (rb".{4}ftyp3g[2egprs][0-9a-z]", "video/3gpp"),
    (rb"\x1a\x45\xdf\xa3.{0,60}\x42\x82\x84webm", "video/webm"),
)
# The one decoder of Pillow's, or demuxer of ffmpeg's, that may open each media type.
_DECODERS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/apng": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "video/mp4": "mov",
    "video/x-m4v": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/webm": "matroska",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of photo or video that is taken; ``decoder`` is Pillow's or ffmpeg's name for it."""

    media_type: str
    decoder: str

    @property
    def is_video(self) -> bool:
        return self.media_type.startswith("video/")


def sniff(data: bytes) -> Kind | None:
    """The kind of a file; None for one that is not taken, or on which the two sniffers differ.

    One sniffer is the table above, the other the library's. They may call one container by
    different names: what they must agree on is the decoder that opens it.
    """
    head = data[:HEAD_BYTES]
    ours = next((name for magic, name in _MEDIA_TYPES if re.match(magic, head, re.DOTALL)), "")
    decoder = _DECODERS.get(ours)
    if decoder is None or decoder != _DECODERS.get(filetype.guess_mime(head) or ""):
        return None
    return Kind(ours, decoder)
