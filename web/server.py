"""The pages as one application, and the server that answers for it in the running event loop."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn import Config, Server

from bot.errors import OperatorError
from web import words
from web.advice import Advice
from web.areas import AreaPages
from web.body import is_upload
from web.conversation import Conversation
from web.guard import Guard
from web.health import Health
from web.hooks import Hooks
from web.pages import HERE, Assets, Pages
from web.patience import PatientProtocol
from web.pictures import Pictures
from web.site import Site
from web.visitors import Visitors

STOP_SECONDS = 10
MAX_CONNECTIONS = 1_000


def create_app(site: Site) -> Starlette:
    """The pages as an ASGI application.

    ``app.state.stopping`` is an event; once set, streams to open pages end.
    """
    stopping = asyncio.Event()
    assets = Assets(HERE / "static")
    pages = Pages(site, assets)
    visitors = Visitors(site.web_key, site.public_url)
    chat = Conversation(site, pages, visitors, stopping)
    areas = AreaPages(site, pages, visitors)
    advice = Advice(site, pages)
    health = Health(site)

    async def refuse(request: Request, error: Exception) -> Response:
        return _refusal(pages, request, error)

    app = Starlette(
        routes=[
            Route("/", chat.show, methods=["GET"]),
            Route("/", chat.hear, methods=["POST"]),
            Route("/events", chat.events),
            Route("/leave", chat.leave),
            Route("/files/{number}", chat.file),
            Route("/pictures/{name:path}", Pictures(site).show),
            Route("/areas/{id}", areas.show),
            Route("/areas/{id}/feed.atom", areas.atom),
            Route("/areas/{id}/cap.atom", areas.cap),
            Route("/verify/{code}", areas.verify),
            Route("/advice/{article}", advice.page),
            Route("/advice/{article}/print", advice.sheet),
            Route("/advice/{article}/{language}.svg", advice.code),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route("/metrics", health.metrics),
            Route("/hooks/{channel}/{random}", Hooks(site).receive, methods=["POST"]),
            Route("/static/{name}", assets.serve),
        ],
        middleware=[Middleware(Guard, site=site, pages=pages)],
        exception_handlers={HTTPException: refuse},
    )
    app.state.stopping = stopping
    return app


async def serve(
    app: Starlette,
    host: str,
    port: int,
    *,
    stop: asyncio.Event,
    started: Callable[[int], None] = lambda port: None,
) -> None:
    """Answer requests until ``stop`` is set, then finish those in hand and return.

    ``port`` 0 takes any free one; ``started`` is told the real one. Raises OperatorError when the
    address cannot be used.
    """
    listener = _listen(host, port)
    server = _QuietServer(
        Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # it holds addresses
            server_header=False,
            proxy_headers=False,  # whoever asks for /metrics is known by the real connection
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    started(listener.getsockname()[1])
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        app.state.stopping.set()
        server.should_exit = True
        await serving


class _QuietServer(Server):
    """uvicorn's server without its own signal handlers: the composition root has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _refusal(pages: Pages, request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    match status:
        case 400:
            return pages.problem(request, status, words.UNREADABLE, words.NOT_SENT_HINT)
        case 408:
            return pages.problem(request, status, words.TOO_SLOW, words.NOT_SENT_HINT)
        case 413 if is_upload(request):
            return pages.problem(request, status, words.FILE_TOO_BIG, words.FILE_TOO_BIG_HINT)
        case 413:
            return pages.problem(request, status, words.TOO_LONG, words.TOO_LONG_HINT)
        case _:
            return pages.problem(request, status, words.NOT_FOUND, words.NOT_FOUND_HINT)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise OperatorError(f"WEB_HOST is not an address of this machine: {host}.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        raise OperatorError(
            f"Port {port} on {host} cannot be used ({error.strerror}); "
            "stop the other program or set WEB_PORT."
        ) from error
    listener.setblocking(False)
    return listener
