"""Where providers post their updates: an unguessable path, a secret header, a small body."""

import hmac
import math

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.errors import TryLater
from web.body import read_body
from web.site import Hook, Site

MAX_BYTES = 1024 * 1024
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  # the name of a header


class Hooks:
    """``POST /hooks/{channel}/{random}``.

    Whatever is wrong with a request, the answer is the same 404. A channel that is starting or
    stopping answers 503, and the provider brings the update again.
    """

    def __init__(self, site: Site) -> None:
        self._hooks = site.hooks

    async def receive(self, request: Request) -> Response:
        hook = self._hooks.get(request.path_params["channel"])
        if hook is None or not _proves_itself(request, hook):
            raise HTTPException(404)
        try:
            body = await read_body(request, MAX_BYTES)
        except HTTPException as error:
            raise HTTPException(404) from error
        try:
            await hook.receive(body)
        except TryLater as error:
            return Response(status_code=503, headers={"retry-after": str(math.ceil(error.after))})
        return Response()


def _proves_itself(request: Request, hook: Hook) -> bool:
    path = hmac.compare_digest(request.path_params["random"].encode(), hook.path.encode())
    shown = request.headers.get(SECRET_HEADER, "").encode()
    secret = hmac.compare_digest(shown, hook.secret.encode())
    return path and secret
