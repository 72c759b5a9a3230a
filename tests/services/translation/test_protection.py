"""What must not be translated is out of an engine's reach, and comes back exactly as it was."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import Markup
from bot.services.translation.protection import Damaged, Names, protect, restore

NAMES = Names.with_shipped(["Riverside", "Hilltop Green", "St Mary's"])
MARKUPS: tuple[Markup, ...] = ("text", "html")
PIECES = st.sampled_from(
    [
        "https://example.org/a?b=c&d=(e).", "(see www.example.org/x)", "a.b+c@example.org,",
        "@team", "#weir", "/stop", "{place}", "0800 555 111", "RG1 1AF", "5:30pm", "18:30",
        "C-7KX3QD", "Operation Tulip", "Thames Valley Police", "Mill Lane", "Milton Keynes",
        "⟦0⟧", "⟦", "⟧", '<span translate="no">', "</span>", "<b>", "&amp;", "&", "a < b",
        "Hello", "1 2 3", ".",
    ]
)  # fmt: skip  # a list to draw from
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5))).map(" ".join))


@pytest.mark.parametrize("markup", MARKUPS)
@given(words=TEXTS)
def test_what_an_engine_repeats_word_for_word_is_the_original(markup: Markup, words: str) -> None:
    protected = protect(words, NAMES, markup)

    assert restore(protected.words, protected) == words


@pytest.mark.parametrize("markup", MARKUPS)
@given(words=TEXTS, data=st.data())
def test_a_piece_that_is_lost_or_doubled_is_always_noticed(
    markup: Markup, words: str, data: st.DataObject
) -> None:
    protected = protect(words, NAMES, markup)
    mark = r"<span translate=\"no\">.*?</span>" if markup == "html" else r"⟦\d+⟧"
    marks = list(re.finditer(mark, protected.words, re.DOTALL))
    if not marks:
        return
    hit = data.draw(st.sampled_from(marks))
    copies = data.draw(st.sampled_from([0, 2]))
    damaged = protected.words[: hit.start()] + copies * hit[0] + protected.words[hit.end() :]

    with pytest.raises(Damaged):
        restore(damaged, protected)


@given(words=TEXTS)
def test_nothing_that_is_kept_is_left_for_the_engine_to_see_in_text(words: str) -> None:
    protected = protect(words, NAMES, "text")

    assert re.sub(r"⟦\d+⟧", "", protected.words).count("⟦") == 0
    assert all(kept for kept in protected.kept)


def kept(words: str) -> list[str]:
    return list(protect(words, NAMES, "text").kept)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Read https://example.org/news. Then call.", ["https://example.org/news"]),
        ("More (https://example.org/a_(b)).", ["https://example.org/a_(b)"]),
        ("Go to www.thamesvalley.police.uk/report, today", ["www.thamesvalley.police.uk/report"]),
        ("See thamesvalley.police.uk/alerts!", ["thamesvalley.police.uk/alerts"]),
        ("Write to team.a@police.example.", ["team.a@police.example"]),
        ("Call 0800 555 111 or 101.", ["0800 555 111"]),
        ("Call +44 1865 841148.", ["+44 1865 841148"]),
        ("Quote 43260012345.", ["43260012345"]),
        ("It was in RG1 1AF and OX4.", ["RG1 1AF", "OX4"]),
        ("From 5.30pm until 18:30, or 7 am.", ["5.30pm", "18:30", "7 am"]),
        ("Operation Tulip began.", ["Operation Tulip"]),
        ("Thames Valley Police or Crimestoppers", ["Thames Valley Police", "Crimestoppers"]),
        ("Cars in Mill Lane were hit.", ["Mill Lane"]),
        ("In Mill Lane cars were hit.", ["Mill Lane"]),
        ("Near St Mary's, Milton Keynes and Newbury.", ["St Mary's", "Milton Keynes", "Newbury"]),
        ("The Riverside of today", ["Riverside"]),
        ("Riverside walks are free", []),
        ("Reading helps children", []),
        ("People in Reading know", ["Reading"]),
        ("Send /stop or {word} to @beat", ["/stop", "{word}", "@beat"]),
        ("and/or 24/7", []),
        ("Lock your doors tonight.", []),
    ],
)  # fmt: skip  # a table
def test_these_are_kept_and_the_marks_of_the_sentence_are_not(
    words: str, expected: list[str]
) -> None:
    assert kept(words) == expected


@pytest.mark.parametrize(
    "damaged",
    [
        'Más <b>en</b> <span translate="no">Mill Lane</span>',
        'Más en <span translate="no">Camino de Molino</span>',
        "Más en Mill Lane",
        'Más en <span translate="no">Mill Lane</span> <script>',
        'Más en <span translate="no">Mill Lane',
    ],
)
def test_a_tag_or_a_changed_name_is_refused(damaged: str) -> None:
    with pytest.raises(Damaged):
        restore(damaged, protect("More in Mill Lane", NAMES, "html"))


def test_words_that_look_like_our_marks_are_kept_themselves() -> None:
    protected = protect("See ⟦7⟧ in Mill Lane", NAMES, "text")

    assert restore(protected.words, protected) == "See ⟦7⟧ in Mill Lane"
    with pytest.raises(Damaged):
        restore(f"{protected.words} ⟦9⟧", protected)
