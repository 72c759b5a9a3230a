"""The Bot API over aiohttp, and what its failures mean for a delivery."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any

import aiohttp
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)
from telegram.request import BaseRequest, RequestData

from bot.errors import DeliveryError, InDoubt, Rejected, TryLater, Unreachable

CONNECT_SECONDS = 10.0
READ_SECONDS = 15.0
CONNECTIONS = 256
REFUSED_TOKEN_PAUSE = 60.0
SERVER_ERROR_PAUSE = 1.0


class NotWritten(NetworkError):
    """No connection could be made: nothing reached the server."""


class Unanswered(NetworkError):
    """The request was written and no answer came: it may have been carried out."""


class Flooded(TelegramError):
    """The flood limit; ``after`` is how many seconds the whole token must wait.

    Ours, because making the library's ``RetryAfter`` warns of its own deprecation.
    """

    def __init__(self, after: float) -> None:
        super().__init__("flood limit")
        self.after = after


@dataclass(frozen=True, slots=True)
class Parameters:
    """The plain parameters of a call, in the shape of the library's ``RequestData``.

    Only the library makes those; this has the documented attributes that a request is read by.
    """

    parameters: dict[str, Any]
    contains_files: bool = False


class AiohttpRequest(BaseRequest):
    """The library's way to the network, by aiohttp: its own client slows down under load.

    The connection pool opens with the first request and is closed by ``shutdown``. No error
    raised here carries an address, because the address holds the token.
    """

    def __init__(self, *, read_seconds: float = READ_SECONDS) -> None:
        self._read_seconds = read_seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_seconds

    async def initialize(self) -> None:
        """Nothing to do: the pool opens with the first request."""

    async def shutdown(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; only ``read_timeout`` (seconds) can be set for a single call.

        Raises NotWritten, Unanswered, Flooded.
        """
        read = read_timeout if isinstance(read_timeout, int | float) else self._read_seconds
        timeout = aiohttp.ClientTimeout(connect=CONNECT_SECONDS, sock_read=read, total=3 * read)
        try:
            async with self._open().request(
                method, url, timeout=timeout, allow_redirects=False, **_body(request_data)
            ) as response:
                payload = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotWritten(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unanswered(type(error).__name__) from None
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Flooded(_retry_after(payload))
        return response.status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer; the library's own reader would log a broken one, words and all."""
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or not answer.keys() & {"result", "description"}:
            raise TelegramError("not an answer of the Bot API")
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {"json": data.parameters}
    form = aiohttp.FormData(data.json_parameters)
    for field, (name, content, kind) in data.multipart_data.items():
        # As a stream: aiohttp warns of large bytes, which it would write in one go.
        stream = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(field, stream, filename=name, content_type=kind)
    return {"data": form}


def _retry_after(payload: bytes) -> float:
    """The pause asked for; a short one where the answer, perhaps of a proxy, names none."""
    try:
        seconds = float(json.loads(payload)["parameters"]["retry_after"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return SERVER_ERROR_PAUSE
    return seconds if 0 <= seconds < float("inf") else SERVER_ERROR_PAUSE


def delivery_error(error: TelegramError) -> DeliveryError:
    """What a failed call means for the message it should have delivered."""
    match error:
        case Flooded():
            return TryLater("flood limit", after=error.after, everyone=True)
        case InvalidToken():
            return TryLater("the token is refused", after=REFUSED_TOKEN_PAUSE, everyone=True)
        case Forbidden() | ChatMigrated():
            return Unreachable(error.message)
        case BadRequest() if error.message.lower() == "chat not found":
            return Unreachable(error.message)
        case BadRequest():
            return Rejected(error.message)
        case Unanswered():
            return InDoubt("no answer")
        case NetworkError():
            return TryLater("server error or no connection", after=SERVER_ERROR_PAUSE)
        case _:
            return InDoubt("an answer that cannot be read")
