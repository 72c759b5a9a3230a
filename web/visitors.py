"""Who is asking: the session cookie, the chat's address, and the proof that a form is ours."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.conversation import Address

COOKIE_DAYS = 400
VISITOR_TOKEN_HOURS = 6
_CHANCE = re.compile(r"[A-Za-z0-9_-]{43}")


class Visitors:
    """Sessions and form tokens, all derived from one key; nothing is kept.

    A session is 256 random bits in a cookie and the proof that they are ours, so that nobody
    makes chats by making up cookies. The address of its chat is a keyed digest, so that what is
    stored never gives the cookie back.
    """

    def __init__(self, key: bytes, public_url: str) -> None:
        self._key = key
        self._origin = _origin(public_url)
        self._https = public_url.startswith("https://")
        # A plain name on http://localhost, or browsers drop the cookie.
        self._cookie = "__Host-beatline" if self._https else "beatline"

    def session(self, request: Request) -> str | None:
        """The session of a request, None for a visitor who has not done anything yet."""
        session = request.cookies.get(self._cookie, "")
        chance, _dot, proof = session.partition(".")
        ours = _CHANCE.fullmatch(chance) and _same(proof, self._digest("session", chance))
        return session if ours else None

    def begin(self) -> str:
        """A new session's id."""
        chance = secrets.token_urlsafe(32)
        return f"{chance}.{self._digest('session', chance)}"

    def remember(self, response: Response, session: str) -> None:
        response.set_cookie(
            self._cookie,
            session,
            max_age=COOKIE_DAYS * 24 * 3600,
            secure=self._https,
            httponly=True,
            samesite="lax",
        )

    def address(self, session: str) -> Address:
        return Address("web", self._digest("address", session))

    def token(self, session: str | None, now: datetime) -> str:
        """What a form must carry: bound to the session, or to the hour for a visitor without."""
        return self._digest("form", session) if session else self._visitor_token(now, ago=0)

    def token_holds(self, token: str, session: str | None, now: datetime) -> bool:
        """Whether a form's token is ours; a visitor's lasts for 6 to 12 hours."""
        if session:
            return _same(token, self._digest("form", session))
        return any([_same(token, self._visitor_token(now, ago)) for ago in (0, 1)])

    def name_of(self, turn: str, said: object) -> str:
        """What a form is known by when it comes twice: the same page and the same content."""
        return self._digest("update", f"{turn}:{said!r}")

    def from_elsewhere(self, request: Request) -> bool:
        """Whether the browser says that another site sent this request.

        Under ``no-referrer`` browsers send ``Origin: null`` with our own forms, so that proves
        nothing either way; the token decides.
        """
        if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return True
        origin = request.headers.get("origin", "null")
        return origin not in {"null", self._origin} and (
            urlsplit(origin).netloc != request.headers.get("host")
        )

    def _visitor_token(self, now: datetime, ago: int) -> str:
        period = int(now.timestamp()) // (VISITOR_TOKEN_HOURS * 3600) - ago
        return self._digest("visitor", str(period))

    def _digest(self, purpose: str, value: str) -> str:
        digest = hmac.digest(self._key, f"{purpose}:{value}".encode(), sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
