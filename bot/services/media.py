"""Photos and videos made clean: decoded apart from everything else, drawn anew without traces.

What cannot be made clean is not sent, and the resident is told why. Threat model, section 3.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

from bot.errors import UnusableMedia
from bot.model import Media, Original
from bot.security import confinement, ffmpeg
from bot.security.confinement import End, Limits
from bot.security.ffmpeg import Film, Programs
from bot.security.media_child import PIXELS
from bot.security.sniffing import Kind, sniff
from bot.text import _

MOST_BYTES = 20_000_000
MOST_CLEAN_BYTES = 15_000_000  # one e-mail carries no more
MOST_SECONDS = 600
MOST_WAITING = 8

PHOTO = Limits(memory=2**30, output=MOST_CLEAN_BYTES, cpu=30, clock=60)
VIDEO = Limits(memory=2**31, output=MOST_CLEAN_BYTES, cpu=600, clock=300)
LOOK = Limits(memory=2**30, output=100_000, cpu=20, clock=60)

NO_SOUND = "The sound was taken out. It is kept only where the resident asks for that."

# Translators: Said when a file that someone sent with a concern has nothing in it.
_EMPTY = _("That file is empty. It was not added. Please try another.")
# Translators: Said when someone sends a file with a concern that is larger than we take.
# {megabytes} is a number, such as 20.
_TOO_BIG = _(
    "That file is larger than {megabytes} MB. It was not added. Please send a smaller one.",
    megabytes=MOST_BYTES // 1_000_000,
)
# Translators: Said when someone sends a document, a sound or the like with a concern.
_NOT_TAKEN = _(
    "I cannot take this kind of file. It was not added. I take photos (JPEG, PNG or WebP) and "
    "videos (MP4, MOV, WebM or 3GP)."
)
# Translators: HEIC is a kind of photo that iPhones make.
_NO_HEIC = _(
    "I cannot open HEIC photos. It was not added. Please send the photo in the normal way, not as "
    "a file, or save it as JPEG first."
)
# Translators: Said when someone sends a photo or a video, and this computer cannot check it.
_NO_PHOTOS = _("I cannot take photos or videos here. It was not added. Please tell it in words.")
# Translators: Said when someone sends a video with a concern, and only photos can be taken.
_NO_VIDEOS = _("I cannot take videos here. It was not added. You can send a photo.")
# Translators: {megapixels} is the most a photo may have, such as 40.
_TOO_LARGE = _(
    "That file holds too much. It was not added. Please send a smaller copy: a photo of at most "
    "{megapixels} megapixels, or a shorter video.",
    megapixels=PIXELS // 1_000_000,
)
# Translators: {minutes} is the most a video may last, such as 10.
_TOO_LONG = _(
    "That video is longer than {minutes} minutes. It was not added. Please send a shorter part.",
    minutes=MOST_SECONDS // 60,
)
# Translators: Said when a photo or a video cannot be opened.
_BROKEN = _(
    "I could not open that file. It was not added. It may be damaged, or of a kind I do not know."
)
# Translators: Said when it takes too long to take hidden details out of a photo or a video.
_TOO_SLOW = _(
    "I could not clean that file in time. It was not added. Please send a smaller or shorter one."
)
# Translators: Said when many people send photos or videos at the same time.
_BUSY = _("I am busy with other files. It was not added. Please send it again in a few minutes.")


@dataclass(frozen=True, slots=True)
class Tools:
    """What this machine can clean: photos at all, HEIC with an extra, videos with ffmpeg."""

    photos: bool
    heic: bool
    videos: Programs | None

    @classmethod
    def found(cls) -> "Tools":
        """What is installed here."""
        return cls(confinement.possible(), find_spec("pi_heif") is not None, ffmpeg.find())


@dataclass(frozen=True, slots=True)
class _Made:
    """A clean file, what made it, and what the team should know of it."""

    data: bytes
    tools: tuple[str, ...]
    note: str = ""


class Cleaner:
    """Makes photos and videos clean, one of each at a time."""

    def __init__(
        self, tools: Tools | None = None, *, photo: Limits = PHOTO, video: Limits = VIDEO
    ) -> None:
        self._tools = tools or Tools.found()
        self._photo_limits, self._video_limits = photo, video
        self._one_photo, self._one_video = asyncio.Semaphore(1), asyncio.Semaphore(1)
        self._waiting = 0

    async def clean(
        self,
        data: bytes,
        *,
        as_file: bool,
        keep_sound: bool = False,
        number: int = 1,
        channel: str = "",
    ) -> Media:
        """A new file that holds the picture and nothing else, but for the sound if it is kept.

        ``as_file`` says that the bytes are as their maker left them. They are then kept beside as
        the original, which came by ``channel``; take it out unless the resident chose to send it.
        ``number`` goes into the new name. Raises UnusableMedia, and nothing may then be sent.
        """
        kind = self._kind(data)
        if kind.is_video:
            async with self._turn(self._one_video):
                made = await self._video(kind, data, keep_sound=keep_sound)
            name, media_type = f"video-{number}.mp4", "video/mp4"
        else:
            async with self._turn(self._one_photo):
                made = await self._photo(kind, data)
            name, media_type = f"photo-{number}.jpg", "image/jpeg"
        original = Original(_digest(data), kind.media_type, data, channel, made.tools)
        return Media(name, media_type, made.data, made.note, original if as_file else None)

    async def lacks(self) -> str | None:
        """What an operator should know of this machine, and the mend; None if all is well."""
        if not self._tools.photos:
            return "photos and videos are refused: they are cleaned in memory, which needs Linux"
        remarks = []
        if self._tools.videos is None:
            remarks.append("videos are refused: install ffmpeg")
        if not self._tools.heic:
            remarks.append("HEIC photos are refused: install the extra [media]")
        if (await confinement.run("alone", limits=LOOK)).end is not End.DONE:
            remarks.append(
                "what decodes them is not cut off from the network, because this system lets no "
                "process give it up (docs/media.md)"
            )
        return "; ".join(remarks) or None

    def _kind(self, data: bytes) -> Kind:
        """The kind of a file that can be cleaned here. Raises UnusableMedia for any other."""
        kind = sniff(data)
        if len(data) > MOST_BYTES:
            raise UnusableMedia(_TOO_BIG)
        if kind is None:
            raise UnusableMedia(_NOT_TAKEN if data else _EMPTY)
        if not self._tools.photos:
            raise UnusableMedia(_NO_PHOTOS)
        if kind.decoder == "HEIF" and not self._tools.heic:
            raise UnusableMedia(_NO_HEIC)
        return kind

    @asynccontextmanager
    async def _turn(self, one: asyncio.Semaphore) -> AsyncIterator[None]:
        """Wait until it is this file's turn. Raises UnusableMedia when too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise UnusableMedia(_BUSY)
        self._waiting += 1
        try:
            async with one:
                yield
        finally:
            self._waiting -= 1

    async def _photo(self, kind: Kind, data: bytes) -> _Made:
        made = await _run("photo", kind.decoder, data=data, limits=self._photo_limits)
        libraries = ("pillow", "pi_heif") if kind.decoder == "HEIF" else ("pillow",)
        return _Made(made, tuple(f"{name} {version(name)}" for name in libraries))

    async def _video(self, kind: Kind, data: bytes, *, keep_sound: bool) -> _Made:
        programs = self._tools.videos
        if programs is None:
            raise UnusableMedia(_NO_VIDEOS)
        before = await _film(programs, kind.decoder, data)
        command = ffmpeg.redraw(
            programs,
            kind.decoder,
            seconds=before.seconds,
            most=MOST_SECONDS + 1,
            room=MOST_CLEAN_BYTES,
            sound=keep_sound,
        )
        made = await _run("run", *command, data=data, limits=self._video_limits)
        _compare(before, await _film(programs, "mov", made), keep_sound=keep_sound)
        asked = await _run("run", *ffmpeg.ask_version(programs), limits=LOOK)
        note = NO_SOUND if "audio" in before.streams and not keep_sound else ""
        return _Made(made, (ffmpeg.version(asked),), note)


def manifest(media: Iterable[Media]) -> bytes | None:
    """What vouches for the originals among these, as JSON; None where there is none.

    It holds nothing of the sender's: no time, and no name that a file had before.
    """
    files = [
        {
            "received": {
                "sha256": each.original.sha256,
                "bytes": len(each.original.data),
                "media_type": each.original.media_type,
                "channel": each.original.channel,
            },
            "cleaned": {
                "name": each.name,
                "sha256": _digest(each.data),
                "bytes": len(each.data),
                "media_type": each.media_type,
                "tools": list(each.original.tools),
            },
        }
        for each in media
        if each.original is not None
    ]
    return json.dumps({"files": files}, indent=2).encode() if files else None


async def _film(programs: Programs, demuxer: str, data: bytes) -> Film:
    """What a video holds. Raises UnusableMedia for what is none, and for one that is too long."""
    answer = await _run("run", *ffmpeg.look(programs, demuxer), data=data, limits=LOOK)
    film = ffmpeg.read(answer)
    if "video" not in film.streams:
        raise UnusableMedia(_NOT_TAKEN)
    if film.seconds is not None and film.seconds > MOST_SECONDS + 0.5:
        raise UnusableMedia(_TOO_LONG)
    return film


def _compare(before: Film, after: Film, *, keep_sound: bool) -> None:
    """Raises UnusableMedia for a result with a stream too many, or with half of it missing."""
    wanted = {"video", "audio"} if keep_sound else {"video"}
    half_missing = (after.seconds or 0) < (before.seconds or 0) / 2
    if half_missing or not wanted.issuperset(after.streams):
        raise UnusableMedia(_BROKEN)


async def _run(*task: str, data: bytes = b"", limits: Limits) -> bytes:
    result = await confinement.run(*task, data=data, limits=limits)
    match result.end:
        case End.DONE:
            return result.output
        case End.TOO_LARGE:
            raise UnusableMedia(_TOO_LARGE)
        case End.OVERRAN:
            raise UnusableMedia(_TOO_SLOW)
        case End.FAILED:
            raise UnusableMedia(_BROKEN)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
