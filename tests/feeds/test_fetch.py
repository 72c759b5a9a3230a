"""The safe way out reaches the public internet, what the operator named, and nothing else."""

import asyncio
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.errors import FeedError, Refused
from feeds.fetch import USER_AGENT, SafeFetch
from tests.feeds.loopback import Loopback, answer, serving


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as served:
        yield served


@pytest.fixture
def fetch(server: Loopback) -> SafeFetch:
    return SafeFetch(server.allow, rate=1000)


class Names:
    """The resolver at the edge: what each name leads to, and how often it was asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses


async def test_a_named_host_answers_and_reads_who_asks(server: Loopback, fetch: SafeFetch) -> None:
    server.answers["/news?x=1"] = answer(b"hello", ETag='"1"')
    response = await fetch(f"{server.url}/news?x=1", headers={"If-None-Match": '"0"'})
    assert (response.status, response.body, response.headers["etag"]) == (200, b"hello", '"1"')
    (asked,) = server.headers
    assert asked["user-agent"] == USER_AGENT
    assert asked["accept-encoding"] == "identity"
    assert asked["if-none-match"] == '"0"'
    assert asked["host"] == f"127.0.0.1:{server.port}"


async def test_an_error_status_is_an_answer_and_not_a_failure(
    server: Loopback, fetch: SafeFetch
) -> None:
    assert (await fetch(f"{server.url}/nothing")).status == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://name:word@example.org/",
        "file:///etc/passwd",
        "https:///nowhere",
        "https://exa mple.org:x/",
    ],
)
async def test_an_address_that_is_not_plain_https_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        await SafeFetch(resolve=Names("93.184.215.14"))(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  # looked up, not bound
        "224.0.0.1",
        "240.0.0.1",
        "192.88.99.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        "not an address",
    ],
)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="not on the public internet"):
        await SafeFetch(resolve=Names(address))("https://example.org/")


async def test_one_inside_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused):
        await SafeFetch(resolve=Names("93.184.215.14", "127.0.0.1"))("https://example.org/")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0x7f.1", "[::1]"])
async def test_every_spelling_of_this_machine_is_refused(server: Loopback, host: str) -> None:
    with pytest.raises(Refused):
        await SafeFetch()(f"https://{host}:{server.port}/")
    assert server.paths == []


async def test_naming_one_port_does_not_open_another(server: Loopback) -> None:
    async with serving() as other:
        with pytest.raises(Refused):
            await SafeFetch(server.allow)(f"{other.url}/")
    assert other.paths == []


async def test_the_address_that_was_checked_is_the_one_connected_to(server: Loopback) -> None:
    server.answers["/"] = answer(b"mirror")
    names = Names("127.0.0.1")
    fetch = SafeFetch([f"mirror.example:{server.port}"], resolve=names)
    response = await fetch(f"http://mirror.example:{server.port}/")
    assert response.body == b"mirror"
    assert names.asked == ["mirror.example"]
    assert server.headers[0]["host"] == f"mirror.example:{server.port}"


async def test_a_redirect_is_followed_within_what_is_allowed(
    server: Loopback, fetch: SafeFetch
) -> None:
    server.answers["/old"] = answer(status="301 Moved", location="/new")
    server.answers["/new"] = answer(b"here")
    assert (await fetch(f"{server.url}/old")).body == b"here"


async def test_a_redirect_to_this_machine_is_refused(server: Loopback, fetch: SafeFetch) -> None:
    async with serving() as inside:
        server.answers["/"] = answer(status="302 Found", location=f"{inside.url}/secrets")
        with pytest.raises(Refused):
            await fetch(f"{server.url}/")
    assert inside.paths == []


async def test_a_fourth_redirect_is_refused(server: Loopback, fetch: SafeFetch) -> None:
    server.answers["/"] = answer(status="302 Found", location="/")
    with pytest.raises(Refused, match="more than 3 times"):
        await fetch(f"{server.url}/")
    assert len(server.paths) == 4


async def test_headers_meant_for_one_host_are_not_shown_to_another() -> None:
    async with serving() as server:
        server.answers["/"] = answer(
            status="302 Found", location=f"http://other.example:{server.port}/there"
        )
        server.answers["/there"] = answer(b"ok")
        fetch = SafeFetch(["first.example", "other.example"], resolve=Names("127.0.0.1"))
        await fetch(f"http://first.example:{server.port}/", headers={"X-Key": "k"})
        assert ["x-key" in asked for asked in server.headers] == [True, False]


async def test_an_answer_packed_against_our_wish_is_inflated(
    server: Loopback, fetch: SafeFetch
) -> None:
    server.answers["/"] = answer(gzip.compress(b"news " * 1000), content_encoding="gzip")
    assert (await fetch(f"{server.url}/")).body == b"news " * 1000


async def test_an_unchanged_answer_may_name_a_packing_and_have_no_body(
    server: Loopback, fetch: SafeFetch
) -> None:
    server.answers["/"] = answer(status="304 Not Modified", content_encoding="gzip")
    assert (await fetch(f"{server.url}/")).status == 304


async def test_a_bomb_of_gzip_is_refused_before_it_fills_the_memory(
    server: Loopback, fetch: SafeFetch
) -> None:
    bomb = gzip.compress(bytes(200_000_000))
    server.answers["/"] = answer(bomb, content_encoding="gzip")
    tracemalloc.start()
    with pytest.raises(Refused, match="larger than"):
        await fetch(f"{server.url}/")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
async def test_other_packings_are_refused(
    server: Loopback, fetch: SafeFetch, encoding: str
) -> None:
    server.answers["/"] = answer(b"...", content_encoding=encoding)
    with pytest.raises(Refused):
        await fetch(f"{server.url}/")


@pytest.mark.parametrize("body", [b"not gzip at all", gzip.compress(b"news" * 99, mtime=0)[:-12]])
async def test_a_broken_packing_is_a_failed_feed(
    server: Loopback, fetch: SafeFetch, body: bytes
) -> None:
    server.answers["/"] = answer(body, content_encoding="gzip")
    with pytest.raises(FeedError):
        await fetch(f"{server.url}/")


async def test_an_endless_answer_is_cut_at_the_limit(server: Loopback, fetch: SafeFetch) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(65_536))
            await writer.drain()

    server.answers["/"] = endless
    with pytest.raises(Refused, match="larger than 100000 bytes"):
        await fetch(f"{server.url}/", limit=100_000)


async def test_an_answer_that_drips_ends_with_the_time_given(
    server: Loopback, fetch: SafeFetch
) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    server.answers["/"] = drip
    with pytest.raises(FeedError, match="longer than"):
        await fetch(f"{server.url}/", seconds=0.2)


async def test_a_cut_connection_is_a_failed_feed_that_does_not_tell_the_address(
    server: Loopback, fetch: SafeFetch
) -> None:
    server.answers["/postcodes/RG1"] = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"
    with pytest.raises(FeedError) as failure:
        await fetch(f"{server.url}/postcodes/RG1")
    assert "postcodes" not in str(failure.value)


async def test_a_name_without_an_address_is_a_failed_feed() -> None:
    with pytest.raises(FeedError):
        await SafeFetch()("https://nowhere.invalid/")


async def test_requests_to_one_host_begin_no_faster_than_its_pace(server: Loopback) -> None:
    server.answers["/"] = answer(b"ok")
    fetch = SafeFetch(server.allow, rate=20)
    loop = asyncio.get_running_loop()
    start = loop.time()
    await asyncio.gather(*(fetch(f"{server.url}/") for _ in range(6)))
    assert loop.time() - start >= 5 / 20  # a floor that no slow machine can break


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for mirror.example, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl program to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=mirror.example", "-addext", "subjectAltName=DNS:mirror.example"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@pytest.mark.parametrize(("name", "good"), [("mirror.example", True), ("other.example", False)])
async def test_the_certificate_is_checked_against_the_name(
    certificate: tuple[Path, Path], name: str, good: bool
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)
    asked: list[str | None] = []
    tls.sni_callback = lambda _socket, server_name, _context: asked.append(server_name)
    trust = ssl.create_default_context(cafile=str(certificate[0]))
    async with serving(tls) as server:
        server.answers["/"] = answer(b"safe")
        fetch = SafeFetch([name], resolve=Names("127.0.0.1"), trust=trust)
        if good:
            assert (await fetch(f"https://{name}:{server.port}/")).body == b"safe"
        else:
            with pytest.raises(FeedError):
                await fetch(f"https://{name}:{server.port}/")
    assert asked == [name]


async def test_an_ipv6_address_can_be_reached() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    with pytest.raises(FeedError) as failure:  # nothing listens there
        await SafeFetch(["::1"])("http://[::1]:9/")
    assert not isinstance(failure.value, Refused)


async def test_redirects_share_the_time_given(server: Loopback, fetch: SafeFetch) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(answer(status="302 Found", location="/"))

    server.answers["/"] = slow
    with pytest.raises(FeedError, match="longer than"):  # and not: too many redirects
        await fetch(f"{server.url}/", seconds=0.5)
    assert len(server.paths) <= 2


async def test_a_redirect_waits_its_turn_at_the_host_it_leads_to(server: Loopback) -> None:
    server.answers["/"] = answer(status="302 Found", location="/new")
    server.answers["/new"] = answer(b"here")
    loop = asyncio.get_running_loop()
    start = loop.time()
    await SafeFetch(server.allow, rate=10)(f"{server.url}/")
    assert loop.time() - start >= 1 / 10


async def test_the_answer_tells_which_address_gave_it(server: Loopback, fetch: SafeFetch) -> None:
    server.answers["/"] = answer(status="302 Found", location="/new")
    server.answers["/new"] = answer(b"here")
    assert (await fetch(f"{server.url}/")).url == f"{server.url}/new"


async def test_a_form_is_posted_and_never_sent_on(server: Loopback, fetch: SafeFetch) -> None:
    server.answers["/"] = answer(status="307 Temporary Redirect", location="/elsewhere")
    response = await fetch(f"{server.url}/", form={"poly": "51.4,-1:51.5,-1:51.5,-1.1"})
    assert response.status == 307
    assert server.paths == ["/"]
    assert server.headers[0]["content-type"] == "application/x-www-form-urlencoded"


async def test_cookies_are_not_kept(server: Loopback, fetch: SafeFetch) -> None:
    server.answers["/"] = answer(b"ok", set_cookie="who=me; Path=/")
    await fetch(f"{server.url}/")
    await fetch(f"{server.url}/")
    assert all("cookie" not in asked for asked in server.headers)


async def test_a_slow_host_does_not_hold_up_another(server: Loopback) -> None:
    async def never(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    server.answers["/bad"] = never
    server.answers["/good"] = answer(b"ok")
    fetch = SafeFetch(["bad.example", "good.example"], resolve=Names("127.0.0.1"))
    bad = asyncio.create_task(fetch(f"http://bad.example:{server.port}/bad"))
    good = await fetch(f"http://good.example:{server.port}/good")
    assert good.body == b"ok"
    assert not bad.done()
    bad.cancel()
    await asyncio.gather(bad, return_exceptions=True)


async def test_a_request_in_json_is_posted_and_no_redirect_followed(
    server: Loopback, fetch: SafeFetch
) -> None:
    server.answers["/translate"] = answer(b"", "302 Found", location="/elsewhere")

    response = await fetch(f"{server.url}/translate", json={"q": ["Zażółć"]})

    assert response.status == 302
    assert server.paths == ["/translate"]
    assert server.headers[0]["content-type"] == "application/json"
    assert json.loads(server.bodies[0]) == {"q": ["Zażółć"]}


async def test_what_must_stay_inside_reaches_this_machine(
    server: Loopback, fetch: SafeFetch
) -> None:
    server.answers["/"] = answer(b"here")

    assert (await fetch(f"{server.url}/", inside=True)).body == b"here"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "100.64.0.1"])
async def test_what_must_stay_inside_never_goes_out_though_its_host_is_allowed(
    address: str,
) -> None:
    fetch = SafeFetch(["engine.example"], resolve=Names("127.0.0.1", address))

    with pytest.raises(Refused, match="neither this machine nor on a private network"):
        await fetch("https://engine.example/translate", json={}, inside=True)
