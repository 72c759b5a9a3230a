"""An officer's words come through; quotes and signatures of the usual mail programs do not."""

import pytest

from bot.model import ConcernState
from bot.services import reply_words
from bot.services.letters import MARK

OFFICER = "jo.smith@force.example"
QUOTED = f"> {MARK}\n>\n> A resident has sent a concern.\n"
BARE = f"{MARK}\n\nA resident has sent a concern.\n"

GMAIL = f"""We will patrol there.

Please tell us more.

On Tue, 24 Nov 2026 at 10:15, Beatline <beatline+abc@beat.example> wrote:

{QUOTED}"""
GMAIL_WRAPPED = f"""We will patrol there.

Please tell us more.

On Tue, 24 Nov 2026 at 10:15, Beatline
<beatline+aaaaaaaaaaaaaaaaaaaaaaaaaa@beat.example>
wrote:
{QUOTED}"""
OUTLOOK = f"""We will patrol there.

Please tell us more.

Kind regards,

PC Jo Smith 1234
Thames Valley | 101

From: beatline@beat.example <beatline@beat.example>
Sent: 24 November 2026 10:15
To: Jo Smith <jo.smith@force.example>
Subject: C-ABC234 Riverside

{BARE}"""
OUTLOOK_WEB = f"""We will patrol there.

Please tell us more.
________________________________
*From:* beatline@beat.example
*Sent:* Tuesday
*To:* Jo

{BARE}"""
OUTLOOK_OLD = f"""We will patrol there.

Please tell us more.

-----Original Message-----
From: beatline@beat.example
{BARE}"""
OUTLOOK_PHONE = f"""We will patrol there.

Please tell us more.

Get Outlook for iOS
________________________________
From: beatline@beat.example
Sent: Tuesday
{BARE}"""
APPLE = f"""We will patrol there.

Please tell us more.

Sent from my iPhone

> On 24 Nov 2026, at 10:15, Beatline <beatline@beat.example> wrote:
>
{QUOTED}"""
APPLE_MAC = f"""We will patrol there.

Please tell us more.

--\x20
PC Jo Smith

> On 24 Nov 2026, at 10:15, Beatline wrote:
{QUOTED}"""
POLISH = f"""We will patrol there.

Please tell us more.

Z poważaniem
Jan Kowalski

W dniu 24.11.2026 o 10:15, Beatline pisze:
{QUOTED}"""
POLISH_GMAIL = f"""We will patrol there.

Please tell us more.

wt., 24 lis 2026 o 10:15 Beatline <beatline@beat.example> napisał(a):

{QUOTED}"""
POLISH_OUTLOOK = f"""We will patrol there.

Please tell us more.

Od: beatline@beat.example
Wysłano: wtorek, 24 listopada 2026 10:15
Do: Jan Kowalski
Temat: C-ABC234

{BARE}"""
POLISH_APPLE = f"""We will patrol there.

Please tell us more.

Wiadomość napisana przez Beatline <beatline@beat.example> w dniu 24 lis 2026, o godz. 10:15:

{QUOTED}"""
BELOW = f"""On Tue, 24 Nov 2026 at 10:15, Beatline <beatline@beat.example> wrote:
{QUOTED}
We will patrol there.

Please tell us more.
"""
UNKNOWN_PROGRAM = f"""We will patrol there.

Please tell us more.

{BARE}"""


@pytest.mark.parametrize(
    "body",
    [
        GMAIL,
        GMAIL_WRAPPED,
        OUTLOOK,
        OUTLOOK_WEB,
        OUTLOOK_OLD,
        OUTLOOK_PHONE,
        APPLE,
        APPLE_MAC,
        POLISH,
        POLISH_GMAIL,
        POLISH_OUTLOOK,
        POLISH_APPLE,
        BELOW,
        UNKNOWN_PROGRAM,
    ],
)
def test_quote_and_signature_are_left_out(body: str) -> None:
    for text in (body, body.replace("\n", "\r\n")):
        answer = reply_words.read(text, OFFICER)
        assert answer.words == "We will patrol there.\n\nPlease tell us more."
        assert answer.state is None


@pytest.mark.parametrize(
    "words",
    [
        "Thanks for telling us. On Monday we wrote:\nno more parking here.",
        "We did three things:\n- a patrol\n- a letter\n- a camera",
        "From: now on, call 101.",
        "Thank you, we have spoken to them.\n\nIt should stop.",
        "Best wishes to your neighbours for their help last week.",
        "Thanks",
        "-- a dash begins this line",
        "a" * 5_000,
    ],
)
def test_ordinary_words_are_kept_whole(words: str) -> None:
    assert reply_words.read(words, OFFICER).words == words


@pytest.mark.parametrize(
    "farewell",
    [
        "Kind regards",
        "Regards,",
        "Many thanks,",
        "Best wishes",
        "Kind regards, Jo Smith",
        "Pozdrawiam",
    ],
)
def test_a_farewell_ends_the_answer(farewell: str) -> None:
    answer = reply_words.read(f"We will look.\n\n{farewell}\n\nPC Jo Smith\n01234 567890", OFFICER)
    assert answer.words == "We will look."


@pytest.mark.parametrize(
    ("first", "state", "reason"),
    [
        ("#working", ConcernState.WORKING, ""),
        ("#Working:", ConcernState.WORKING, ""),
        ("# working", ConcernState.WORKING, ""),
        ("#referred council", ConcernState.REFERRED, "council"),
        ("#closed - no one was there", ConcernState.CLOSED, "no one was there"),
    ],
)
def test_a_status_word_at_the_top_moves_the_state(
    first: str, state: ConcernState, reason: str
) -> None:
    answer = reply_words.read(f"\n{first}\n\nWe will look.\n\n{QUOTED}", OFFICER)
    assert (answer.state, answer.reason, answer.words) == (state, reason, "We will look.")
    alone = reply_words.read(first, OFFICER)
    assert (alone.state, alone.words) == (state, "")


def test_a_status_word_we_do_not_know_is_pointed_out() -> None:
    assert reply_words.read("#resolved\nAll done.", OFFICER).unknown == "resolved"
    assert reply_words.read("#1 on our list.", OFFICER).unknown is None


def test_a_status_word_further_down_is_only_words() -> None:
    answer = reply_words.read("We are\n#working\non it.", OFFICER)
    assert answer.state is None


def test_the_officers_own_address_is_taken_out() -> None:
    answer = reply_words.read("Write to Jo.Smith@Force.example please.", OFFICER)
    assert answer.words == "Write to (address) please."


def test_what_hides_or_turns_text_is_taken_out() -> None:
    answer = reply_words.read("We will\u202e look\u200b.\x00", OFFICER)
    assert answer.words == "We will look."
