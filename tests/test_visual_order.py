"""What must be read from left to right is so on the screen, inside Urdu and Arabic too."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polib
import pytest
from bidi import get_display

from bot import safety
from bot.catalog_files import file_of
from bot.languages import LOCALES, read_registry
from bot.ports import Rendered, Words
from bot.text import Text, _
from channels.telegram import drawing as telegram
from tests import as_shipped
from web import drawing as web

LONDON = ZoneInfo("Europe/London")
CATALOGS = as_shipped.catalogs()
RIGHT_TO_LEFT = [each.code for each in read_registry() if each.direction == "rtl"]
# Telephone numbers, times, postcodes, ids of messages, and commands with what follows them.
KEPT = re.compile(
    r"\b0\d{3} \d{3} \d{3,4}\b|\d\d:\d\d|\b[A-Z]{2}\d \d[A-Z]{2}\b|\b\d{5} \d{3}\b"
    r"|(?<![\w<])/[a-z]+|\b\d{1,2}[ap]m\b"
)
SENTENCES = {"ur": "کال کریں {what} پر، {also}۔", "ar": "اتصل على {what} أو {also}."}


def on_web(words: Words) -> str:
    """The characters of a paragraph with the signs that a browser has for its markup."""
    drawn = str(web.draw(words))
    drawn = re.sub('<bdi dir="ltr"[^>]*>', "\u2066", drawn).replace("<bdi>", "\u2068")
    drawn = drawn.replace('<code dir="ltr">', "\u2066").replace("</code>", "\u2069")
    return html.unescape(re.sub(r"<[^>]+>", "", drawn.replace("</bdi>", "\u2069")))


def on_telegram(words: Words) -> str:
    [drawn] = telegram.messages(Rendered((words,), "ur", "rtl"))
    return html.unescape(re.sub(r"<[^>]+>", "", drawn))


DRAWN: dict[str, Callable[[Words], str]] = {"web": on_web, "telegram": on_telegram}


def seen(drawn: str) -> str:
    """As the eye meets it from left to right, in lines that begin on the right."""
    return "\n".join(get_display(line, base_dir="R") for line in drawn.split("\n"))


@pytest.mark.parametrize("channel", DRAWN)
@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
@pytest.mark.parametrize(
    "value",
    ["0800 555 111", "18001 101", "RG1 1AA", "22:30", "P-7KX3QD", "+44 1865 841148", "116 123"],
)
def test_a_value_reads_from_left_to_right_among_words_that_do_not(
    value: str, code: str, channel: str
) -> None:
    sentence = Text(SENTENCES[code], {"what": value, "also": "Abbey (Reading)"})
    shown = seen(DRAWN[channel](CATALOGS.words(sentence, code)))
    assert value in shown
    assert "Abbey (Reading)" in shown


@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_a_time_of_day_reads_from_left_to_right(code: str) -> None:
    at = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    assert "17:30" in seen(on_web(CATALOGS.words(_("{at}", at=at), code)))


def test_without_its_isolate_a_number_would_be_turned_around() -> None:
    assert "111 555 0800" in seen(SENTENCES["ar"].format(what="0800 555 111", also=""))


@pytest.mark.parametrize("channel", DRAWN)
@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_every_number_and_command_of_our_messages_reads_from_left_to_right(
    code: str, channel: str
) -> None:
    turned = []
    for domain in ("safety", "messages"):
        for entry in polib.pofile(str(file_of(LOCALES, code, domain))).translated_entries():
            message = Text(
                entry.msgid,
                context=entry.msgctxt,
                domain="safety" if domain == "safety" else "messages",
            )
            shown = seen(DRAWN[channel](CATALOGS.words(message, code)))
            turned += [(part, shown) for part in KEPT.findall(entry.msgid) if part not in shown]
    assert turned == []


@pytest.mark.parametrize("channel", DRAWN)
@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_english_below_a_safety_phrase_reads_as_english(code: str, channel: str) -> None:
    for phrase in (safety.EMERGENCY, safety.SILENT, safety.ANONYMOUS, safety.STOP):
        assert phrase.message in seen(DRAWN[channel](CATALOGS.words(phrase, code)))


@pytest.mark.parametrize("channel", DRAWN)
@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_what_to_say_to_999_reads_as_it_is_said(code: str, channel: str) -> None:
    shown = seen(DRAWN[channel](CATALOGS.words(safety.interpreter("Urdu"), code)))
    assert shown.count('"Help, Urdu"') == 2  # and once more in the English below


@pytest.mark.parametrize("channel", DRAWN)
@pytest.mark.parametrize("code", RIGHT_TO_LEFT)
def test_a_number_in_a_text_that_somebody_wrote_from_the_right_is_not_turned_around(
    code: str, channel: str
) -> None:
    written = Text("{words}", {"words": "کال کریں 0800 555 111 پر، 9pm تک۔"})
    shown = seen(DRAWN[channel](CATALOGS.words(written, code)))
    assert "0800 555 111" in shown
    assert "9pm" in shown
