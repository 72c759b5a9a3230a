"""Shows the preview on this machine alone, made anew from the files at each reload."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bot.cli.preview.gallery import gather
from bot.cli.preview.page import page, refusal
from bot.errors import OperatorError
from bot.languages import LOCALES


class PreviewServer(ThreadingHTTPServer):
    """Serves one language on loopback; port 0 is any that is free. Raises OSError."""

    def __init__(self, code: str, port: int, locales: Path = LOCALES) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.code = code
        self.locales = locales

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: PreviewServer
    timeout = 10  # seconds; a browser opens connections that it may never use

    def do_GET(self) -> None:
        if self.path != "/":
            self._answer(HTTPStatus.NOT_FOUND, refusal("There is one page here, at /."))
            return
        try:
            drawn = page(gather(self.server.code, self.server.locales))
        except OperatorError as error:  # the list of languages, half edited
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, refusal(str(error)))
        else:
            self._answer(HTTPStatus.OK, drawn)

    def _answer(self, status: HTTPStatus, html: str) -> None:
        content = html.encode()
        self.send_response(status)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(content)))
        self.send_header("cache-control", "no-store")
        self.send_header("x-content-type-options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *words: object) -> None:
        """Whoever translates has no need of a line for each reload."""
