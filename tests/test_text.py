"""Words not yet in a language travel through JSON and come back the same."""

import json
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import Month, Text, Value, _, _n, _p, pack, unpack

NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
SIMPLE: st.SearchStrategy[Value] = st.one_of(
    st.text(),
    st.integers(),
    st.floats(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.times(),
)


def texts(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Text]:
    named = st.dictionaries(NAMES, values, max_size=3)
    return st.one_of(
        st.builds(Text, st.text(), named, domain=st.sampled_from(["messages", "safety"])),
        st.builds(Text, st.text(), named, context=st.text()),
        st.builds(Text, st.text(), named, plural=st.text(), count=st.integers()),
    )


VALUES = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=3) | texts(inner))


@given(texts(VALUES))
def test_a_text_comes_back_from_json_as_it_went_in(text: Text) -> None:
    assert unpack(json.loads(json.dumps(pack(text)))) == text


def test_every_kind_of_value_is_kept_by_kind() -> None:
    text = _(
        "{a}{b}{c}{d}{e}{f}",
        a=date(2026, 11, 23),
        b=datetime(2026, 11, 23, 17, 30, tzinfo=UTC),
        c=time(17, 30),
        d=_p("button", "Help"),
        e=[_n("{count} area", "{count} areas", 2), "Abbey"],
        f=Month.of(date(2026, 11, 23)),
    )
    assert unpack(pack(text)) == text
    assert isinstance(unpack(pack(text)).values["f"], Month)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"message": "an older form"},
        {"m": "x", "v": {"a": {"unheard of": 1}}},
        {"m": "x", "v": {"a": {"date": "yesterday"}}},
        {"m": "x", "v": {"a": None}},
        {"m": "x", "v": {"a": {"text": {}}}},
    ],
)
def test_another_versions_form_is_refused_in_a_known_way(other: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        unpack(other)
