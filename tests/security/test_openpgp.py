"""A team's certificate: taken only if the team, and nobody else, can read what is sealed to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.security import openpgp
from tests.gnupg import GnuPG

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=400)


@pytest.fixture
def gnupg(tmp_path: Path) -> Iterator[GnuPG]:
    pytest.importorskip("pysequoia", reason="the extra [pgp] is not installed")
    with GnuPG.at(tmp_path / "gnupg") as keyring:
        yield keyring


def test_what_is_sealed_to_a_certificate_only_its_team_can_read(gnupg: GnuPG) -> None:
    gnupg.new_key()
    sealed = openpgp.seal(gnupg.certificate(), b"What they wrote", NOW)
    assert b"wrote" not in sealed
    assert gnupg.opened(sealed) == b"What they wrote"


def test_a_good_certificate_is_described_armoured_or_not(gnupg: GnuPG) -> None:
    gnupg.new_key(lasting="1y")
    found = openpgp.check(gnupg.certificate(), NOW)
    assert found == openpgp.check(gnupg.certificate(armoured=True), NOW)
    assert found.user_ids == ("Riverside team <team@police.example>",)
    assert found.expires is not None
    assert timedelta(days=360) < found.expires - NOW < timedelta(days=370)


def test_a_certificate_without_an_end_is_good_for_ever(gnupg: GnuPG) -> None:
    gnupg.new_key()
    assert openpgp.check(gnupg.certificate(), LATER).expires is None


def expired(gnupg: GnuPG) -> bytes:
    gnupg.new_key(lasting="1y")
    return gnupg.certificate()


def with_an_expired_subkey(gnupg: GnuPG) -> bytes:
    gnupg.new_key(encrypts=False)
    gnupg.add_subkey(lasting="1y")
    return gnupg.certificate()


def without_encryption(gnupg: GnuPG) -> bytes:
    gnupg.new_key(encrypts=False)
    return gnupg.certificate()


def with_its_secret(gnupg: GnuPG) -> bytes:
    gnupg.new_key()
    return gnupg.secret()


def revoked(gnupg: GnuPG) -> bytes:
    gnupg.new_key()
    gnupg.revoke()
    return gnupg.certificate()


def two(gnupg: GnuPG) -> bytes:
    gnupg.new_key()
    return gnupg.certificate() * 2


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (expired, "has expired"),
        (with_an_expired_subkey, "only keys that have ended"),
        (without_encryption, "no key to encrypt to"),
        (with_its_secret, "holds a secret key"),
        (revoked, "is revoked"),
        (two, "not one OpenPGP certificate"),
        (lambda _gnupg: b"hello", "not one OpenPGP certificate"),
        (lambda _gnupg: b"", "not one OpenPGP certificate"),
    ],
)
def test_a_certificate_that_will_not_do_is_refused_in_one_sentence(
    gnupg: GnuPG, make: Callable[[GnuPG], bytes], reason: str
) -> None:
    certificate = make(gnupg)
    for attempt in (
        lambda: openpgp.check(certificate, LATER),
        lambda: openpgp.seal(certificate, b"words", LATER),
    ):
        with pytest.raises(OperatorError, match=reason) as refusal:
            attempt()
        assert "\n" not in str(refusal.value)


def test_of_two_keys_the_one_that_has_ended_is_not_used(gnupg: GnuPG) -> None:
    gnupg.new_key(encrypts=False)
    old, new = gnupg.add_subkey(lasting="1y"), gnupg.add_subkey()
    assert gnupg.readers(openpgp.seal(gnupg.certificate(), b"words", NOW)) == {old, new}
    assert gnupg.readers(openpgp.seal(gnupg.certificate(), b"words", LATER)) == {new}
