"""What ffmpeg and ffprobe are told so that they open one container only, and copy nothing else.

https://ffmpeg.org/ffmpeg.html and https://ffmpeg.org/ffmpeg-formats.html explain the options.
"""

import json
import shutil
from dataclasses import dataclass

from bot.security.confinement import INPUT, OUTPUT

LONGEST_SIDE = 1280
MOST_BITS_A_SECOND = 4_000_000
SOUND_BITS_A_SECOND = 96_000
GUESSED_SECONDS = 120.0  # where a video does not tell its length

# What phones, browsers and messengers write; ffmpeg knows several hundred more. Covers and
# subtitles are not copied, but a file is not opened at all when a codec in it is not named here.
_CODECS = ",".join(
    (
        *("h264", "hevc", "libdav1d", "vp8", "vp9", "mpeg4", "h263", "mjpeg", "png"),
        *("aac", "mp3float", "opus", "vorbis", "amrnb", "amrwb", "pcm_s16le", "pcm_s16be"),
        *("mov_text", "webvtt"),
    )
)
_QUIET = ("-hide_banner", "-loglevel", "quiet")
_THREADS = ("-threads", "2")  # each takes memory, and there would be as many as processors
_SIZE = (
    f"scale='min({LONGEST_SIDE},iw)':'min({LONGEST_SIDE},ih)'"
    ":force_original_aspect_ratio=decrease:force_divisible_by=2"
)
_NO_HINTS = "filter_units=remove_types=6"  # unit 6 of H.264 tells how, and by what, it was made


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the two programs are."""

    ffmpeg: str
    ffprobe: str


@dataclass(frozen=True, slots=True)
class Film:
    """What a video holds: kinds of streams in order; ``seconds`` is None where it does not tell."""

    streams: tuple[str, ...]
    seconds: float | None


def find() -> Programs | None:
    """The programs on this machine; both come with the package ffmpeg."""
    ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
    return Programs(ffmpeg, ffprobe) if ffmpeg and ffprobe else None


def ask_version(programs: Programs) -> tuple[str, ...]:
    """The command that tells which version this is; ``version`` understands the answer."""
    return programs.ffmpeg, "-version"


def version(answer: bytes) -> str:
    """Name and version, such as "ffmpeg 7.1", of an answer that begins "ffmpeg version 7.1 "."""
    name, _, number = answer.decode(errors="replace").split()[:3]
    return f"{name} {number}"


def look(programs: Programs, demuxer: str) -> tuple[str, ...]:
    """The command that tells what a video holds; ``read`` understands the answer."""
    wanted = "format=duration:stream=codec_type"
    return (
        *(programs.ffprobe, *_QUIET, *_fence(demuxer)),
        *("-show_entries", wanted, "-of", "json", INPUT),
    )


def read(answer: bytes) -> Film:
    """What ``look`` found out. Raises ValueError for an answer that is none."""
    found = json.loads(answer)
    seconds = found.get("format", {}).get("duration")
    return Film(
        tuple(stream.get("codec_type", "other") for stream in found.get("streams", [])),
        None if seconds is None else float(seconds),
    )


def redraw(
    programs: Programs, demuxer: str, *, seconds: float | None, most: int, room: int, sound: bool
) -> tuple[str, ...]:
    """The command that makes a new MP4 of the first picture stream and, if wanted, its sound.

    ``seconds`` is how long the video says it is, ``most`` how many of them are read at most, and
    ``room`` how many bytes the result should fit into.
    """
    rate = _rate(seconds or GUESSED_SECONDS, room)
    return (
        *(programs.ffmpeg, "-nostdin", *_QUIET, "-xerror", "-filter_threads", "2"),
        *(*_fence(demuxer), *_THREADS, "-t", str(most), "-i", INPUT, *_THREADS),
        *("-map", "0:V:0", *(("-map", "0:a:0?") if sound else ())),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
        *("-vf", _SIZE, "-fpsmax", "30", "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-a53cc", "0"),
        *("-maxrate", str(rate), "-bufsize", str(rate), "-bsf:v", _NO_HINTS),
        *("-c:a", "aac", "-b:a", str(SOUND_BITS_A_SECOND)),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
        *("-movflags", "+faststart", "-f", "mp4", "-y", OUTPUT),
    )


def _fence(demuxer: str) -> tuple[str, ...]:
    return ("-protocol_whitelist", "file,pipe", "-codec_whitelist", _CODECS, "-f", demuxer)


def _rate(seconds: float, room: int) -> int:
    """Bits a second for the picture, with a tenth left for what else a file holds."""
    fits = room * 8 * 0.9 / max(seconds, 1.0) - SOUND_BITS_A_SECOND
    return int(min(fits, MOST_BITS_A_SECOND))
