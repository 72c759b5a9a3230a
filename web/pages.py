"""Draws pages: the templates, the words in the reader's language, the files they link to."""

import mimetypes
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.text import Text
from web import words
from web.drawing import draw
from web.site import Site

HERE = Path(__file__).parent
LONGEST_HINT = 200
# Where "Leave quickly" goes: an everyday page that nobody wonders about.
AWAY = "https://www.bbc.co.uk/weather"


class Assets:
    """The style sheet, the script and the mark, under names that hold a hash of their content."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        names = {}
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            name = f"{path.stem}.{sha256(content).hexdigest()[:12]}{path.suffix}"
            names[path.name] = f"/static/{name}"
            kind = mimetypes.types_map[path.suffix]
            self._files[name] = (content, kind)
        self.addresses: Mapping[str, str] = MappingProxyType(names)

    async def serve(self, request: Request) -> Response:
        try:
            content, kind = self._files[request.path_params["name"]]
        except KeyError as error:
            raise HTTPException(404) from error
        caching = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(content, media_type=kind, headers=caching)


class Pages:
    """Draws a page for one reader."""

    def __init__(self, site: Site, assets: Assets) -> None:
        self._site = site
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            words=words,
            draw=draw,
            asset=assets.addresses,
            away=AWAY,
            force_name=site.force_name,
            demo=site.demo,
        )

    def draw(
        self,
        template: str,
        request: Request,
        *,
        language: str | None = None,
        status: int = 200,
        **values: object,
    ) -> Response:
        """A page in ``language``, or in what the browser asks for where there is none yet."""
        code = language or self._site.renderer.match(hint(request))

        def say(text: Text) -> str:
            return self._site.renderer.plain(text, code)

        def linked(text: Text) -> Markup:
            return draw(self._site.renderer.words(text, code))

        page = self._templates.get_template(template).render(
            language=self._site.renderer.language(code),
            say=say,
            linked=linked,
            standins=self._site.standins(),
            **values,
        )
        return HTMLResponse(page, status)

    def problem(
        self, request: Request, status: int, title: Text, hint: Text | None = None
    ) -> Response:
        """A page that says in words what went wrong."""
        return self.draw("problem.html", request, status=status, title=title, hint=hint)


def hint(request: Request) -> str | None:
    """The languages that the browser asks for; used for this answer only."""
    return request.headers.get("accept-language", "")[:LONGEST_HINT] or None
