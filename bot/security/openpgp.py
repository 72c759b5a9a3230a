"""OpenPGP for teams that have a certificate: what is sealed to it, only the team can read.

pysequoia encrypts to keys that have expired or were revoked, so that is looked at here, for every
message anew. It is an extra: without it a team's certificate is refused, never passed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import OperatorError

if TYPE_CHECKING:
    from pysequoia import Cert
    from pysequoia.packet import Packet

_MISSING = "certificates need more: pip install 'beatline[pgp]'"
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an operator is told of a certificate; ``expires`` is None for one that never does."""

    fingerprint: str
    user_ids: tuple[str, ...]
    expires: datetime | None


def check(data: bytes, now: datetime) -> Certificate:
    """Look at a team's certificate, as bytes or ASCII armour, and encrypt to it once as a test.

    Raises OperatorError for one that holds a secret key, has expired, is revoked, or has no key
    to encrypt to; and where the extra is missing.
    """
    certificate, end = _living(data, now)
    _encrypt(certificate, b"test")
    user_ids = tuple(map(str, certificate.user_ids))
    return Certificate(certificate.fingerprint, user_ids, None if end == _NEVER else end)


def seal(certificate: bytes, data: bytes, now: datetime) -> bytes:
    """Encrypt to a team's certificate, in binary form. Raises OperatorError as ``check``."""
    return _encrypt(_living(certificate, now)[0], data)


def armoured(message: bytes) -> bytes:
    """A sealed message in ASCII armour, as e-mail carries it. Raises OperatorError."""
    try:
        from pysequoia import ArmorKind, armor  # an extra
    except ImportError:
        raise OperatorError(_MISSING) from None
    return armor(message, ArmorKind.Message).encode()


def _living(data: bytes, now: datetime) -> tuple["Cert", datetime]:
    """A certificate without the encryption keys that have ended, and when the last one will."""
    try:
        from pysequoia import Cert  # an extra
        from pysequoia.packet import PacketPile
    except ImportError:
        raise OperatorError(_MISSING) from None
    try:
        [whole], packets = Cert.split_bytes(data), PacketPile.from_bytes(data)
    except (RuntimeError, ValueError):  # whose words would be a stack of foreign code
        raise OperatorError("the file is not one OpenPGP certificate") from None
    end = whole.expiration or _NEVER
    has_secret = any(_name(packet.tag).startswith("Secret") for packet in packets)
    _refuse_if(has_secret, "holds a secret key: export the public one alone")
    _refuse_if(whole.is_revoked, "is revoked")
    _refuse_if(end <= now, "has expired")
    keys = [key for key in _keys(PacketPile.from_bytes(bytes(whole))) if not key.has_ended(now)]
    ends = [key.end for key in keys if key.encrypts]
    _refuse_if(not ends, "has no key to encrypt to, or only keys that have ended")
    living = Cert.from_packets([packet for key in keys for packet in key.packets])
    return living, min(end, max(ends))


@dataclass(frozen=True, slots=True)
class _Key:
    """A key in a certificate: its packet, and those of all that is said about it."""

    packets: list["Packet"]

    def has_ended(self, now: datetime) -> bool:
        """Whether nobody may encrypt to it any more; keys for other uses do not matter here."""
        return self.encrypts and (self.end <= now or bool(self._signed("SubkeyRevocation")))

    @property
    def encrypts(self) -> bool:
        return any(
            flags.transport_encryption or flags.storage_encryption
            for each in self._bindings[-1:]
            if (flags := each.key_flags)
        )

    @property
    def end(self) -> datetime:
        created = self.packets[0].key_created
        lasting = self._bindings[-1].key_validity_period
        return created + lasting if created and lasting else _NEVER

    @property
    def _bindings(self) -> list["Packet"]:
        """What was said of its use, the newest last; empty for the primary key."""
        return sorted(
            self._signed("SubkeyBinding"), key=lambda each: each.signature_created or _NEVER
        )

    def _signed(self, kind: str) -> list["Packet"]:
        return [
            each
            for each in self.packets
            if _name(each.tag) == "Signature" and _name(each.signature_type) == kind
        ]


def _keys(packets: Iterable["Packet"]) -> Iterator[_Key]:
    """The keys of a certificate, the primary one first with the names of its owner."""
    key: list[Packet] = []
    for packet in packets:
        if _name(packet.tag) == "PublicSubkey":
            yield _Key(key)
            key = []
        key.append(packet)
    yield _Key(key)


def _name(kind: object) -> str:
    return str(kind).rpartition(".")[2]


def _encrypt(certificate: "Cert", data: bytes) -> bytes:
    from pysequoia import encrypt  # there, since there is a certificate

    try:
        return encrypt(data, recipients=[certificate], armor=False)
    except RuntimeError:  # as above
        raise OperatorError("nothing can be encrypted to the certificate") from None


def _refuse_if(wrong: bool, reason: str) -> None:
    if wrong:
        raise OperatorError(f"the certificate {reason}")
