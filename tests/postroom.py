"""Real mail for tests: an SMTP server and Dovecot on loopback, with certificates of ours."""

import asyncio
import grp
import os
import pwd
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imapclient import IMAPClient

USER, PASSWORD = "beatline", "made-up/p@ssword"
QUOTED = "beatline:made-up%2Fp%40ssword"
DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")


@dataclass(frozen=True)
class Certificates:
    """A certificate authority of one test, and what a server of it shows."""

    authority: trustme.CA
    server: trustme.LeafCert

    @classmethod
    def made(cls) -> "Certificates":
        authority = trustme.CA()
        return cls(authority, authority.issue_cert("localhost", "127.0.0.1"))

    def trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def shown(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.configure_cert(context)
        return context


@dataclass
class PostOffice:
    """What an SMTP server was handed, and how it answers.

    ``refuse`` gives the answer to an RCPT or to the data of a recipient; None accepts. ``watch``
    sees each step ("rcpt", "data", "accepted") with the return path, before it is answered.
    """

    accepted: list[Envelope] = field(default_factory=list)
    refuse: Callable[[str, str], str | None] = lambda step, recipient: None
    watch: Callable[[str, str], None] = lambda step, sender: None
    hang_up: bool = False
    greeting: str = ""
    port: int = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = self.greeting = hostname
        return answers

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.watch("rcpt", str(envelope.mail_from))
        if answer := self.refuse("rcpt", address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.watch("data", str(envelope.mail_from))
        if answer := self.refuse("data", envelope.rcpt_tos[0]):
            return answer
        self.accepted.append(envelope)
        self.watch("accepted", str(envelope.mail_from))
        if self.hang_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"


@asynccontextmanager
async def serving(
    office: PostOffice,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    sign_in: bool = False,
) -> AsyncIterator[PostOffice]:
    """An SMTP server on loopback, on a port of its own choice."""

    def check(*given: object) -> AuthResult:
        data = given[-1]
        known = LoginPassword(login=USER.encode(), password=PASSWORD.encode())
        return AuthResult(success=data == known, handled=data == known)

    def protocol() -> SMTP:
        return SMTP(
            office,
            hostname="mail.example",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check if sign_in else None,
            auth_required=sign_in,
            auth_require_tls=starttls is not None,
            data_size_limit=40_000_000,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    async with server:
        office.port = server.sockets[0].getsockname()[1]
        yield office


@asynccontextmanager
async def dovecot(certificates: Certificates) -> AsyncIterator[int]:
    """Dovecot's IMAP over TLS with one empty account, on a port of its own choice."""
    if DOVECOT is None:
        pytest.skip("dovecot is not installed (dovecot-imapd)")
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
    with TemporaryDirectory(prefix="beatline-dovecot-") as name:
        config = _configure(Path(name), port, certificates)
        process = await asyncio.create_subprocess_exec(DOVECOT, "-F", "-c", str(config))
        try:
            await _answering(port)
            yield port
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def put(port: int, certificates: Certificates, mail: bytes) -> None:
    """Deliver an e-mail into the account of ``dovecot``."""
    with _signed_in(port, certificates) as client:
        await asyncio.to_thread(client.append, "INBOX", mail)


async def left(port: int, certificates: Certificates) -> int:
    """How many e-mails are in the account of ``dovecot``."""
    with _signed_in(port, certificates) as client:
        return len(await asyncio.to_thread(client.search, "ALL"))


@contextmanager
def _signed_in(port: int, certificates: Certificates) -> Iterator[IMAPClient]:
    with IMAPClient("localhost", port, ssl_context=certificates.trusted()) as client:
        client.login(USER, PASSWORD)
        client.select_folder("INBOX")
        yield client


def _configure(folder: Path, port: int, certificates: Certificates) -> Path:
    """Its parts run as users of their own where we are root, who must reach the folder then."""
    root = os.getuid() == 0
    own = pwd.getpwnam("dovecot") if root else pwd.getpwuid(os.getuid())
    folder.chmod(0o755)
    mail = folder / "mail"
    mail.mkdir()
    os.chown(mail, own.pw_uid, own.pw_gid)
    pem = certificates.server.private_key_and_cert_chain_pem
    pem.write_to_path(str(folder / "server.pem"))
    config = folder / "dovecot.conf"
    config.write_text(
        _DOVECOT.format(
            folder=folder,
            mail=mail,
            port=port,
            password=PASSWORD,
            internal=own.pw_name,
            group=grp.getgrgid(own.pw_gid).gr_name,
            login="dovenull" if root else own.pw_name,
            uid=own.pw_uid,
            gid=own.pw_gid,
        )
    )
    return config


async def _answering(port: int) -> None:
    """Return once the server has greeted us, which it does when all its parts are up."""
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
                greeting = await reader.readline()
                writer.close()
                if greeting.startswith(b"* OK"):
                    return
            await asyncio.sleep(0.05)


_DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
mail_location = maildir:{mail}
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""
