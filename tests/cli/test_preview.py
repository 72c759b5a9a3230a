"""`beatline i18n preview`: every message as residents see it, whatever a translation holds."""

import re
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from html import unescape
from pathlib import Path
from threading import Thread

import httpx
import polib
import pytest
from typer.testing import CliRunner

from bot.catalog_faults import of_entry
from bot.catalog_files import DOMAINS, ROOT, file_of
from bot.cli.i18n import app
from bot.cli.preview.gallery import KINDS, Card, Gallery, gather
from bot.cli.preview.page import page
from bot.cli.preview.server import PreviewServer
from bot.errors import OperatorError
from bot.languages import LOCALES, REGISTRY
from bot.ports import Words

LARGEST = 2_000_000
"""Bytes of a page, so that it opens on an old telephone and can be sent by mail."""
FOLLOWED = "You now follow {area}."

Edit = Callable[[polib.POEntry], None]


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """The list of languages, with the files of two of them, to be spoilt."""
    folder = tmp_path / LOCALES.name
    for code in ("pl", "ur"):
        shutil.copytree(LOCALES / code / "LC_MESSAGES", folder / code / "LC_MESSAGES")
    for name in (REGISTRY, "glossary.csv", "messages.pot", "safety.pot"):
        shutil.copy(LOCALES / name, folder)
    return folder


def edit(locales: Path, code: str, english: str, change: Edit, domain: str = "messages") -> None:
    """Do to one message what its translator might."""
    path = file_of(locales, code, domain)
    entries = polib.pofile(str(path))
    change(next(each for each in entries if each.msgid == english))
    entries.save(str(path))


def say(words: str) -> Edit:
    def change(entry: polib.POEntry) -> None:
        entry.msgstr = words

    return change


def plain(words: Words) -> str:
    return "".join(span.text for span in words)


def card(gallery: Gallery, english: str) -> Card:
    """The message whose English reads so with its sample values."""
    return next(each for each in gallery.cards if plain(each.forms[0].english) == english)


def followed(gallery: Gallery) -> Card:
    return card(gallery, "You now follow Abbey (Reading).")


def test_every_message_of_both_files_is_shown_the_safety_phrases_first(locales: Path) -> None:
    wanted = [len(polib.pofile(str(LOCALES / f"{domain}.pot"))) for domain in DOMAINS]
    gallery = gather("ur", locales)
    assert len(list(gallery.cards)) == sum(wanted)
    assert gallery.screens[0].title == "Safety phrases"
    assert len(gallery.screens[0].cards) == wanted[0]
    assert {each.kind for each in gallery.cards} == set(KINDS)
    assert page(gallery).count('class="entry"') == sum(wanted)


def test_messages_stand_under_what_their_screen_says_it_is_for(locales: Path) -> None:
    screens = {screen.file: screen.title for screen in gather("pl", locales).screens}
    assert screens["handlers/follow.py"].startswith("/follow: hear the news of an area")


def test_each_plural_form_is_shown_with_a_number_that_selects_it(locales: Path) -> None:
    counted = card(gather("pl", locales), "There is 1 more.")
    assert [form.counts[0] for form in counted.forms] == [1, 2, 5]
    assert [plain(form.english) for form in counted.forms][1:] == [
        "There are 2 more.",
        "There are 5 more.",
    ]
    assert [re.findall(r"\d+", plain(form.shown)) for form in counted.forms] == [
        ["1"],
        ["2"],
        ["5"],
    ]
    assert '<p class="counts">For 2, 3, 4, 22 …</p>' in page(gather("pl", locales))


def test_sample_values_are_those_of_the_note_in_the_readers_way_of_writing(locales: Path) -> None:
    shown = {plain(each.forms[0].english): each for each in gather("pl", locales).cards}
    late = shown["This news is late. We last read it on 20 November 2026."]
    assert "20 listopada 2026" in plain(late.forms[0].shown)
    topic = shown["You follow this topic: Road safety."]
    assert "Road safety" not in plain(topic.forms[0].shown)
    hours = shown["Your quiet hours are from 22:00 to 07:00. News waits until they end."]
    assert "22:00" in plain(hours.forms[0].shown)
    assert "Missing: Ann Smith" in shown
    assert not [english for english in shown if re.search(r"\{\w+\}", english)]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script> {area}",
        "{area} <img src=x onerror=alert(1)>",
        '{area} <a href="javascript:alert(1)">x</a>',
        "{area} </q></li></ol><style>*{display:none}</style>",
        "{0.__class__} {area.__init__}",
        "\u202eevil\u202c {area}",
        "{area} " + "<b>" * 20_000,
    ],
)
def test_a_hostile_translation_is_shown_as_words_and_never_run(hostile: str, locales: Path) -> None:
    edit(locales, "ur", FOLLOWED, say(hostile))
    gallery = gather("ur", locales)
    assert plain(followed(gallery).forms[0].shown) == "You now follow Abbey (Reading)."
    assert followed(gallery).faults
    drawn = page(gallery)
    tags = [drawn.count(f"<{tag}") for tag in ("script", "style", "img", "q ")]
    assert tags == [1, 1, 0, 1]
    assert hostile[:900] in unescape(drawn)
    assert len(drawn.encode()) < LARGEST


def test_a_message_has_the_faults_that_the_check_tells(locales: Path) -> None:
    edit(locales, "ur", FOLLOWED, say("آپ نے {aera} کو فالو کر لیا۔ 999"))
    gallery = gather("ur", locales)
    entries = polib.pofile(str(file_of(locales, "ur", "messages")))
    spoilt = next(each for each in entries if each.msgid == FOLLOWED)
    wanted = list(of_entry(spoilt, gallery.language, "messages"))
    assert len(wanted) == 2
    assert followed(gallery).faults == wanted
    drawn = page(gallery)
    assert "the parts in {braces} must be the same as in the English" in drawn
    assert "آپ نے {aera} کو فالو کر لیا۔ 999" in drawn


def test_a_missing_or_fuzzy_message_shows_english_and_is_marked(locales: Path) -> None:
    def doubt(entry: polib.POEntry) -> None:
        entry.flags.append("fuzzy")

    edit(locales, "ur", FOLLOWED, doubt)
    edit(locales, "ur", "Show original", say(""), "safety")
    gallery = gather("ur", locales)
    assert followed(gallery).missing
    assert followed(gallery).written
    assert not followed(gallery).faults
    phrase = card(gallery, "Show original")
    assert phrase.missing
    assert phrase.faults == ["not translated yet; a language needs it"]


def test_a_phrase_stands_alone_once_a_speaker_has_reviewed_it(locales: Path) -> None:
    def review(entry: polib.POEntry) -> None:
        entry.tcomment = "Reviewed by A. Name"

    before = card(gather("ur", locales), "Show original")
    assert not before.reviewed
    assert plain(before.forms[0].shown).endswith("\nShow original")
    edit(locales, "ur", "Show original", review, "safety")
    after = card(gather("ur", locales), "Show original")
    assert after.reviewed
    assert "Show original" not in plain(after.forms[0].shown)


def test_a_damaged_file_is_told_in_one_line_and_english_stands_in(locales: Path) -> None:
    path = file_of(locales, "ur", "messages")
    path.write_text(path.read_text()[:2000] + '\nmsgid "half', encoding="utf-8")
    gallery = gather("ur", locales)
    assert any("messages.po: it is damaged at line" in fault for fault in gallery.faults)
    assert plain(followed(gallery).forms[0].shown) == "You now follow Abbey (Reading)."
    assert "it is damaged at line" in page(gallery)


@pytest.mark.parametrize(("code", "direction"), [("en_XA", "ltr"), ("ar_XB", "rtl")])
def test_made_up_languages_have_their_page_too(code: str, direction: str) -> None:
    gallery = gather(code)
    assert plain(followed(gallery).forms[0].shown).startswith("⟦")
    assert f'<div class="drawn" lang="{gallery.language.tag}" dir="{direction}">' in page(gallery)


@pytest.mark.parametrize("code", ["pl", "ur", "ar"])
def test_the_page_of_a_shipped_language_needs_no_other_file_and_is_small(code: str) -> None:
    drawn = page(gather(code))
    assert len(drawn.encode()) < LARGEST
    assert not re.search(r"<(?:link|img|iframe|object|embed|base|form [^>]*action)\b", drawn)
    assert not re.search(r"\bsrc=|@import|url\(", drawn)
    assert not re.search(r"<[^>]+\son\w+=|style=", drawn)
    policy = unescape(re.findall(r'Policy" content="([^"]+)"', drawn)[0])
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", drawn, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_is_written_where_it_is_asked_for_and_its_path_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "pages" / "urdu.html"
    result = CliRunner().invoke(app, ["preview", "ur", "--output", str(path)])
    assert result.output == f"{path}\n"
    assert "اردو" in path.read_text(encoding="utf-8")


def test_a_language_that_is_not_there_is_refused_in_one_line() -> None:
    result = CliRunner().invoke(app, ["preview", "tlh"])
    assert isinstance(result.exception, OperatorError)
    assert str(result.exception).startswith("no language tlh in locales/languages.toml; there are ")


@pytest.fixture
def server(locales: Path) -> Iterator[PreviewServer]:
    with PreviewServer("ur", 0, locales) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_what_is_served_follows_the_files(server: PreviewServer, locales: Path) -> None:
    assert server.address.startswith("http://127.0.0.1:")
    with httpx.Client(base_url=server.address, timeout=60) as client:
        assert "یہ نیا ہے" not in client.get("/").text
        edit(locales, "ur", FOLLOWED, say("یہ نیا ہے: {area}"))
        assert "یہ نیا ہے" in client.get("/").text
        assert client.get("/elsewhere").status_code == 404

        (locales / REGISTRY).write_text('[ur]\nenglish = "half')
        broken = client.get("/")
    assert broken.status_code == 500
    assert "locales/languages.toml cannot be read" in broken.text
    assert "Traceback" not in broken.text


def test_a_port_in_use_is_told_in_one_line(server: PreviewServer) -> None:
    port = str(server.server_port)
    result = CliRunner().invoke(app, ["preview", "ur", "--serve", "--port", port])
    assert isinstance(result.exception, OperatorError)
    assert str(result.exception).startswith(f"port {port} cannot be used")


def test_pressing_ctrl_c_leaves_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "i18n", "preview", "ur", "--serve", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Whoever runs the tests may ignore it, which would be inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert "http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
    assert process.returncode == 0
