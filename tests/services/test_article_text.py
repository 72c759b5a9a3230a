"""The words of an article: facts, chat and page."""

import pytest

from bot.services.article_text import Facts, blocks, html, plain, shape
from bot.services.directory import Directory
from tests.conftest import FakeClock


@pytest.fixture
def facts(clock: FakeClock) -> Facts:
    return Facts(Directory("thames-valley", clock))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("crimestoppers", "0800 555 111"),
        ("name.victims", "Victims First"),
        ("page.local_council", "https://www.gov.uk/find-local-council"),
        ("force", "Thames Valley Police"),
        ("form.nothing_of_its_own", "https://www.thamesvalley.police.uk/ro/report/"),
    ],
)
def test_a_placeholder_stands_for_one_fact(facts: Facts, name: str, value: str) -> None:
    assert facts.fill(f"To {{{name}}}.") == f"To {value}."


@pytest.mark.parametrize("name", ["nobody", "page.nowhere", "name.nobody", "word.force", ""])
def test_a_fact_that_is_not_there_is_not_made_up(facts: Facts, name: str) -> None:
    with pytest.raises(KeyError):
        facts.value(name)


def test_on_a_page_a_touch_on_a_number_calls_it_or_writes_to_it(facts: Facts) -> None:
    page = html(facts.fill_page("Call {crimestoppers} or text {shout}."))
    assert 'Call <a href="tel:0800555111" dir="ltr">0800 555 111</a>' in page
    assert 'text <a href="sms:85258" dir="ltr">85258</a>' in page
    assert facts.fill_page("{name.bank}, {force}") == "159, Thames Valley Police"


def test_lists_keep_a_line_for_each_item_and_their_numbers() -> None:
    assert plain("1. Stop\n2. Look\n\n- **Listen**\n  well") == "1. Stop\n2. Look\n\n• Listen well"


def test_each_heading_paragraph_and_item_is_a_block() -> None:
    body = "## One\n\ntwo\nlines\n\n- three\n- four\n\n<!-- more -->\n\nfive"
    assert blocks(body) == ["One", "two lines", "three", "four", "five"]
    assert shape(body)["list_item"] == 2


def test_a_star_and_a_hash_in_a_code_to_key_in_stay_as_they_are() -> None:
    assert plain("key in *#06# now") == "key in *#06# now"
    assert html("key in *#06# now") == "<p>key in *#06# now</p>"
