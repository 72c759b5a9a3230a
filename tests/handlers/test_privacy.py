"""/privacy: the notice, true to the code and numbered by its words."""

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from bot.services import retention
from bot.services.advisor import KEPT
from bot.services.backups import USABLE
from bot.services.conversations import SEEN_KEPT
from bot.services.places import NOTICE
from bot.services.posts import DELIVERIES_KEPT, GATES_KEPT, REFERENCES_KEPT
from bot.services.residents import KEPT_AFTER_STOP, TOMBSTONE_KEPT
from bot.services.teams import INVITATION_KEPT
from channels.telegram.recent import KEPT_HOURS
from channels.webchat import IDLE
from tests.resident import Resident
from web.visitors import COOKIE_DAYS

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"

# The words of each version. A change of words gets a new number here and in NOTICE, because the
# number is kept beside every resident who was shown them.
WORDS = {1: "fd2eac73570bdeea", 2: "834793426b9bd395", 3: "b2060e3f60841e68", 4: "922973df9c19546e"}


async def test_the_notice_has_a_new_number_whenever_its_words_change(resident: Resident) -> None:
    await resident.says("/privacy")
    assert resident.answer is not None
    words = "\n".join(text.message for text in resident.answer.replies[-1].paragraphs)
    assert sha256(words.encode()).hexdigest()[:16] == WORDS[NOTICE]
    resident.reads(f"(notice {NOTICE})")


async def test_the_notice_tells_the_times_that_the_code_keeps(resident: Resident) -> None:
    await resident.says("/privacy")
    resident.reads(f"I erase it after {KEPT_AFTER_STOP.days} days")
    resident.reads(f"one code stays for {TOMBSTONE_KEPT.days} days")
    resident.reads(f"For {DELIVERIES_KEPT.days} days I keep which news and alerts")
    resident.reads(f"For {REFERENCES_KEPT.days} days I keep where they stand")
    resident.reads(f"For {GATES_KEPT.days} days I keep how many you got")
    resident.reads(f"For {KEPT.days} days I keep which advice I sent you")
    resident.reads(f"I know for {KEPT_HOURS} hours which messages")
    resident.reads(f"for up to {IDLE.total_seconds() / 3600:.0f} hours")


async def test_the_notice_names_who_answers_and_where_to_complain(resident: Resident) -> None:
    await resident.says("/privacy")
    resident.reads("Thames Valley Police answers for how your data is used")
    resident.reads("Information Commissioner's Office: 0303 123 1113")


async def test_every_right_is_one_press_away(resident: Resident) -> None:
    await resident.says("/privacy")
    resident.sees("Get my data", "Erase my data", "Stop all messages")


async def test_the_notice_comes_in_the_language_of_the_resident(stranger: Resident) -> None:
    await stranger.says("/start")
    await stranger.says("polski")
    await stranger.says("/privacy")
    assert stranger.answer is not None
    assert stranger.answer.language == "pl"


async def test_the_notice_tells_how_long_what_belongs_to_a_concern_is_kept(
    resident: Resident,
) -> None:
    await resident.says("/privacy")
    resident.reads(f"erased {retention.DELIVERED.period.days} days after the team's mailbox")
    resident.reads(f"or after {retention.UNDELIVERED.period.days} days if I cannot deliver")
    resident.reads(f"erased {retention.MAILBOX.period.days} days after the last activity")
    resident.reads(f"or after {retention.PUSH.period.days} days")


def test_the_page_for_operators_tells_every_period_that_the_purge_keeps() -> None:
    section = PAGE.read_text().partition("## For how long")[2].partition("Kept elsewhere:")[0]
    told = re.findall(r"^\| (.+) \| (.+) \| (.+) \| (.+) \|$", section, re.MULTILINE)[1:]
    assert told == [
        (each.what, in_words(each.period), each.since, in_words(each.most))
        for each in retention.TABLE
    ]


def test_the_page_for_operators_tells_the_times_that_the_code_keeps_elsewhere() -> None:
    page = PAGE.read_text()
    section = page.partition("Kept elsewhere:")[2].partition("## Rights")[0]
    told = re.findall(r"\| (\d+ (?:days|hours)) \|", section)
    assert told == [
        f"{IDLE.total_seconds() / 3600:.0f} hours",
        f"{COOKIE_DAYS} days",
        f"{KEPT_HOURS} hours",
        f"{INVITATION_KEPT.total_seconds() / 3600:.0f} hours",
    ]
    assert f"marks of the last {SEEN_KEPT} updates" in page


def in_words(period: timedelta) -> str:
    return f"{period.days} days" if period.days else f"{period.seconds // 60} minutes"


async def test_the_notice_and_the_backups_agree(resident: Resident) -> None:
    await resident.says("/privacy")
    resident.reads(f"can be used for {USABLE.days} days")
