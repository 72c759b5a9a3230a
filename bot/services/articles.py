"""The library of advice: every article that may be shown, in every language that has it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, reduce
from operator import or_
from pathlib import Path

import structlog

from bot.model import SENSITIVE_TOPICS, Topic
from bot.services import article_faults, article_text
from bot.services.article_files import (
    ArticleFile,
    English,
    Front,
    Grade,
    Problem,
    Status,
    Translation,
    Unreadable,
    read_article,
)
from bot.services.article_text import Facts
from bot.services.directory import Directory
from bot.text import Text

LOCALES = Path(__file__).parents[2] / "locales"
ENGLISH = "en_GB"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Season:
    """Days of any year, both ends included; one may run over the New Year."""

    start: tuple[int, int]
    end: tuple[int, int]

    def __contains__(self, day: date) -> bool:
        today = (day.month, day.day)
        if self.start <= self.end:
            return self.start <= today <= self.end
        return today >= self.start or today <= self.end


@dataclass(frozen=True, slots=True)
class Words:
    """An article in one language, every fact filled in.

    ``short`` is for chat: plain words, paragraphs divided by blank lines, 700 letters at most.
    ``plain`` is the whole article in plain words, to search in, and ``html`` the same for its page:
    headings of the second level, paragraphs, lists, bold words and links, also to call a number.
    ``changed`` says that the English has changed since it was translated.
    """

    language: str
    title: str
    summary: str
    short: str
    plain: str
    html: str
    status: Status
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """A piece of advice.

    ``crimes`` are the kinds of crime in the published numbers that it is about. ``season`` is when
    it is wanted most; None for all year. It is not sent to the same person again within ``rest``.
    ``review_by`` is the day until which its editors vouch for it. ``safety`` are the phrases that
    go after its words. Where it is ``sensitive`` the first paragraph is neutral, and how to hide
    the message comes right after that.
    """

    id: str
    topics: Topic
    crimes: frozenset[str]
    season: Season | None
    rest: timedelta
    review_by: date
    sources: Sequence[str]
    safety: Sequence[Text]
    words: Mapping[str, Words]

    @property
    def sensitive(self) -> bool:
        return bool(self.topics & SENSITIVE_TOPICS)

    def in_language(self, language: str) -> Words:
        """Its words in a language, or in English where it has none in that."""
        return self.words.get(language) or self.words[ENGLISH]


class Library:
    """The articles of a folder of locales, as they were when it was first asked for one.

    ``articles`` are those that may be shown, by id, in the order of their ids. A file that cannot
    be used is left out, logged, and told in ``problems`` with all else that its editor should know;
    nothing in a file raises an exception.
    """

    def __init__(self, directory: Directory, folder: Path = LOCALES) -> None:
        self._facts = Facts(directory)
        self._folder = folder
        self._found: list[Problem] = []

    @cached_property
    def articles(self) -> Mapping[str, Article]:
        """Read once, which takes a second or two."""
        english = self._english(self._folder)
        translations = list(self._translations(self._folder, english))
        articles = {id: self._article(file, translations) for id, file in english.items()}
        for problem in self._found:
            if problem.grade is Grade.BROKEN:
                _log.warning("article_skipped", file=problem.place, reason=problem.mend)
        return articles

    @property
    def problems(self) -> Sequence[Problem]:
        """All that an editor should know."""
        _ = self.articles  # which finds them
        return tuple(self._found)

    @property
    def broken(self) -> Sequence[Problem]:
        """Why files were left out."""
        return [problem for problem in self.problems if problem.grade is Grade.BROKEN]

    def overdue(self, today: date) -> Sequence[Article]:
        """The articles that their editors should have reviewed; they are shown all the same."""
        return [article for article in self.articles.values() if article.review_by < today]

    def _english(self, folder: Path) -> dict[str, ArticleFile[English]]:
        files = self._read(folder / ENGLISH, English)
        return {
            file.front.id: file
            for file in files
            if self._usable(article_faults.of_english(file, self._facts))
        }

    def _translations(
        self, folder: Path, english: Mapping[str, ArticleFile[English]]
    ) -> Iterator[ArticleFile[Translation]]:
        for locale in sorted(path.parent for path in folder.glob("*/advice")):
            if locale.name == ENGLISH:
                continue
            for file in self._read(locale, Translation):
                source = english.get(file.front.id)
                if self._usable(article_faults.of_translation(file, source, self._facts)):
                    yield file

    def _read(self, locale: Path, kind: type[Front]) -> Iterator[ArticleFile[Front]]:
        for path in sorted((locale / "advice").glob("*.md")):
            try:
                yield read_article(path, locale.name, kind)
            except Unreadable as error:
                self._found.append(error.problem)

    def _usable(self, faults: Iterator[Problem]) -> bool:
        found = list(faults)
        self._found += found
        return all(problem.grade is not Grade.BROKEN for problem in found)

    def _article(
        self, file: ArticleFile[English], translations: Sequence[ArticleFile[Translation]]
    ) -> Article:
        front = file.front
        words = {ENGLISH: self._words(file)}
        for translation in translations:
            changed = translation.front.source_hash != file.hash
            if translation.front.id == front.id and not (changed and front.urgent):
                words[translation.language] = self._words(translation, changed=changed)
        return Article(
            id=front.id,
            topics=reduce(or_, (article_faults.TOPICS[name] for name in front.topics)),
            crimes=frozenset(front.crimes),
            season=_season(front.season) if front.season else None,
            rest=timedelta(days=front.rest_days),
            review_by=front.review_by,
            sources=front.sources,
            safety=[self._facts.phrases[name] for name in front.safety],
            words=words,
        )

    def _words(self, file: ArticleFile[Front], *, changed: bool = False) -> Words:
        return Words(
            language=file.language,
            title=file.front.title,
            summary=file.front.summary,
            short=article_text.plain(self._facts.fill(file.short)),
            plain=article_text.plain(self._facts.fill(file.body)),
            html=article_text.html(self._facts.fill_page(file.body)),
            status=file.front.status,
            changed=changed,
        )


def problems_of_draft(path: Path, directory: Directory) -> Sequence[Problem]:
    """What is wrong with an English article that does not stand in its folder yet."""
    try:
        file = read_article(path, ENGLISH, English)
    except Unreadable as error:
        return [error.problem]
    return list(article_faults.of_english(file, Facts(directory)))


def _season(written: str) -> Season:
    """A season as front matter has it: "10-15 to 12-05"."""
    start, end = ((int(day[:2]), int(day[3:])) for day in written.split(" to "))
    return Season(start, end)
