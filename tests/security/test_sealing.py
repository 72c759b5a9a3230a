"""Chat ids are found by a keyed hash and read only with the right keys."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OperatorError
from bot.security.sealing import ChatKeys
from bot.security.secrets import Secrets

PAIR = Secrets.fresh().chat_keys
KEYS = ChatKeys(PAIR)


def test_a_chat_is_looked_up_by_hmac_of_channel_and_id() -> None:
    expected = hmac.new(PAIR.index, b"telegram:1234567890", hashlib.sha256).digest()
    assert KEYS.lookup("telegram", "1234567890") == expected


def test_the_same_id_on_two_channels_is_two_chats() -> None:
    assert KEYS.lookup("telegram", "12345") != KEYS.lookup("web", "12345")


@given(st.text(max_size=100))
def test_a_sealed_chat_id_comes_back_whole(chat_id: str) -> None:
    assert KEYS.unseal(KEYS.seal("telegram", chat_id)) == chat_id


def test_sealing_the_same_chat_twice_looks_different_and_hides_the_id() -> None:
    first, second = (KEYS.seal("telegram", "1234567890") for _ in range(2))
    assert first != second
    assert b"1234567890" not in first


def test_a_short_and_a_long_telegram_id_are_equally_long_when_sealed() -> None:
    sealed = [KEYS.seal("telegram", chat_id) for chat_id in ("7", "1234567890", "-1001234567890")]
    assert {len(blob) for blob in sealed} == {64}


@pytest.mark.parametrize("place", [0, 30, -1])
def test_a_changed_row_is_noticed(place: int) -> None:
    blob = bytearray(KEYS.seal("telegram", "1234567890"))
    blob[place] ^= 1
    with pytest.raises(OperatorError, match="row was changed"):
        KEYS.unseal(bytes(blob))


@pytest.mark.parametrize("blob", [b"", b"short", bytes(64)])
def test_rubbish_is_noticed(blob: bytes) -> None:
    with pytest.raises(OperatorError):
        KEYS.unseal(blob)


def test_another_installations_keys_neither_find_nor_read_a_chat() -> None:
    other = ChatKeys(Secrets.fresh().chat_keys)
    assert other.lookup("telegram", "1") != KEYS.lookup("telegram", "1")
    sealed = KEYS.seal("telegram", "1")
    assert not other.sealed_here(sealed)
    assert KEYS.sealed_here(sealed)


def test_a_chat_moves_to_new_keys_without_being_named() -> None:
    new = ChatKeys(Secrets.fresh().chat_keys)
    lookup, sealed = new.reseal(KEYS.seal("web", "abc:def"), KEYS)
    assert lookup == new.lookup("web", "abc:def")
    assert new.unseal(sealed) == "abc:def"


def test_a_repeated_update_is_known_by_eight_bytes() -> None:
    mark = KEYS.update_mark("telegram", "987654321")
    assert len(mark) == 8
    assert mark == KEYS.update_mark("telegram", "987654321")
    assert mark != KEYS.update_mark("telegram", "987654322")
