"""What is wrong with an article: what leaves it out, and what its editor should mend."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from bot.model import SENSITIVE_TOPICS, Topic
from bot.services import reading_age
from bot.services.article_files import ArticleFile, English, Front, Grade, Problem, Translation
from bot.services.article_text import FACT, Facts, blocks, plain, shape

SHORT_LETTERS = 700
"""The most a short form may have, its facts filled in."""

TOPICS: Mapping[str, Topic] = {
    name.lower().replace("_", "-"): topic for name, topic in Topic.__members__.items()
}
"""The topics as front matter names them."""

CRIMES = frozenset(
    "anti-social-behaviour bicycle-theft burglary criminal-damage-arson drugs other-crime "  # noqa: SIM905  # names read best as words
    "other-theft possession-of-weapons public-order robbery shoplifting theft-from-the-person "
    "vehicle-crime violent-crime".split()
)
"""The kinds of crime in the numbers of data.police.uk."""

_PARTS = frozenset(
    "root heading paragraph inline text softbreak strong link "  # noqa: SIM905  # as above
    "bullet_list ordered_list list_item".split()
)
_COUNTED = {"heading": "headings", "list_item": "list items", "link": "links"}
_TYPED_FACT = re.compile(r"\d[\d ]*\d\d|https?://\S+|www\.\S+|\S+@\S+")
_BARE_ADDRESS = re.compile(r"(?<!\]\()\{(?:page|form)\.\w+\}")
_NUMBER = re.compile(r"\d+")
_LOCALES = Path(__file__).parents[2] / "locales"


def of_english(file: ArticleFile[English], facts: Facts) -> Iterator[Problem]:
    """Everything that is wrong with an English article."""
    front = file.front
    for name in front.topics:
        if name not in TOPICS:
            yield file.problem(f"no such topic; choose of {', '.join(TOPICS)}", name)
    for name in front.crimes:
        if name not in CRIMES:
            yield file.problem(f"no such crime; choose of {', '.join(sorted(CRIMES))}", name)
    for name in front.safety:
        if name not in facts.phrases:
            yield file.problem(f"no such safety phrase; choose of {', '.join(facts.phrases)}", name)
    if front.season and not all(map(_is_day, front.season.split(" to "))):
        yield file.problem("no such day; write a season as “10-15 to 12-05”", front.season)
    yield from _of_words(file, front, facts)
    yield from _hard_to_read(file)


def of_translation(
    file: ArticleFile[Translation], english: ArticleFile[English] | None, facts: Facts
) -> Iterator[Problem]:
    """Everything that is wrong with a translation; ``english`` is what it was made from."""
    if english is None:
        yield file.problem("has no usable English; mend locales/en_GB first, or delete this file")
        return
    front = file.front
    if front.text_hash != file.hash:
        yield file.problem(
            "the words have changed since; read them beside the English, then write "
            f"source_hash: {english.hash} and text_hash: {file.hash}",
            f"text_hash: {front.text_hash}",
        )
    for name, own, source in (
        ("topics", front.topics, english.front.topics),
        ("safety", front.safety, english.front.safety),
    ):
        if own is not None and own != source:
            yield file.problem("differs from the English; leave it out", name)
    yield from _of_words(file, english.front, facts)
    yield from _too_long(file)
    if front.source_hash == english.hash:
        yield from _unlike(file, english)
    else:
        yield file.problem(
            "the English has changed since; bring the words in step, then write "
            f"source_hash: {english.hash} and the new text_hash",
            f"source_hash: {front.source_hash}",
            Grade.NOTE,
        )


def _is_day(month_day: str) -> bool:
    try:
        date.fromisoformat(f"2028-{month_day}")  # a leap year
    except ValueError:
        return False
    return True


def _of_words(file: ArticleFile[Front], english: English, facts: Facts) -> Iterator[Problem]:
    """What may be wrong in any language."""
    yield from _facts(file, facts)
    if file.front.status == "reviewed" and not (file.front.reviewer and file.front.reviewed):
        yield file.problem(
            "name the reviewer, and the day as “reviewed”", "status: reviewed", Grade.FAULT
        )
    if others := set(shape(file.body)) - _PARTS:
        yield file.problem(
            "use only headings (##), paragraphs, lists, bold words and links; take out: "
            + ", ".join(sorted(others)).replace("_", " ")
        )
    if any(TOPICS.get(name, Topic.GENERAL) & SENSITIVE_TOPICS for name in english.topics):
        yield from _telling(file)


def _facts(file: ArticleFile[Front], facts: Facts) -> Iterator[Problem]:
    missing = []
    for name in FACT.findall(file.body):
        try:
            facts.value(name)
        except KeyError:
            missing.append(name)
    for name in missing:
        yield file.problem("no such fact in data/helplines.toml for this force", f"{{{name}}}")
    if not missing and len(short := plain(facts.fill(file.short))) > SHORT_LETTERS:
        yield file.problem(
            f"the short form has {len(short)} letters with its facts; make it {SHORT_LETTERS} at "
            "most, and move the rest behind <!-- more -->"
        )
    unfilled = f"{file.front.title}\n{file.front.summary}\n{FACT.sub('', file.body)}"
    if brace := re.search(r"\S*[{}]\S*", unfilled):
        yield file.problem("braces are for facts in the text, such as {crimestoppers}", brace[0])
    for bare in _BARE_ADDRESS.findall(file.body):
        yield file.problem(f"write [words for the link]({bare})", bare, Grade.FAULT)
    for typed in _TYPED_FACT.findall(unfilled):
        yield file.problem(
            "name the fact instead, such as {crimestoppers}, and keep it in data/helplines.toml; "
            "999 comes with the safety phrase “emergency”",
            typed,
            Grade.FAULT,
        )


def _telling(file: ArticleFile[Front]) -> Iterator[Problem]:
    """What others could read over a shoulder. Only the first lines show before the rest is read."""
    pattern = _telling_words(file.language)
    first = blocks(file.short)[0] if blocks(file.short) else ""
    for line in (file.front.title, file.front.summary, first):
        if pattern and (found := pattern.search(line)):
            yield file.problem(
                "others may see the title, the summary and the first line; use neutral words there",
                found[0],
            )


@cache
def _telling_words(language: str) -> re.Pattern[str] | None:
    """Beginnings of words that must not be seen; a line each, in a file of the language's own."""
    path = _LOCALES / language / "advice" / "telling.txt"
    if not path.exists():
        return None
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    words = [re.escape(line) for line in lines if line and not line.startswith("#")]
    return re.compile(rf"\b({'|'.join(words)})\w*", re.IGNORECASE) if words else None


def _hard_to_read(file: ArticleFile[English]) -> Iterator[Problem]:
    yield from _too_long(file)
    age = reading_age.reading_age(_sentences(file))
    if age >= reading_age.NINE_YEARS_OLD:
        yield file.problem(
            f"its reading age is {age:.1f}, and must be under {reading_age.NINE_YEARS_OLD:.0f}; "
            "use shorter sentences and shorter words",
            grade=Grade.FAULT,
        )


def _too_long(file: ArticleFile[Front]) -> Iterator[Problem]:
    for sentence in _sentences(file):
        if (count := len(sentence.split())) > reading_age.LONGEST_SENTENCE:
            yield file.problem(
                f"this sentence has {count} words; make it {reading_age.LONGEST_SENTENCE} at most",
                sentence,
                Grade.FAULT,
            )


def _sentences(file: ArticleFile[Front]) -> list[str]:
    """All sentences, with a short word for each fact: a number does not make a text hard."""
    written = f"{file.front.title}\n\n{file.front.summary}\n\n{file.body}"
    return reading_age.sentences(blocks(FACT.sub("it", written)))


def _unlike(file: ArticleFile[Translation], english: ArticleFile[English]) -> Iterator[Problem]:
    """Where a translation made from the present English differs from it in what can be counted."""
    source, own = (english.body, file.body) if file.has_more else (english.short, file.short)
    shapes = shape(source), shape(own)
    for part, name in _COUNTED.items():
        wanted, found = (counts[part] for counts in shapes)
        if wanted != found:
            yield file.problem(f"has {found} {name} and the English {wanted}; make them the same")
    for name, pattern in (("facts in {braces}", FACT), ("numbers", _NUMBER)):
        if Counter(pattern.findall(source)) != Counter(pattern.findall(own)):
            yield file.problem(f"the {name} must be the same as in the English")
