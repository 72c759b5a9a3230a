"""The one render function: what becomes of words, values, tags and directions in each language."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import safety
from bot.catalogs import Catalogs
from bot.conversation import Reply
from bot.ports import Span
from bot.text import Month, Text, _, _n, _p, written
from handlers.buttons import HELP
from tests import as_shipped

LONDON = ZoneInfo("Europe/London")
REGISTRY = """
[en_GB]
english = "English"
native = "English"
script = "Latn"
direction = "ltr"
babel = "en_GB"
status = "reviewed"

[pl]
english = "Polish"
native = "Polski"
script = "Latn"
direction = "ltr"
babel = "pl"
status = "draft"

[ur]
english = "Urdu"
native = "اردو"
script = "Arab"
direction = "rtl"
babel = "ur"
status = "reviewed"
"""
POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
FOLLOW = "You now follow {area}."
AREAS = ("{count} area", "{count} areas")


def write(folder: Path, code: str, domain: str, words: Mapping[str, str | tuple[str, ...]]) -> None:
    catalog = polib.POFile()
    catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": POLISH}
    for message, said in words.items():
        entry = polib.POEntry(msgid=message, tcomment="Reviewed by A. Example")
        if isinstance(said, str):
            entry.msgstr = said
        else:
            entry.msgid_plural = AREAS[1]
            entry.msgstr_plural = dict(enumerate(said))
        catalog.append(entry)
    path = folder / code / "LC_MESSAGES" / f"{domain}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog.save(str(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A made-up folder of languages: Polish, and Urdu for words from right to left."""
    (tmp_path / "languages.toml").write_text(REGISTRY)
    polish: dict[str, str | tuple[str, ...]] = {
        FOLLOW: "Obserwujesz {area}.",
        AREAS[0]: ("{count} obszar", "{count} obszary", "{count} obszarów"),
    }
    write(tmp_path, "pl", "messages", polish)
    write(
        tmp_path,
        "ur",
        "messages",
        {FOLLOW: "اب {area} آپ کا ہے۔", "Call 101 or /stop.": "101 یا /stop۔"},
    )
    emergency = {safety.EMERGENCY.message: "999 پر کال کریں"}
    write(tmp_path, "ur", "safety", emergency)
    write(tmp_path, "pl", "safety", {safety.EMERGENCY.message: "Dzwoń pod 999."})
    return tmp_path


@pytest.fixture
def made_up(folder: Path) -> Catalogs:
    return Catalogs(folder, zone=LONDON, offer_drafts=True)


def test_a_value_stands_alone_and_is_never_markup(made_up: Catalogs) -> None:
    area = "<b>Abbey</b> {area} & <a href='x'>"
    [before, value, after] = made_up.words(_(FOLLOW, area=area), "en_GB")
    assert (before, value, after) == (Span("You now follow "), Span(area), Span("."))


def test_tags_of_ours_become_marks_and_only_ours(made_up: Catalogs) -> None:
    words = made_up.words(_("<b>Now <i>both</i></b> <script>x</script>"), "en_GB")
    assert words[:2] == (Span("Now ", ("b",)), Span("both", ("b", "i")))
    assert "".join(span.text for span in words[2:]) == " <script>x</script>"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://www.police.uk/", True),
        ("tel:101", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        (" https://x", False),
        ("", False),
    ],
)
def test_only_safe_addresses_become_links(made_up: Catalogs, address: str, kept: bool) -> None:
    [span] = made_up.words(_('<a href="{url}">here</a>', url=address), "en_GB")
    assert span == Span("here", href=address if kept else None)


def test_a_missing_value_shows_its_name_and_raises_nothing(made_up: Catalogs) -> None:
    assert made_up.plain(_(FOLLOW), "pl") == "Obserwujesz {area}."
    assert made_up.plain(_('<a href="{url}">here</a>'), "pl") == "here"


def test_dates_numbers_and_lists_are_said_as_people_there_say_them(made_up: Catalogs) -> None:
    summer = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
    assert made_up.plain(_("{at}", at=summer), "en_GB") == "Wednesday 1 July, 17:30"
    assert made_up.plain(_("{on}", on=date(2026, 11, 23)), "pl") == "23 listopada 2026"
    assert made_up.plain(_("{month}", month=Month(2026, 11, 1)), "pl") == "listopad 2026"
    assert made_up.plain(_("{at}", at=time(7, 5)), "en_GB") == "07:05"
    assert made_up.plain(_("{n}", n=12345), "en_GB") == "12,345"
    assert made_up.plain(_("{n}", n=12345), "ur").strip("\u2066\u2069").isascii()
    assert made_up.plain(_("{all}", all=["A", "B", "C"]), "pl") == "A, B i C"


def test_a_date_has_the_small_words_that_belong_to_it() -> None:
    shipped = as_shipped.catalogs()
    said = {code: _("{on}", on=date(2026, 11, 23)) for code in ("es", "pt_PT", "uk", "ne")}

    assert {code: shipped.plain(text, code) for code, text in said.items()} == {
        "es": "23 de noviembre de 2026",
        "pt_PT": "23 de novembro de 2026",
        "uk": "23 листопада 2026",
        "ne": "23 नोभेम्बर 2026",
    }
    summer = _("{at}", at=datetime(2026, 7, 1, 16, 30, tzinfo=UTC))
    assert shipped.plain(summer, "es") == "miércoles 1 de julio, 17:30"
    assert shipped.plain(summer, "ar") == "الأربعاء 1 يوليو، 17:30"


def test_a_text_within_a_text_is_drawn_in_the_same_language(made_up: Catalogs) -> None:
    inner = _(FOLLOW, area="Abbey")
    assert made_up.plain(_("{one} / {all}", one=inner, all=[inner, inner]), "pl") == (
        "Obserwujesz Abbey. / Obserwujesz Abbey. i Obserwujesz Abbey."
    )


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 obszarów"), (1, "1 obszar"), (2, "2 obszary"), (5, "5 obszarów"), (22, "22 obszary")],
)
def test_polish_counts_in_three_ways(made_up: Catalogs, count: int, said: str) -> None:
    assert made_up.plain(_n(*AREAS, count), "pl") == said


def test_a_hostile_plural_rule_is_not_used(folder: Path) -> None:
    path = folder / "pl" / "LC_MESSAGES" / "messages.po"
    path.write_text(path.read_text(encoding="utf-8").replace(POLISH, "nplurals=3; plural=n%0;"))

    made_up = Catalogs(folder, zone=LONDON, offer_drafts=True)

    assert "plural=n%0" in path.read_text(encoding="utf-8")
    assert made_up.plain(_n(*AREAS, 22), "pl") == "22 obszary"


def test_values_and_digits_are_kept_whole_among_words_from_right_to_left(
    made_up: Catalogs,
) -> None:
    spans = made_up.words(_(FOLLOW, area="Abbey"), "ur")
    assert Span("Abbey", isolate="auto") in spans
    spans = made_up.words(_(FOLLOW, area="RG1 1AA"), "ur")
    assert [span.isolate for span in spans if span.text == "RG1 1AA"] == ["auto"]
    digits = made_up.words(_("Call 101 or /stop."), "ur")
    assert [span.text for span in digits if span.isolate == "ltr"] == ["101", "/stop"]
    drawn = made_up.reply(Reply(_(FOLLOW, area="Abbey"), (HELP,)), "ur")
    assert (drawn.direction, drawn.language) == ("rtl", "ur")


def test_a_name_from_right_to_left_is_kept_whole_among_english_words(made_up: Catalogs) -> None:
    assert Span("اردو", isolate="auto") in made_up.words(_(FOLLOW, area="اردو"), "en_GB")


def test_a_question_in_another_language_is_one_run_with_its_own_end(made_up: Catalogs) -> None:
    ask = replace(_(FOLLOW, area="Abbey"), language="en_GB")
    (run,) = made_up.words(ask, "ur")
    assert (run.isolate, run.language) == ("ltr", "en-GB")
    assert run.text == made_up.plain(ask, "en_GB")
    (run,) = made_up.words(replace(ask, language="ur"), "en_GB")
    assert (run.isolate, run.language) == ("auto", "ur")
    assert {span.language for span in made_up.words(replace(ask, language="pl"), "en_GB")} == {"pl"}


def test_words_of_a_source_say_which_language_they_are_in(made_up: Catalogs) -> None:
    said = _("Source: {words}.", words=written("Two bikes.", "en_GB"))
    assert Span("Two bikes.", language="en-GB") in made_up.words(said, "pl")
    assert Span("Two bikes.", isolate="ltr", language="en-GB") in made_up.words(said, "ur")
    assert {span.language for span in made_up.words(said, "en_GB")} == {None}
    of_elsewhere = made_up.words(written("Dwy feic.", "cy"), "pl")
    assert [span.language for span in of_elsewhere] == [None], "a tag that we do not have"
    bold = Text("<b>{title}</b>", {"title": written("Two bikes", "en_GB")})
    (title,) = made_up.words(bold, "ur")
    assert (title.marks, title.isolate, title.language) == (("b",), "ltr", "en-GB")


def test_a_reviewed_safety_phrase_stands_alone_and_another_with_the_english(
    folder: Path, made_up: Catalogs
) -> None:
    assert made_up.plain(safety.EMERGENCY, "pl") == "Dzwoń pod 999."
    path = folder / "pl" / "LC_MESSAGES" / "safety.po"
    path.write_text(path.read_text().replace("Reviewed by A. Example", ""))
    unreviewed = Catalogs(folder, zone=LONDON, offer_drafts=True)
    assert unreviewed.plain(safety.EMERGENCY, "pl") == f"Dzwoń pod 999.\n{safety.EMERGENCY.message}"


@pytest.mark.parametrize("damaged", ["Obserwujesz {obszar}.", "<b>Obserwujesz {area}.", "{area} 7"])
def test_a_damaged_translation_is_dropped_and_counted(folder: Path, damaged: str) -> None:
    write(folder, "pl", "messages", {FOLLOW: damaged})
    catalogs = Catalogs(folder, zone=LONDON, offer_drafts=True)
    assert catalogs.plain(_(FOLLOW, area="Abbey"), "pl") == "You now follow Abbey."
    assert catalogs.dropped == {"en_GB": 0, "pl": 1, "ur": 0}


def test_an_unreviewed_language_is_offered_only_where_drafts_may_show(folder: Path) -> None:
    for drafts, codes in ((True, ["en_GB", "pl", "ur"]), (False, ["en_GB", "ur"])):
        offered = Catalogs(folder, zone=LONDON, offer_drafts=drafts).offered
        assert [language.code for language in offered] == codes


def test_a_language_without_all_safety_phrases_is_not_offered(folder: Path) -> None:
    write(folder, "ur", "safety", {safety.EMERGENCY.message: ""})
    offered = Catalogs(folder, zone=LONDON, offer_drafts=True).offered
    assert "ur" not in [language.code for language in offered]


@pytest.mark.parametrize(
    ("hint", "code"),
    [
        (None, "en_GB"),
        ("", "en_GB"),
        ("pl", "pl"),
        ("PL-pl", "pl"),
        ("pl_PL", "pl"),
        ("fr,pl;q=0.8,en;q=0.9", "en_GB"),
        ("fr;q=1, ur-PK;q=0.7, pl;q=0.2", "ur"),
        ("en-US, en;q=0.9", "en_GB"),
        ("plx", "en_GB"),
        ("ur-Arab-PK", "ur"),
        ("ur-Latn", "en_GB"),
        ("ur-Latn, pl;q=0.5", "pl"),
        ("*", "en_GB"),
        ("pl;q=much", "en_GB"),
        (",;q=,;;,\0", "en_GB"),
        ("x" * 100_000, "en_GB"),
    ],
)
def test_the_readers_language_is_matched_as_near_as_may_be(
    made_up: Catalogs, hint: str | None, code: str
) -> None:
    assert made_up.match(hint) == code


def test_the_words_of_a_context_are_their_own(made_up: Catalogs) -> None:
    assert made_up.plain(_p("button", FOLLOW, area="Abbey"), "pl") == "You now follow Abbey."


SHIPPED = as_shipped.catalogs()


@given(st.text(), st.sampled_from([language.code for language in SHIPPED.offered]))
def test_hostile_values_stay_words(value: str, language: str) -> None:
    words = SHIPPED.words(Text("<b>{value}</b>", {"value": value}), language)
    assert all(span.marks == ("b",) and span.href is None for span in words)
    shown = "".join(span.text for span in words)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u200e\u200f\x00\x1b")


@given(st.text(st.characters(codec="utf-8")))
def test_any_message_can_be_drawn(message: str) -> None:
    assert isinstance(SHIPPED.plain(Text(message), "pl"), str)


def test_no_shipped_translation_is_damaged() -> None:
    assert not any(SHIPPED.dropped.values())
