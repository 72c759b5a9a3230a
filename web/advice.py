"""The advice as pages: to read and share, to print on A4, and the code that leads from paper."""

import io
from collections.abc import Mapping

import segno
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.services.articles import Article
from web.pages import Pages, hint
from web.site import Site

KEPT_SECONDS = 86_400


class Advice:
    """Serves the articles of the library, in the visitor's language or the one in the address."""

    def __init__(self, site: Site, pages: Pages) -> None:
        self._site = site
        self._pages = pages

    async def page(self, request: Request) -> Response:
        """``/advice/{article}``: the whole article."""
        return self._draw("advice.html", request)

    async def sheet(self, request: Request) -> Response:
        """``/advice/{article}/print``: one for a shop window or a parish board."""
        return self._draw("sheet.html", request)

    async def code(self, request: Request) -> Response:
        """``/advice/{article}/{language}.svg``: the address of the page as a QR code."""
        article = self._article(request)
        address = self._address(article, self._offered(request.path_params["language"]))
        picture = io.BytesIO()
        segno.make(address, error="m").save(
            picture, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True
        )
        caching = {"cache-control": f"public, max-age={KEPT_SECONDS}"}
        return Response(picture.getvalue(), media_type="image/svg+xml", headers=caching)

    def _draw(self, template: str, request: Request) -> Response:
        article = self._article(request)
        code = self._language(request)
        words = article.in_language(code)
        return self._pages.draw(
            template,
            request,
            language=code,
            article=article,
            told=words,
            told_in=self._site.renderer.language(words.language),
            body=Markup(words.html),  # noqa: S704  # made from Markdown of ours, without its HTML
            code=code,
            address=self._address(article, code),
            others=self._others(article, code),
        )

    def _article(self, request: Request) -> Article:
        found = self._site.library.articles.get(request.path_params["article"])
        if found is None:
            raise HTTPException(404)
        return found

    def _language(self, request: Request) -> str:
        asked = request.query_params.get("language")
        return self._offered(asked) if asked else self._site.renderer.match(hint(request))

    def _offered(self, code: str) -> str:
        if code not in {language.code for language in self._site.renderer.offered}:
            raise HTTPException(404)
        return code

    def _address(self, article: Article, code: str) -> str:
        return f"{self._site.public_url}/advice/{article.id}?language={code}"

    def _others(self, article: Article, code: str) -> Mapping[str, str]:
        """Names of the other languages that the article is in, by their codes."""
        return {
            language.code: language.native
            for language in self._site.renderer.offered
            if language.code in article.words and language.code != code
        }
