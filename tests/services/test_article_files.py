"""Reading one article: whatever an editor leaves behind is an article or a problem, no crash."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import article_faults
from bot.services.article_files import English, Unreadable, parse_article
from bot.services.article_text import Facts
from bot.services.directory import Directory
from tests.conftest import FakeClock
from tests.library import ENGLISH

PATH = Path("locales/en_GB/advice/bike-theft.md")
FACTS = Facts(Directory("thames-valley", FakeClock()))


@given(
    st.integers(0, len(ENGLISH)),
    st.integers(0, 40),
    st.text() | st.sampled_from(["{", "}", "{{}}", "](", "<!-- more -->", "---\n", "- [", "`"]),
)
def test_a_slip_of_the_hand_anywhere_is_an_article_or_a_problem(
    start: int, length: int, typed: str
) -> None:
    text = ENGLISH[:start] + typed + ENGLISH[start + length :]
    try:
        file = parse_article(text, PATH, "en_GB", English)
        problems = list(article_faults.of_english(file, FACTS))
    except Unreadable as error:
        problems = [error.problem]
    assert all(str(problem).startswith(PATH.as_posix()) for problem in problems)


@pytest.mark.parametrize("front", ["[" * 5000, "a: &a [*a]", "? [x]\n: y", "--- \n---", "\x07: x"])
def test_strange_yaml_is_a_problem_and_no_crash(front: str) -> None:
    with pytest.raises(Unreadable):
        parse_article(f"---\n{front}\n---\nWords.\n", PATH, "en_GB", English)


def test_the_hash_minds_words_and_not_dates_ends_of_lines_or_how_an_accent_is_written() -> None:
    article = parse_article(ENGLISH, PATH, "en_GB", English)
    same = ENGLISH.replace("2027-11-01", "2030-01-01").replace("Use two locks.", "Use two locks.  ")
    assert parse_article(same, PATH, "en_GB", English).hash == article.hash
    for was, changed in (
        ("Keep your bike safe", "Keep it safe"),
        ("a stand.", "no stand."),
        ("two locks.\n", "2 locks.\n"),
    ):
        other = parse_article(ENGLISH.replace(was, changed), PATH, "en_GB", English)
        assert other.hash != article.hash
    one, two = (
        parse_article(ENGLISH.replace("bike that", f"{e} bike"), PATH, "en_GB", English)
        for e in ("\u00e9", "e\u0301")
    )
    assert one.hash == two.hash
