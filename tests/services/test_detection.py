"""A language is proposed where that is certain, and asked for where it cannot be known."""

import pytest

from bot.languages import read_registry
from bot.services.detection import Detection, detect

OFFERED = read_registry()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Dzień dobry, ukradli mi rower", "pl"),
        ("jestem w domu i sie boje", "pl"),
        ("Bună ziua, vreau să raportez un furt", "ro"),
        ("Bom dia, quero pedir ajuda por favor", "pt"),
        ("Quiero denunciar un robo en mi calle", "es"),
        ("Hello, I would like to report a stolen bike", "en"),
        ("Привіт, мені потрібна допомога", "uk"),
        ("ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", "pa"),
        ("میری مدد کریں، چوری ہو گئی ہے", "ur"),
        ("مرحبا أريد المساعدة من فضلك", "ar"),
        ("मलाई सहयोग चाहियो कृपया", "ne"),
    ],
)
def test_a_sentence_is_known_by_its_language(words: str, code: str) -> None:
    pytest.importorskip("pycld2", reason="the detect extra has no wheel for this Python")
    assert detect(words) == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", "pa"),
        ("گھر میں ڈاکو ہیں", "ur"),
        ("زه مرسته غواړم ډېر ژر", "ps"),
        ("Її тут немає сьогодні", "uk"),
        ("મને મદદ જોઈએ છે", "gu"),
        ("我的自行车被人偷走了", "zh"),
    ],
)
def test_some_writing_belongs_to_one_language_alone(words: str, code: str) -> None:
    assert detect(words) == code


@pytest.mark.parametrize("words", ["", "RG1 1AA", "tak", "!!!", "\0\x80", "1234567890", "ok ok ok"])
def test_short_words_stay_undecided(words: str) -> None:
    assert detect(words) is None


def proposed(words: str, chosen: str | None) -> list[str]:
    return [language.code for language in Detection(OFFERED).proposals(words, chosen)]


def test_nothing_is_proposed_to_somebody_who_writes_in_their_own_language() -> None:
    assert proposed("ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", "pa") == []
    assert proposed("Hello, I would like to report a stolen bike", None) == []


def test_one_language_is_proposed_where_it_is_certain() -> None:
    assert proposed("ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", "ur") == ["pa"]
    assert proposed("ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", None) == ["pa"]


def test_urdu_in_latin_letters_is_asked_about() -> None:
    latin = [language.code for language in OFFERED if language.script == "Latn"]
    assert proposed("mujhe madad chahiye jaldi aao", "ur") == latin
    assert proposed("mujhe madad chahiye jaldi aao", None) == []


def test_the_english_name_of_a_place_proposes_no_english() -> None:
    assert proposed("Caversham Heights", "pl") == []


def test_only_what_is_on_offer_is_proposed() -> None:
    assert proposed("મને મદદ જોઈએ છે", "ur") == []
    assert Detection(OFFERED[:1]).proposals("ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", None) == ()
