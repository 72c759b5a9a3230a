"""GnuPG with a keyring of its own, as the other side of what we encrypt."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

OWNER = "Riverside team <team@police.example>"


@dataclass(frozen=True)
class GnuPG:
    """A keyring in a folder."""

    home: Path

    @classmethod
    @contextmanager
    def at(cls, home: Path) -> Iterator["GnuPG"]:
        """A new keyring, whose agent ends with it. Skips the test where GnuPG is not installed."""
        if shutil.which("gpg") is None:
            pytest.skip("GnuPG is not installed")
        home.mkdir(mode=0o700)
        try:
            yield cls(home)
        finally:
            end = ["gpgconf", "--homedir", str(home), "--kill", "all"]
            subprocess.run(end, check=True, capture_output=True, timeout=60)

    def new_key(self, *, encrypts: bool = True, lasting: str = "never") -> None:
        """Make a key that signs, and with a subkey encrypts, for so long (GnuPG's words)."""
        self.run("--quick-gen-key", OWNER, "ed25519", "cert,sign", lasting)
        if encrypts:
            self.add_subkey(lasting)

    def add_subkey(self, lasting: str = "never") -> str:
        """Add a key to encrypt to. Returns its id."""
        before = set(self._subkeys())
        self.run("--quick-add-key", self._fingerprint(), "cv25519", "encr", lasting)
        (added,) = set(self._subkeys()) - before
        return added

    def revoke(self) -> None:
        """Withdraw the key, by the certificate that GnuPG made for the day it would be needed."""
        (path,) = (self.home / "openpgp-revocs.d").glob("*.rev")
        self.run("--import", given=path.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))

    def certificate(self, *, armoured: bool = False) -> bytes:
        return self.run(*(["--armor"] if armoured else []), "--export", OWNER)

    def secret(self) -> bytes:
        return self.run("--export-secret-keys", OWNER)

    def opened(self, message: bytes) -> bytes:
        """What a message says. Raises CalledProcessError where no key here opens it."""
        return self.run("--decrypt", given=message)

    def readers(self, message: bytes) -> set[str]:
        """Ids of the keys that a message is encrypted to."""
        listed = self.run("--list-packets", given=message).decode()
        return set(re.findall(r"pubkey enc packet: .* keyid ([0-9A-F]{16})", listed))

    def run(self, *words: str, given: bytes = b"") -> bytes:
        """What gpg prints. Raises CalledProcessError where it fails."""
        quietly = ["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]
        command = ["gpg", "--homedir", str(self.home), *quietly, *words]
        return subprocess.run(
            command, input=given, capture_output=True, check=True, timeout=60
        ).stdout

    def _fingerprint(self) -> str:
        return self._listed("fpr", 9)[0]

    def _subkeys(self) -> list[str]:
        return self._listed("sub", 4)

    def _listed(self, kind: str, column: int) -> list[str]:
        lines = self.run("--list-keys", "--with-colons", OWNER).decode().splitlines()
        rows = [line.split(":") for line in lines]
        return [row[column] for row in rows if row[0] == kind]
