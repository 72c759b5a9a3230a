"""Each kind of fault in a translation is seen, and a good translation is left alone."""

from pathlib import Path

import polib
import pytest

from bot.languages import LOCALES, read_registry
from bot.translation_faults import doubts, faults


def entry(english: str, words: str, note: str = "") -> polib.POEntry:
    return polib.POEntry(msgid=english, msgstr=words, comment=note)


@pytest.mark.parametrize(
    ("english", "words", "told"),
    [
        ("Follow {area}.", "Obserwuj {obszar}.", "{braces}"),
        ("Follow {area}.", "Obserwuj.", "{braces}"),
        ("Follow {area}.", "Obserwuj {area.", "{braces}"),
        ("Hello.", "Cześć {name}.", "{braces}"),
        ("<b>Now</b>.", "Teraz.", "<angle brackets>"),
        ("<b>Now</b>.", "<i>Teraz</i>.", "<angle brackets>"),
        ("<b>a</b><i>b</i>", "<b>a<i>b</b></i>", "wrong order"),
        ("See https://a.example/x", "Zobacz https://b.example/x", "web addresses"),
        ("See our page.", "Zobacz evil.example", "web addresses"),
        ("Write to us.", "Pisz do @evil", "web addresses"),
        ("Call 999.", "Dzwoń 997.", "numbers must be"),
        ("Call 101.", "Dzwoń ١٠١.", "digits 0-9"),
        ("Send /stop.", "Wyślij /koniec.", "commands such as"),
        ("Stop", "\u202eStop", "direction marks"),
        ("Stop", "Stop\u200f", "direction marks"),
        ("Help", " Pomoc", "blank at the beginning"),
    ],
)
def test_each_kind_of_fault_is_told(english: str, words: str, told: str) -> None:
    found = faults(entry(english, words))
    assert any(told in fault for fault in found), found


def test_a_label_too_long_is_told_with_both_lengths() -> None:
    found = faults(entry("Help", "x" * 31, "A button. Max 30"))
    assert found == ["too long: 31 characters, at most 30"]


def test_a_plural_form_may_carry_the_number_or_not_but_must_be_whole() -> None:
    plural = polib.POEntry(
        msgid="One area in {place}", msgid_plural="{count} areas in {place}", comment=""
    )
    plural.msgstr_plural = {
        0: "Jeden obszar w {place}",
        1: "{count} obszary w {place}",
        2: "{count} obszarów",
    }
    found = faults(plural)
    assert len(found) == 1
    assert found[0].startswith("plural form 2: ")


@pytest.mark.parametrize(
    ("english", "words"),
    [
        ("Follow {area}.", "{area}: obserwuj."),
        ('Go to <a href="{url}">police.uk</a>.', 'Idź na <a href="{url}">police.uk</a>.'),
        ("Call 999 or 101.", "Dzwoń 101 albo 999."),
        ("Send /stop or /help.", "Wyślij /help albo /stop."),
        ("See https://a.example/x.", "Zobacz (https://a.example/x)."),
    ],
)
def test_a_good_translation_is_left_alone(english: str, words: str) -> None:
    assert faults(entry(english, words)) == []


def test_a_word_may_join_two_alphabets_by_a_hyphen() -> None:
    [ukrainian] = [language for language in read_registry() if language.code == "uk"]
    assert doubts(entry("QR code", "QR-код"), ukrainian) == []
    assert doubts(entry("Code", "кoд"), ukrainian) != []


@pytest.mark.parametrize(
    "path", sorted(LOCALES.glob("*/LC_MESSAGES/*.po")), ids=lambda path: "/".join(path.parts[-3:])
)
def test_the_shipped_translations_raise_no_alarm(path: Path) -> None:
    translated = polib.pofile(str(path)).translated_entries()
    assert translated
    assert {entry.msgid: found for entry in translated if (found := faults(entry))} == {}
