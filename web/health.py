"""Pages for machines: is the process up, is the service ready, what are its figures."""

from ipaddress import ip_address

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from web.guard import LOOPBACK, host_of
from web.site import Site

_PROXY_HEADERS = ("x-forwarded-for", "x-real-ip", "forwarded", "via")


class Health:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def alive(self, request: Request) -> Response:
        """``/healthz``: the process answers."""
        return PlainTextResponse("ok")

    async def ready(self, request: Request) -> Response:
        """``/readyz``: 200 when all that is needed works, else 503, with the checks as JSON."""
        report = await self._site.ready()
        return JSONResponse(dict(report), 200 if report.get("ok") else 503)

    async def metrics(self, request: Request) -> Response:
        """``/metrics``: Prometheus text, for this machine only unless the operator opens it."""
        if not self._site.metrics_public and not _is_local(request):
            raise HTTPException(404)
        return Response(self._site.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _is_local(request: Request) -> bool:
    """Whether a program on this machine asks for itself, not a proxy here for somebody outside."""
    if request.client is None or host_of(request) not in LOOPBACK:
        return False
    if any(name in request.headers for name in _PROXY_HEADERS):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
