"""Around every page: the names it answers to, the security headers, the words of a failure."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web import words
from web.pages import Pages
from web.site import Site

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(self), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(?::[0-9]{1,5})?")


class Guard:
    """Adds the headers to every response; a bug becomes a page with a reference number.

    Pages are shown under the public name, on this machine, and at the address that was called:
    a site that turns its own name to our address (DNS rebinding) must not read them. ``/metrics``
    has a rule of its own.

    Plain ASGI, because Starlette's own handler for bugs raises them again after answering.
    """

    def __init__(self, app: ASGIApp, site: Site, pages: Pages) -> None:
        self._app = app
        self._site = site
        self._pages = pages
        self._names = LOOPBACK | {_public_host(site.public_url)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in (*HEADERS.items(), ("cache-control", "no-store")):
                    headers.setdefault(name, value)
            await send(message)

        try:
            if not self._is_ours(scope):
                hint = words.address_hint(self._site.public_url)
                page = self._pages.problem(Request(scope), 421, words.MISDIRECTED, hint)
                await page(scope, receive, guarded)
                return
            await self._app(scope, receive, guarded)
        except ClientDisconnect:
            return
        except Exception as failure:  # the boundary: everything else is a bug
            reference = self._site.failed(failure)
            if started:
                return
            page = self._pages.problem(
                Request(scope), 500, words.FAILED, words.failed_hint(reference)
            )
            await page(scope, receive, guarded)

    def _is_ours(self, scope: Scope) -> bool:
        called, _port = scope.get("server") or ("", None)
        names = self._names | {f"[{called}]" if ":" in called else called}
        return scope["path"] == "/metrics" or host_of(Request(scope)) in names


def host_of(request: Request) -> str | None:
    """The name by which a client calls us, without the port; None where it is none."""
    given = _HOST.fullmatch(request.headers.get("host", "").lower())
    return given[1] if given else None


def _public_host(url: str) -> str:
    """As a client writes it in the Host header."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host.encode("idna").decode()
