"""Receipt codes: alike in nothing, proof against slips of the finger, and slow to try."""

import asyncio
import random
import threading

import pytest

from bot.security.receipts import ALPHABET, Receipts, new_code, read_code

PEPPER = bytes(range(32))
SAMPLES = 100


def test_ten_thousand_codes_are_distinct_and_of_the_right_alphabet() -> None:
    codes = {new_code() for _ in range(10_000)}
    assert len(codes) == 10_000
    assert {len(code) for code in codes} == {20}
    assert {(code[6], code[13]) for code in codes} == {("-", "-")}
    assert set("".join(codes)) == {*ALPHABET, "-"}, "every symbol comes up"
    assert all(read_code(code) == code for code in codes)


def test_the_alphabet_leaves_out_what_looks_like_something_else() -> None:
    assert ALPHABET == "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    assert not set("01ILO") & set(ALPHABET)


def test_the_check_symbol_is_the_sum_of_position_times_value() -> None:
    assert read_code("222222-222222-222222") is not None  # all values are 0
    assert read_code("322222-222222-222223") is not None  # 1 times 1
    assert read_code("222222-222222-222234") is None
    assert read_code("222222-222222-22223K") is not None  # 17 times 1


def test_every_single_wrong_symbol_is_refused() -> None:
    for code in (new_code().replace("-", "") for _ in range(SAMPLES)):
        for place, right in enumerate(code):
            for wrong in set(ALPHABET) - {right}:
                assert read_code(code[:place] + wrong + code[place + 1 :]) is None


def test_every_two_neighbours_that_changed_places_are_refused() -> None:
    for code in (new_code().replace("-", "") for _ in range(SAMPLES)):
        for place in range(len(code) - 1):
            one, other = code[place], code[place + 1]
            if one != other:
                assert read_code(code[:place] + other + one + code[place + 2 :]) is None


@pytest.mark.parametrize(
    "typed",
    [
        "322222-222222-222223",
        "322222222222222223",
        "  322222 222222 222223\n",
        "３２２２２２－２２２２２２－２２２２２３",
        "322222–222222—222223",
        "322222\u00ad-222222\u200b-\u2060222223",
    ],
)
def test_a_code_is_read_however_it_is_spaced_or_copied(typed: str) -> None:
    assert read_code(typed) == "322222-222222-222223"


def test_small_letters_are_read() -> None:
    code = new_code()
    assert read_code(code.lower()) == code


@pytest.mark.parametrize(
    "typed", ["", "hello", "322222-222222-22222", "322222-222222-2222233", "O22222-222222-222222"]
)
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    assert read_code(typed) is None


def test_random_words_are_hardly_ever_taken_for_a_code() -> None:
    chance = random.Random(7)
    tries = ("".join(chance.choices(ALPHABET, k=18)) for _ in range(3_100))
    assert 50 < sum(read_code(each) is not None for each in tries) < 160  # one in 31


async def test_a_code_always_opens_the_same_mailbox_and_only_with_our_pepper() -> None:
    code, other = new_code(), new_code()
    first, again = Receipts(PEPPER), Receipts(PEPPER)
    mine = await first.open(code)
    assert len(mine.mailbox_id) == 16
    assert (await again.open(code)).mailbox_id == mine.mailbox_id
    assert (await again.open(code)).public == mine.public
    assert (await again.open(other)).mailbox_id != mine.mailbox_id
    assert (await Receipts(bytes(32)).open(code)).mailbox_id != mine.mailbox_id
    assert repr(mine).startswith("<bot.security.receipts.MailboxKeys object"), "no key is shown"


async def test_many_tries_at_once_run_two_by_two_and_leave_the_service_free() -> None:
    receipts, turns, most = Receipts(PEPPER), 0, 0
    trying = asyncio.gather(*(receipts.open(new_code()) for _ in range(8)))
    while not trying.done():
        names = [thread.name for thread in threading.enumerate()]
        most = max(most, sum(name.startswith("receipt") for name in names))
        turns += 1
        await asyncio.sleep(0.01)
    assert len({keys.mailbox_id for keys in await trying}) == 8
    assert most == 2
    assert turns > 8, "other work had its turns"
