"""A translation that means harm is refused by the check, and harmless if it came through."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import polib
import pytest

from bot import metrics
from bot.catalogs import Catalogs
from bot.conversation import Button, Reply
from bot.ports import Rendered
from bot.text import Text, _, _p
from bot.translation_faults import faults
from channels.telegram import drawing as telegram
from tests.test_catalogs import REGISTRY, write
from web import drawing as web

LONDON = ZoneInfo("Europe/London")
FOLLOW = "You now follow {area}."
HOSTILE = {
    "a script": "<script>alert(1)</script> {area}",
    "an event": '<b onclick="alert(1)">{area}</b>',
    "an image": '<img src=x onerror="alert(1)"> {area}',
    "a link of its own": '<a href="https://bad.example/">{area}</a>',
    "a link that runs": '<a href="javascript:alert(1)">{area}</a>',
    "an entity": "&lt;script&gt; {area} <",
    "a look into values": "{area.__class__.__mro__}",
    "a look by number": "{0.__class__}",
    "a format": "{area!r:>99999999}",
    "a per cent sign": "%s %(area)s %n {area}" + "%n" * 9 + "{x}",
    "another placeholder": "{token}",
    "braces without end": "{{{{{{{area}",
    "an overridden direction": "\u202e{area}\u202c",
    "an open isolate": "\u2067{area}",
    "50 kB": "{area} " + "ا" * 50_000,
    "50 kB of tags": "<b>" * 12_500 + "{area}",
    "50 kB of braces": "{" * 50_000,
    "a zero": "{area}\0",
    "an escape": "\x1b[31m{area}",
}


def drawn_by_web(what: Rendered) -> str:
    return "".join(str(web.draw(words)) for words in what.paragraphs)


def drawn_by_telegram(what: Rendered) -> str:
    return "".join(telegram.messages(what))


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_check_refuses_it(kind: str) -> None:
    assert faults(polib.POEntry(msgid=FOLLOW, msgstr=HOSTILE[kind]))


@pytest.mark.parametrize("kind", HOSTILE)
def test_loading_refuses_it_and_counts_it(kind: str, tmp_path: Path) -> None:
    (tmp_path / "languages.toml").write_text(REGISTRY)
    write(tmp_path, "ur", "messages", {FOLLOW: HOSTILE[kind]})
    catalogs = Catalogs(tmp_path, zone=LONDON, offer_drafts=True)
    drawn = catalogs.plain(_(FOLLOW, area="Abbey"), "ur")
    assert drawn == "You now follow Abbey."
    assert catalogs.dropped["ur"] == 1
    metrics.dropped_translations.labels("ur").set(catalogs.dropped["ur"])
    assert b'beatline_dropped_translations{language="ur"} 1.0' in metrics.exposition()


@pytest.mark.parametrize("draw", [drawn_by_web, drawn_by_telegram])
@pytest.mark.parametrize("kind", HOSTILE)
def test_drawn_all_the_same_it_is_words_and_nothing_else(
    kind: str, draw: Callable[[Rendered], str], tmp_path: Path
) -> None:
    (tmp_path / "languages.toml").write_text(REGISTRY)
    catalogs = Catalogs(tmp_path, zone=LONDON, offer_drafts=True)
    # As if it had come through: a message id is drawn like a translation.
    said = Text(HOSTILE[kind], {"area": "Abbey", "token": "<i>"})
    what = catalogs.reply(Reply(said, (Button(_p("button", "Help"), "help"),)), "ur")
    drawn = draw(what)
    for harm in ("<script", "<img", 'onclick="', 'href="javascript', 'href="https://bad', "<i>"):
        assert harm not in drawn
    assert "__mro__" not in drawn or "{area.__class__.__mro__}" in drawn
    assert "<class" not in drawn


def test_a_file_that_cannot_be_read_counts_as_empty_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "languages.toml").write_text(REGISTRY)
    folder = tmp_path / "ur" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_bytes(b'msgid "a"\nmsgstr \xff\xfe broken')
    (folder / "safety.po").write_text('msgidd "a"\n')
    catalogs = Catalogs(tmp_path, zone=LONDON, offer_drafts=True)
    assert catalogs.plain(_(FOLLOW, area="Abbey"), "ur") == "You now follow Abbey."
    assert "ur" not in [language.code for language in catalogs.offered]
