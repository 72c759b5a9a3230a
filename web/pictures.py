"""Pictures that go with words: those of posts, and the bars of figures."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web.site import Site

# A page without the script draws everything anew at each press; a picture need not come each time.
KEPT_SECONDS = 3_600


class Pictures:
    """Serves pictures by their names."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def show(self, request: Request) -> Response:
        found = await self._site.picture(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        caching = {"cache-control": f"private, max-age={KEPT_SECONDS}"}
        return Response(found.data, media_type=found.media_type, headers=caching)
