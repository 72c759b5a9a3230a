"""The one safe way out: every outside request of feeds and clients goes through here."""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import httpx

from bot.errors import FeedError, Refused
from bot.ports import Response

MAX_REDIRECTS = 3
USER_AGENT = "Beatline (neighbourhood policing bot)"
RATE = 8.0
"""Requests a second to one host. data.police.uk allows 15, and others share our address."""

AT_ONCE = 64
"""Requests under way at one time. A host that keeps us waiting holds one, for its time at most."""

_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK = 65_536
_PLAIN = {"", "identity"}
_PACKED = {"gzip", "x-gzip", "deflate"}
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Ways of writing an IPv4 address, or reaching one, that could lead back inside: NAT64, 6to4 and
# its relays, Teredo, site-local. `is_global` of some Python versions calls them global.
_DETOURS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "::/96",
        "192.88.99.0/24",
    )
)  # fmt: skip  # one line reads best
_PRIVATE = tuple(  # RFC 1918 and 4193; `is_private` counts documentation and test networks, too
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Turns a host name and a port into addresses. Raises OSError when there are none."""


class SafeFetch:
    """The Fetch port. A host in ``allow`` (``host`` or ``host:port``) may be private or plain HTTP.

    ``rate`` is how many requests a second may begin at one host, whoever asks for them.
    """

    def __init__(
        self,
        allow: Iterable[str] = (),
        *,
        rate: float = RATE,
        resolve: Resolve | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = frozenset(name.lower() for name in allow)
        self._gap = 1 / rate
        self._free: dict[str, float] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._resolve = resolve or _Resolver()
        # A transport knows no cookies, redirects or proxies. A connection kept for another request
        # could serve a second name at the same address, whose certificate it never saw.
        self._transport = httpx.AsyncHTTPTransport(
            verify=trust or httpx.create_ssl_context(trust_env=False),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

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
        here = _parsed(url)
        ask = _Ask(form, json, limit, inside)
        left = seconds  # for all redirects together, but for waiting one's turn
        loop = asyncio.get_running_loop()
        for _ in range(MAX_REDIRECTS + 1):
            await self._wait_turn(here.host)
            async with self._slots:
                start = loop.time()
                response = await self._ask(here, dict(headers or {}), ask, left)
                left -= loop.time() - start
            if response.status not in _REDIRECTS or "location" not in response.headers or ask.posts:
                return response
            there = _parsed(response.headers["location"], within=here)
            if there.host != here.host:
                headers = {}
            here = there
        raise Refused(f"{here.host} redirected more than {MAX_REDIRECTS} times")

    async def _ask(
        self,
        here: httpx.URL,
        headers: Mapping[str, str],
        ask: "_Ask",
        seconds: float,
    ) -> Response:
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(here, headers, ask)
        except TimeoutError:
            raise FeedError(f"{here.host} took longer than {seconds:.2g} seconds") from None
        except (httpx.HTTPError, OSError, UnicodeError, zlib.error) as error:
            # The words of the error may hold the whole address, and an address may hold a postcode.
            raise FeedError(f"{here.host} could not be read ({type(error).__name__})") from None

    async def _exchange(self, url: httpx.URL, headers: Mapping[str, str], ask: "_Ask") -> Response:
        # Connect to the very address that was checked: asking the name again could give another.
        # The certificate is still checked against the name.
        address = await self._checked_address(url, inside=ask.inside)
        request = httpx.Request(
            "POST" if ask.posts else "GET",
            url.copy_with(host=address),
            headers={
                **headers,
                "Host": url.netloc.decode("ascii"),
                "User-Agent": USER_AGENT,
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
            data=ask.form,
            json=ask.json,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        response = await self._transport.handle_async_request(request)
        try:
            redirected = response.status_code in _REDIRECTS
            body = b"" if redirected else await _body(url.host, response, ask.limit)
        finally:
            await response.aclose()
        return Response(response.status_code, dict(response.headers), body, str(url))

    async def _checked_address(self, url: httpx.URL, *, inside: bool) -> str:
        port = url.port or _DEFAULT_PORTS[url.scheme]
        allowed = url.host in self._allow or f"{url.host}:{port}" in self._allow
        if url.scheme != "https" and not allowed:
            raise Refused(f"{url.host} is not HTTPS; name it in OUTBOUND_ALLOW if that is right")
        addresses = await self._resolve(url.host, port)
        if not addresses:
            raise FeedError(f"{url.host} has no address")
        if not allowed and not all(_is_public(address) for address in addresses):
            raise Refused(f"{url.host} is not on the public internet; see OUTBOUND_ALLOW")
        if inside and not all(_is_inside(address) for address in addresses):
            raise Refused(f"{url.host} is neither this machine nor on a private network")
        return addresses[0]

    async def _wait_turn(self, host: str) -> None:
        now = asyncio.get_running_loop().time()
        turn = max(now, self._free.get(host, now))
        self._free[host] = turn + self._gap
        await asyncio.sleep(turn - now)


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked for, of every address that a redirect may lead to."""

    form: Mapping[str, str] | None
    json: object
    limit: int
    inside: bool

    @property
    def posts(self) -> bool:
        return self.form is not None or self.json is not None


def _parsed(url: str, within: httpx.URL | None = None) -> httpx.URL:
    try:
        parsed = within.join(url) if within else httpx.URL(url)
    except httpx.InvalidURL:
        raise Refused("an address could not be read") from None
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host:
        raise Refused("an address does not begin with https://")
    if parsed.userinfo:
        raise Refused(f"the address of {parsed.host} holds a password")
    return parsed


class _Resolver:
    """The system's, in threads of its own: a name that hangs must not hold up other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        if _is_address(host):
            return [host]
        look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        return [str(address[0]) for *_, address in found]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (
        parsed.is_global
        and not parsed.is_multicast
        and not parsed.is_reserved
        and getattr(parsed, "ipv4_mapped", None) is None
        and not any(parsed in network for network in _DETOURS if network.version == parsed.version)
    )


def _is_inside(address: str) -> bool:
    """Whether an address is of this machine or a private network, not merely not public."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_loopback or any(
        parsed in net for net in _PRIVATE if net.version == parsed.version
    )


async def _body(host: str, response: httpx.Response, limit: int) -> bytes:
    """The body, inflated by us: a cap after the client has inflated it would come too late."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in _PLAIN | _PACKED:
        raise Refused(f"{host} packed its answer in a way that is not read")
    inflate = zlib.decompressobj(wbits=_ZLIB_OR_GZIP) if encoding in _PACKED else None
    body = bytearray()
    received = 0
    async for chunk in response.aiter_raw(_CHUNK):
        received += len(chunk)
        body += inflate.decompress(chunk, limit + 1 - len(body)) if inflate else chunk
        if max(received, len(body)) > limit:
            raise Refused(f"the answer of {host} is larger than {limit} bytes")
    if inflate and received and not inflate.eof:  # a 304 may name a packing, and has no body
        raise FeedError(f"the answer of {host} breaks off")
    return bytes(body)
