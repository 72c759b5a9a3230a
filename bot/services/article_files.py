"""Advice articles as editors write them: one Markdown file for each article and language."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MORE = "<!-- more -->"
"""Ends the short form; the page goes on after it."""

Status: TypeAlias = Literal["draft", "reviewed", "machine"]
_Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
_Hash: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
_Https: TypeAlias = Annotated[str, Field(pattern=r"^https://[^\s/]+\.\S+$")]
_Season: TypeAlias = Annotated[
    str, Field(pattern=r"^(0[1-9]|1[0-2])-[0-3]\d to (0[1-9]|1[0-2])-[0-3]\d$")
]


class FrontMatter(BaseModel):
    """What stands above every article."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _Name
    title: Annotated[str, Field(min_length=1, max_length=60)]
    summary: Annotated[str, Field(min_length=1, max_length=200)]
    status: Status = "draft"
    reviewer: str | None = None
    reviewed: date | None = None


class English(FrontMatter):
    """What stands above an English article, which is the source of truth for all languages."""

    topics: Annotated[tuple[_Name, ...], Field(min_length=1)]
    review_by: date
    sources: Annotated[tuple[_Https, ...], Field(min_length=1)]
    safety: tuple[str, ...] = ()
    crimes: tuple[_Name, ...] = ()
    season: _Season | None = None
    rest_days: Annotated[int, Field(ge=7, le=400)] = 180
    urgent: bool = False


class Translation(FrontMatter):
    """What stands above a translation. It may repeat ``topics`` and ``safety``, but not differ."""

    source_hash: _Hash
    text_hash: _Hash
    translator: str | None = None
    no_change_needed: bool = False
    topics: tuple[str, ...] | None = None
    safety: tuple[str, ...] | None = None


Front = TypeVar("Front", bound=FrontMatter)


class Grade(StrEnum):
    """How bad a problem is: BROKEN leaves the file out, FAULT fails the check, NOTE only tells."""

    BROKEN = "broken"
    FAULT = "fault"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an article and how to mend it, in plain words for an editor.

    ``words`` are those concerned, and empty where it is the file as a whole.
    """

    path: Path
    mend: str
    words: str = ""
    line: int | None = None
    grade: Grade = Grade.BROKEN

    @property
    def place(self) -> str:
        """The file as its editor knows it, and the line."""
        name = Path(*self.path.parts[-4:]).as_posix()
        return f"{name}:{self.line}" if self.line else name

    def __str__(self) -> str:
        words = f"“{self.words}”: " if self.words else ""
        return f"{self.place}: {words}{self.mend}"


class Unreadable(Exception):
    """A file that is no article at all; never leaves the reading of a folder."""

    def __init__(self, path: Path, mend: str, line: int | None = None) -> None:
        super().__init__(mend)
        self.problem = Problem(path, mend, line=line)


@dataclass(frozen=True, slots=True)
class ArticleFile(Generic[Front]):
    """One article in one language as it is written, facts still as placeholders.

    ``text`` is the whole file, and ``body`` what stands below the front matter.
    """

    path: Path
    language: str
    text: str
    front: Front
    body: str

    @property
    def short(self) -> str:
        """The short form, for chat."""
        return self.body.partition(MORE)[0].strip()

    @property
    def has_more(self) -> bool:
        return bool(self.body.partition(MORE)[2].strip())

    @property
    def hash(self) -> str:
        """Changes with the words, not with dates or names: 16 hexadecimal digits of SHA-256."""
        words = "\n".join((self.front.title, self.front.summary, self.body))
        lines = (line.rstrip() for line in unicodedata.normalize("NFC", words).splitlines())
        return hashlib.sha256("\n".join(lines).strip().encode()).hexdigest()[:16]

    def problem(self, mend: str, words: str = "", grade: Grade = Grade.BROKEN) -> Problem:
        """A problem of this file, with the line on which ``words`` begin."""
        return Problem(self.path, mend, words, self._line_of(words), grade)

    def _line_of(self, words: str) -> int | None:
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        found = re.search(pattern, self.text) if words else None
        return self.text.count("\n", 0, found.start()) + 1 if found else None


def read_article(path: Path, language: str, kind: type[Front]) -> ArticleFile[Front]:
    """The article in a file. Raises Unreadable, which says what to mend."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unreadable(path, "cannot be read; save it as UTF-8 text") from None
    return parse_article(text, path, language, kind)


def parse_article(text: str, path: Path, language: str, kind: type[Front]) -> ArticleFile[Front]:
    """The article that stands, or once stood, in a file. Raises as ``read_article``."""
    opening, _, rest = text.partition("---\n")
    above, fence, body = rest.partition("\n---\n")
    if opening or not fence:
        raise Unreadable(path, "needs front matter first, between two lines of three dashes", 1)
    front = _front_matter(path, above, kind)
    if front.id != path.stem:
        raise Unreadable(path, f"its id is {front.id}; give the file and the id one name")
    if not body.partition(MORE)[0].strip():
        raise Unreadable(path, f"has no short form; write it above {MORE}, or delete the file")
    return ArticleFile(path, language, text, front, body.strip())


def _front_matter(path: Path, above: str, kind: type[Front]) -> Front:
    try:
        # It reads every value as plain words, which the model then checks: a hash of digits alone
        # must not become a number.
        written: Any = yaml.load(above, Loader=yaml.BaseLoader)  # noqa: S506  # builds words, lists and maps only
        return kind.model_validate(written)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise Unreadable(path, f"its front matter is not YAML: {error.problem}", line) from None
    except (yaml.YAMLError, RecursionError):
        raise Unreadable(path, "its front matter is not what YAML allows; write it anew") from None
    except ValidationError as error:
        raise Unreadable(path, _told(error)) from None


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    return f"correct “{name}” in the front matter: {first['msg'].lower()}" if name else first["msg"]
