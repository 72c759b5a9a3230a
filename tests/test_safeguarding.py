"""Words that ask for help are known, however they are written; ordinary words are left alone."""

import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import safety
from bot.safeguarding import Kind, Safeguarding, fold, help_for
from bot.services.directory import Directory
from tests.conftest import FakeClock

CRIES = [
    (Kind.EMERGENCY, "Someone is breaking in, please help"),
    (Kind.EMERGENCY, "he is not breathing"),
    (Kind.EMERGENCY, "Ktoś włamuje się do sąsiadów"),
    (Kind.EMERGENCY, "Ratunku!"),
    (Kind.SELF_HARM, "I don't want to live any more"),
    (Kind.SELF_HARM, "I'm going to kill myself"),
    (Kind.SELF_HARM, "nie chcę już żyć"),
    (Kind.SELF_HARM, "chcę się zabić"),
    (Kind.CHILD, "My daughter has gone missing"),
    (Kind.CHILD, "they are hurting their children next door"),
    (Kind.CHILD, "sąsiad bije swoje dzieci"),
    (Kind.CHILD, "I am 13 and I am scared"),
    (Kind.DOMESTIC_ABUSE, "my husband hits me"),
    (Kind.DOMESTIC_ABUSE, "I'm scared of him"),
    (Kind.DOMESTIC_ABUSE, "mąż znowu mnie bije"),
    (Kind.DOMESTIC_ABUSE, "boję się męża"),
    (Kind.WEAPON, "a boy outside school has a knife"),
    (Kind.WEAPON, "I heard shots fired"),
    (Kind.WEAPON, "on ma nóż"),
    (Kind.FRAUD, "I moved my money to a safe account"),
    (Kind.FRAUD, "the bank just called me about my card, was it a scam?"),
    (Kind.FRAUD, "oszukali mnie przez telefon"),
]

DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": lambda words: words,
    "in capitals": str.upper,
    "in full width": lambda words: "".join(
        chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in words
    ),
    "with zero-width marks": "\u200b".join,
    "with joiners and selectors": "\u2060\ufe0f\u00ad".join,
    "with accents on top": lambda words: "".join(f"{letter}\u0301\u0323" for letter in words),
    "with accents apart": lambda words: unicodedata.normalize("NFD", words),
    "without accents": fold,
    "between marks": lambda words: f"!!! «{words}» …",
    "with wide gaps": lambda words: words.replace(" ", " \n\t\u00a0 "),
    "deep inside a long message": lambda words: f"{'so it was. ' * 100}{words}. {'and on. ' * 99}",
}

TEXTS = Path(__file__).parent / "fixtures" / "safeguarding"
LANGUAGES = sorted(path.name.split(".")[1] for path in TEXTS.glob("cries.*.txt"))
ENOUGH = {"en_GB": (150, 500), "pl": (150, 500)}
"""How many cries and ordinary texts were collected; a language just added has fewer."""
AT_FIRST = (60, 100)


def cries(language: str) -> list[tuple[Kind, str]]:
    """The cries of a file: those of each kind under its heading."""
    found: list[tuple[Kind, str]] = []
    for line in (TEXTS / f"cries.{language}.txt").read_text().splitlines():
        if line.startswith("# "):
            kind = Kind(line[2:])
        else:
            found.append((kind, line))
    return found


@pytest.fixture(scope="module")
def safeguarding() -> Safeguarding:
    return Safeguarding()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(("kind", "words"), CRIES)
def test_a_cry_for_help_is_heard(
    kind: Kind, words: str, disguise: str, safeguarding: Safeguarding
) -> None:
    assert kind in safeguarding.check(DISGUISES[disguise](words))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cry_that_was_collected_is_heard(language: str, safeguarding: Safeguarding) -> None:
    collected = cries(language)
    missed = [(kind, words) for kind, words in collected if kind not in safeguarding.check(words)]
    print(f"{len(missed)} of {len(collected)} cries in {language} are missed")  # noqa: T201  # read by people who tune the phrases
    assert missed == []
    assert len(collected) >= ENOUGH.get(language, AT_FIRST)[0]
    assert {kind for kind, _ in collected} == set(Kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_words_seldom_raise_an_alarm(language: str, safeguarding: Safeguarding) -> None:
    ordinary = (TEXTS / f"ordinary.{language}.txt").read_text().splitlines()
    alarms = {words: found for words in ordinary if (found := safeguarding.check(words))}
    print(f"{len(alarms)} of {len(ordinary)} ordinary texts in {language} raise an alarm: {alarms}")  # noqa: T201  # read by people who tune the phrases
    assert len(ordinary) >= ENOUGH.get(language, AT_FIRST)[1]
    assert len(alarms) <= len(ordinary) * 0.05


@pytest.mark.parametrize("words", ["heeeelp meeee", "HE HAS A KNIIIIFE", "help!!! me!!!", "raaape"])
def test_stretched_letters_are_heard(words: str, safeguarding: Safeguarding) -> None:
    assert safeguarding.check(words)


def test_the_longest_text_is_looked_through_at_once(safeguarding: Safeguarding) -> None:
    for unit in ("the man said he is my old mum and ", "he is ", "a. ", "on mnie i ja "):
        start = time.process_time()
        safeguarding.check((unit * 4096)[:4096])
        assert time.process_time() - start < 1


def rules(folder: Path, phrase: str) -> Safeguarding:
    (folder / "xx").mkdir()
    words = f'emergency = ["{phrase}"]\n[groups]\nwho = ["he", "my (big) [dog|cat]"]\n'
    (folder / "xx" / "safeguarding.toml").write_text(words)
    made_up = Safeguarding(folder)
    made_up.load()
    return made_up


@pytest.mark.parametrize(
    ("phrase", "heard", "passed"),
    [
        ("bark*", ["it barks"], ["embark", "ba rk"]),
        ("one … two", ["one two", "one a b c two"], ["one a b c d two", "two one"]),
        ("a * b", ["a x b"], ["a b", "a x y b"]),
        ("sent # pounds", ["sent £5000 pounds", "sent 20 pounds"], ["sent ten pounds"]),
        ("[red|dark blue] (big) car", ["red car", "dark blue big car"], ["blue car", "big car"]),
        ("<who> runs", ["he runs", "my big cat runs", "my dog runs"], ["my big runs"]),
        ("fire ![station|work*]", ["fire", "a fire here"], ["fire station", "fire works"]),
        ("^ fire $", ["fire", "Hello. Fire! Hello."], ["hello fire", "fire hello"]),
        ("[a|b [c|d (e)]] f", ["a f", "b c f", "b d e f"], ["b f", "e f"]),
    ],
)
def test_each_sign_of_a_phrase_means_what_it_says(
    tmp_path: Path, phrase: str, heard: list[str], passed: list[str]
) -> None:
    found = rules(tmp_path, phrase)
    assert [words for words in heard if not found.check(words)] == []
    assert [words for words in passed if found.check(words)] == []


@pytest.mark.parametrize("phrase", ["[a|b", "a|b]", "(a", "a)", "![a", "a ! b", "a < b", "[a)"])
def test_a_phrase_that_cannot_be_read_stops_the_start(tmp_path: Path, phrase: str) -> None:
    with pytest.raises(ValueError, match=r"missing|too many|cannot read"):
        rules(tmp_path, phrase)


def test_a_group_that_does_not_exist_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        rules(tmp_path, "<nobody> runs")


@pytest.mark.parametrize("words", ["", " ", "\0", "\ud800", "🦆" * 4096, "ا" * 4096, "a b " * 1024])
def test_any_words_can_be_looked_at(words: str, safeguarding: Safeguarding) -> None:
    assert safeguarding.check(words) == []


def test_vowel_signs_that_tell_words_apart_are_kept() -> None:
    assert fold("की") != fold("का")
    assert fold("Zażółć GĘŚLĄ") == "zazolc gesla"
    assert fold("ﾊﾟ２٢") == fold("パ22")


@pytest.mark.parametrize("kind", Kind)
def test_help_begins_with_999_and_names_a_number_of_its_own(kind: Kind) -> None:
    reply = help_for([kind], Directory("thames-valley", FakeClock()))
    assert reply.paragraphs[0] == safety.EMERGENCY
    assert len(reply.paragraphs) > 1


def test_help_for_several_kinds_says_each_thing_once() -> None:
    reply = help_for(list(Kind), Directory("thames-valley", FakeClock()))
    lines = [text.message + str(text.values) for text in reply.paragraphs]
    assert len(lines) == len(set(lines))
