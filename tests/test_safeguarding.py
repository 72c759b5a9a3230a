"""Words that ask for help are known, however they are written; ordinary words are left alone."""

import unicodedata
from collections.abc import Callable

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

ORDINARY = """
What is my postcode area called?
RG1 1AA
Please tell me who my local officer is.
There is rubbish dumped at the end of our road.
Cars are parked on the pavement outside the school.
When is the next meeting with the neighbourhood team?
I would like to follow Abbey ward.
How do I change the language to Polish?
My bike was taken from the station last night.
The street light outside number 12 is broken.
Could we have a speed camera on the A33?
Loud music again until two in the morning.
Dogs are barking all day next door.
Someone keeps leaving trolleys in the river.
Thank you for the update about parking.
Is there a Neighbourhood Watch near me?
I want fewer messages, once a week is enough.
Please stop sending messages at night.
How can I join the Specials?
My car window was smashed on Friday.
Somebody painted graffiti on the bus stop.
Who do I ask about a lost passport?
I found a set of keys in the park.
Where can I hand in a found phone?
How do I mark my bike?
Fireworks have been going off all week.
Teenagers are sitting in the bus shelter.
There is a burnt-out bin near the shops.
What are your opening hours?
I cannot find the station front desk.
The website is not loading for me.
My neighbour's hedge blocks the footpath.
Scooters are ridden on the pavement.
Is it legal to ride an e-scooter?
Can I speak to someone about road safety?
We need a zebra crossing by the surgery.
Thieves took tools from my van.
How do I keep my shed safe in winter?
Which locks are best for a back door?
My parcel was taken from the porch.
Please add Caversham as well.
I moved to Oxford last month.
My mother lives in Slough.
Show me the figures for last month.
Do you have advice about door locks?
What happened with the burglary appeal?
I saw the poster in the library.
The playground gate does not close.
A tree fell on the road near the church.
Can you help with parking permits?
Good morning
Thanks, that is all.
yes
no
maybe later
Riverside
42
22:00-07:00
I like this service.
How do I delete my data?
Who pays for this?
Is this the police or the council?
Do officers visit schools?
My son wants to be a cadet.
My daughter starts school in September.
The football crowd left a lot of litter.
Motorbikes race along the canal path.
The shop sells to people under age.
I would like a visit from the crime bus.
Is there CCTV in the town centre?
How many burglaries were there in May?
The car park barrier is stuck.
Poachers were on the farm at dawn.
Sheep were let out of the field.
Diesel was taken from the tractor.
Catalytic converters are being stolen here.
There was an accident on the bridge.
The traffic lights are out of order.
Someone is selling things door to door.
May I share this with my group?
Our parish council meets on Tuesday.
What does hate crime mean?
Where is the nearest police station?
I work nights, so write in the evening.
Do you speak Romanian?
Please write in simple words.
The text is too small to read.
I pressed the wrong button.
Go back
Skip
Next week
Jestem z Reading, jak zmienić język?
Dzień dobry, gdzie jest komisariat?
Proszę o wiadomości raz w tygodniu.
Sąsiedzi głośno słuchają muzyki.
Kto jest moim dzielnicowym?
Zgubiłem klucze w parku.
Samochody parkują na chodniku.
Ktoś wyrzucił śmieci przy drodze.
Dziękuję za pomoc z adresem.
Skradziono mi rower sprzed sklepu.
Kiedy jest spotkanie z policją?
Chcę obserwować też Oxford.
Nie dostaję żadnych wiadomości.
Latarnia przed domem nie świeci.
Jak mogę zgłosić hałas?
""".strip().splitlines()


@pytest.fixture(scope="module")
def safeguarding() -> Safeguarding:
    return Safeguarding()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(("kind", "words"), CRIES)
def test_a_cry_for_help_is_heard(
    kind: Kind, words: str, disguise: str, safeguarding: Safeguarding
) -> None:
    assert kind in safeguarding.check(DISGUISES[disguise](words))


def test_ordinary_words_seldom_raise_an_alarm(safeguarding: Safeguarding) -> None:
    alarms = {words: found for words in ORDINARY if (found := safeguarding.check(words))}
    print(f"{len(alarms)} of {len(ORDINARY)} ordinary sentences raise an alarm: {alarms}")  # noqa: T201  # read by people who tune the phrases
    assert len(ORDINARY) >= 100
    assert len(alarms) <= len(ORDINARY) * 0.03


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
