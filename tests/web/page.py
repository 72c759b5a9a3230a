"""Reads a page the way a browser without scripts does: its messages, its forms, its words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """The forms of a page and the text of its messages, notices and headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.messages: list[tuple[str, str]] = []
        self.notice = ""
        self._path: list[tuple[str, str]] = []
        self._button = ""
        self.feed(html)
        self.messages = [(kind, " ".join(words.split())) for kind, words in self.messages]

    @property
    def lang(self) -> str | None:
        return self.attributes[0][1].get("lang")

    @property
    def ours(self) -> list[str]:
        return [words for kind, words in self.messages if kind == "ours"]

    @property
    def mine(self) -> list[str]:
        return [words for kind, words in self.messages if kind == "mine"]

    def form(self, name: str) -> Form:
        """The form with a text field of that name, or with buttons of that name."""
        return next(
            form for form in self.forms if name in form.texts or (name == "choice" and form.buttons)
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.attributes.append((tag, given))
        kinds = given.get("class") or ""
        if tag == "form":
            self.forms.append(Form(given.get("method") or "get"))
        elif tag == "input":
            if given.get("type") == "text":
                self.forms[-1].texts.append(given.get("name") or "")
            self.forms[-1].fields[given.get("name") or ""] = given.get("value") or ""
            return
        elif tag in {"meta", "link", "circle", "path", "img"}:
            return
        elif tag == "li" and "line" in kinds:
            self.messages.append((kinds.split()[1], ""))
        elif tag == "button" and given.get("name") == "choice":
            self._button = given.get("value") or ""
        self._path.append((tag, given.get("id") or kinds))

    def handle_endtag(self, tag: str) -> None:
        while self._path and self._path.pop()[0] != tag:
            pass
        if tag == "button":
            self._button = ""

    def handle_data(self, data: str) -> None:
        inside = [name for _tag, name in self._path]
        if "words" in inside:
            kind, words = self.messages[-1]
            self.messages[-1] = (kind, words + data)
        elif "notice" in inside:
            self.notice += data
        elif self._button:
            form = self.forms[-1]
            form.buttons[self._button] = form.buttons.get(self._button, "") + data.strip()
