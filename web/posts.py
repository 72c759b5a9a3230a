"""What everybody may see of a post: its picture."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web.site import Site

# A page without the script draws everything anew at each press; a picture need not come each time.
KEPT_SECONDS = 3_600


class Posts:
    """Serves what belongs to posts, by their public ids."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def picture(self, request: Request) -> Response:
        found = await self._site.picture(request.path_params["code"])
        if found is None:
            raise HTTPException(404)
        caching = {"cache-control": f"private, max-age={KEPT_SECONDS}"}
        return Response(found.data, media_type=found.media_type, headers=caching)
