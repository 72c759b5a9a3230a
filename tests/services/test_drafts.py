"""Drafts: bounded in memory and time, and kept under names that nobody can compute."""

from datetime import timedelta

from bot.conversation import Address
from bot.model import Concern, Draft, Enclosure, Media, Original, Point
from bot.services.drafts import IDLE, MOST_BYTES, MOST_FILES, MOST_TALKS, Drafts
from tests.conftest import FakeClock

SOMEONE = Address("telegram", "4815162342")


def enclosure(size: int) -> Enclosure:
    original = Original("ab", "image/jpeg", b"received")
    return Enclosure(Media("photo-1.jpg", "image/jpeg", b"", original=original), bytes(size))


def test_a_draft_stays_as_long_as_somebody_writes(clock: FakeClock) -> None:
    drafts = Drafts(clock)
    draft = drafts.begin(SOMEONE, Draft())
    clock.set(clock.now() + IDLE - timedelta(seconds=1))
    assert drafts.of(SOMEONE) is draft


def test_a_draft_is_gone_after_half_an_hour_and_that_is_told_once(clock: FakeClock) -> None:
    drafts = Drafts(clock)
    drafts.begin(SOMEONE, Draft())
    clock.set(clock.now() + IDLE)
    assert drafts.of(SOMEONE) is None
    assert drafts.timed_out(SOMEONE)
    assert not drafts.timed_out(SOMEONE)


def test_nothing_kept_names_the_chat(clock: FakeClock) -> None:
    drafts = Drafts(clock)
    drafts.begin(SOMEONE, Draft())
    assert SOMEONE.id not in repr(vars(drafts))
    assert Drafts(clock).of(SOMEONE) is None


def test_the_oldest_draft_goes_beyond_the_bound(clock: FakeClock) -> None:
    drafts = Drafts(clock)
    for number in range(MOST_TALKS + 1):
        drafts.begin(Address("telegram", str(number)), Draft())
    assert drafts.of(Address("telegram", "0")) is None
    assert drafts.of(Address("telegram", "1")) is not None


def test_files_are_bounded_in_number_in_size_and_all_together(clock: FakeClock) -> None:
    drafts = Drafts(clock)
    draft = drafts.begin(SOMEONE, Draft())
    assert drafts.has_room(draft, MOST_BYTES // 2)
    assert not drafts.has_room(draft, MOST_BYTES // 2 + 1)
    draft.files = [enclosure(1)] * MOST_FILES
    assert not drafts.has_room(draft, 1)
    for number in range(7):
        crowd = drafts.begin(Address("telegram", str(number)), Draft())
        crowd.files = [enclosure(MOST_BYTES)]
    assert not drafts.has_room(Draft(), 1)


def test_an_original_goes_only_if_it_was_chosen() -> None:
    chosen = enclosure(1)
    draft = Draft(files=[chosen])
    assert draft.concern("pl").media[0].original is None
    chosen.with_original = True
    assert draft.concern("pl").media[0].original is not None


def test_a_concern_holds_the_rounded_point_and_nothing_of_the_chat() -> None:
    draft = Draft(text="Loud music.", exact=Point(51.454321, -0.951234))
    assert draft.concern("pl") == Concern(
        text="Loud music.", language="pl", point=Point(51.454, -0.951)
    )
