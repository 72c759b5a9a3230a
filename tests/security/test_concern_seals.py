"""Seals around concerns: readable by one key alone, padded, and refused once changed."""

import pytest
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey

from bot.errors import OperatorError
from bot.security.concern_seals import (
    DISPATCH_BLOCK_BYTES,
    Dispatch,
    PushSeals,
    ReplyPaths,
    open_reply,
    seal_reply,
)

KEY, OTHER = bytes(range(32)), bytes(range(100, 132))
MAILBOX = PrivateKey.generate()
SEAL_BYTES = 48


def test_what_waits_to_be_sent_opens_with_the_dispatch_key_alone() -> None:
    sealed = Dispatch(KEY).seal(b"words")
    assert Dispatch(KEY).open(sealed) == b"words"
    assert Dispatch(KEY).seal(b"words") != sealed
    for keys, row in ((OTHER, sealed), (KEY, sealed[:-1] + b"x"), (KEY, b"")):
        with pytest.raises(OperatorError, match="cannot be read"):
            Dispatch(keys).open(row)


def test_the_size_of_what_waits_tells_only_how_many_blocks_it_is() -> None:
    short, long = Dispatch(KEY).seal(b""), Dispatch(KEY).seal(b"x" * (DISPATCH_BLOCK_BYTES - 1))
    assert len(short) == len(long) == DISPATCH_BLOCK_BYTES + SEAL_BYTES


@pytest.mark.parametrize(
    ("size", "padded"),
    [(0, 512), (511, 512), (512, 2048), (2047, 2048), (2048, 8192), (8191, 8192)],
)
def test_a_reply_has_one_of_three_sizes_and_opens_with_the_mailbox_alone(
    size: int, padded: int
) -> None:
    sealed = seal_reply(bytes(MAILBOX.public_key), b"x" * size)
    assert len(sealed) == padded + SEAL_BYTES
    assert open_reply(MAILBOX, sealed) == b"x" * size
    with pytest.raises(CryptoError):
        open_reply(PrivateKey.generate(), sealed)


def test_a_reply_beyond_the_largest_size_is_not_cut_but_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        seal_reply(bytes(MAILBOX.public_key), b"x" * 8192)


def test_ways_back_are_the_same_each_time_and_lead_nowhere_without_the_key() -> None:
    paths = ReplyPaths(KEY)
    token = paths.reply(b"m" * 16)
    assert token == paths.reply(b"m" * 16)
    assert len(token) == 26
    assert token.isalnum()
    assert token == token.lower()
    others = {paths.bounce(b"m" * 16), paths.reply(b"n" * 16), ReplyPaths(OTHER).reply(b"m" * 16)}
    assert len({token, *others}) == 4
    assert paths.hash(token.upper()) == paths.hash(token)
    assert paths.hash(token) not in {paths.hash(other) for other in others}


def test_a_chat_that_asked_for_news_opens_only_beside_its_mailbox() -> None:
    seals = PushSeals(KEY)
    sealed = seals.seal(b"m" * 16, "4815162342")
    assert seals.open(b"m" * 16, sealed) == "4815162342"
    assert len(sealed) == len(seals.seal(b"m" * 16, "a-longer-name-of-a-web-chat-0123456789"))
    for keys, mailbox_id in ((KEY, b"n" * 16), (OTHER, b"m" * 16)):
        with pytest.raises(OperatorError, match="cannot be read"):
            PushSeals(keys).open(mailbox_id, sealed)
