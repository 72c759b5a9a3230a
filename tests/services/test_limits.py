"""Limits on one chat, and the brake on everyone together: in memory, and never a lock-out."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation import Address
from bot.errors import UserError
from bot.services import limits
from bot.services.limits import Brake, Limits
from tests.conftest import FakeClock

ME, NEIGHBOUR = Address("telegram", "4815162342"), Address("web", "4815162342")


@pytest.fixture
def early() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 0, 5, tzinfo=UTC))


def sent(counted: Limits, who: Address) -> None:
    with counted.concern(who):
        pass


def test_a_concern_that_was_not_taken_does_not_count(early: FakeClock) -> None:
    counted = Limits(early)
    for _outage in range(5):
        with pytest.raises(OSError, match="disk"), counted.concern(ME):
            raise OSError("the disk is full")
    sent(counted, ME)


def test_a_fourth_concern_within_the_hour_waits_and_is_told_how_long(early: FakeClock) -> None:
    counted = Limits(early)
    for _number in range(3):
        sent(counted, ME)
        early.set(early.now() + timedelta(minutes=10))
    with pytest.raises(UserError, match=r"Nothing was sent\..*999.*101") as refusal:
        sent(counted, ME)
    assert refusal.value.text.values["count"] == 30
    sent(counted, NEIGHBOUR)
    early.set(early.now() + timedelta(minutes=30))
    sent(counted, ME)


def test_a_ninth_concern_waits_for_the_next_day(early: FakeClock) -> None:
    counted = Limits(early)
    for _number in range(8):
        sent(counted, ME)
        early.set(early.now() + timedelta(hours=1))
    with pytest.raises(UserError):
        sent(counted, ME)
    early.set(datetime(2026, 11, 24, 0, 0, tzinfo=UTC))
    sent(counted, ME)


def test_twenty_codes_an_hour_can_be_tried_and_do_not_count_as_concerns(early: FakeClock) -> None:
    counted = Limits(early)
    for _number in range(20):
        counted.take_code(ME)
    with pytest.raises(UserError, match="many codes"):
        counted.take_code(ME)
    sent(counted, ME)
    early.set(early.now() + timedelta(hours=1))
    counted.take_code(ME)


def test_a_refused_try_does_not_make_the_wait_longer(early: FakeClock) -> None:
    counted = Limits(early)
    for _number in range(3):
        sent(counted, ME)
    for _number in range(5):
        with pytest.raises(UserError):
            sent(counted, ME)
    early.set(early.now() + timedelta(hours=1))
    sent(counted, ME)


def test_nobody_who_is_counted_can_be_read_from_the_counts(early: FakeClock) -> None:
    counted, again = Limits(early), Limits(early)
    sent(counted, ME)
    sent(again, ME)
    (one,), (other,) = counted._chats, again._chats
    assert b"4815162342" not in one
    assert one != other, "a restart begins with another key"


def test_the_counts_never_grow_without_end(early: FakeClock) -> None:
    counted = Limits(early)
    for number in range(limits.MOST_CHATS + 10):
        counted.take_code(Address("web", str(number)))
    assert len(counted._chats) == limits.MOST_CHATS


def test_the_brake_grows_with_wrong_codes_of_everyone_and_lets_go_after_an_hour(
    early: FakeClock,
) -> None:
    brake = Brake(early)
    pauses = []
    for _number in range(2_000):
        pauses.append(brake.pause)
        brake.count_wrong()
    assert pauses[100] == timedelta()
    assert timedelta() < pauses[200] < pauses[900] < brake.pause <= limits.LONGEST_PAUSE
    early.set(early.now() + timedelta(hours=1))
    assert brake.pause == timedelta()
