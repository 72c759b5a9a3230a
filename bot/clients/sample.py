"""The safe way out of a demo, which leads nowhere: it answers from the files of data/sample."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zlib import crc32

from bot.ports import Clock, Response

HOST = "https://sample.invalid"
POLICE = f"{HOST}/api"

_NAMES = {"priorities": "priorities-*.json", "events": "events-*.json", "people": "people-*.json"}
# A day counted from Monday of this week, so that samples stay as fresh as they are now.
_DAY = re.compile(r"@([+-]\d+)d(?: (\d\d):(\d\d))?( rfc822)?@")


class SampleFetch:
    """The Fetch port over a folder.

    What the police API has of a neighbourhood is taken from one of several files, by its id.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        limit: int = 2_000_000,
        seconds: float = 10,
        inside: bool = False,
    ) -> Response:
        """The file that an address stands for, with its days made current; else 404."""
        path = self._file(urlsplit(url).path)
        if path is None or not path.is_file():
            return Response(404, {}, b"", url)
        words = _DAY.sub(self._day, path.read_text(encoding="utf-8"))
        return Response(200, {}, words.encode(), url)

    def _file(self, address: str) -> Path | None:
        match [unquote(part) for part in address.strip("/").split("/")]:
            case ["api", _force, area, what] if what in _NAMES:
                files = sorted(self._folder.glob(_NAMES[what]))
                return files[crc32(area.encode()) % len(files)] if files else None
            case ["api", _force, _area]:
                return self._folder / "neighbourhood.json"
            case [name]:
                return self._folder / Path(name).name
        return None

    def _day(self, found: re.Match[str]) -> str:
        today = self._clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        monday = today - timedelta(days=today.weekday())
        days, hour, minute, mail = found.groups()
        at = monday + timedelta(days=int(days), hours=int(hour or 0), minutes=int(minute or 0))
        return format_datetime(at) if mail else _plain(at)


def _plain(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
