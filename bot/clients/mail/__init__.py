"""Mail: out through a server or into a folder, and in from an IMAP inbox or a folder.

Which one it is, an address says: ``smtps://``, ``smtp+tls://``, ``imaps://`` or ``maildir:``.
Without TLS only a server on this machine is spoken to.
"""

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from bot.clients.mail.imap import ImapInbox
from bot.clients.mail.maildir import MaildirInbox, MaildirMailer
from bot.clients.mail.smtp import Encryption, SmtpMailer
from bot.errors import OperatorError
from bot.ports import Inbox, Mailer

_SMTP = {
    "smtp": (25, Encryption.NONE),
    "smtp+tls": (587, Encryption.STARTTLS),
    "smtps": (465, Encryption.TLS),
}
_IMAP = {"imap": 143, "imaps": 993}


def mailer_from(
    url: str, data_dir: Path, *, name: str, tls: ssl.SSLContext | None = None
) -> Mailer:
    """The Mailer that MAIL_URL names.

    ``name`` is what we call ourselves to a server: the domain we send from, never this machine's.
    ``tls`` replaces the system's certificates. Raises OperatorError for any other address.
    """
    if folder := _folder("MAIL_URL", url, data_dir):
        return MaildirMailer(folder)
    server = _server("MAIL_URL", url, {scheme: port for scheme, (port, _) in _SMTP.items()})
    encryption = _SMTP[server.scheme][1]
    if encryption is Encryption.NONE:
        _keep_local("MAIL_URL", server.host, "smtp+tls:// or smtps://")
    return SmtpMailer(
        server.host,
        server.port,
        server.user,
        server.password,
        encryption,
        name=name,
        tls=tls,
    )


def inbox_from(url: str, data_dir: Path, *, tls: ssl.SSLContext | None = None) -> Inbox:
    """The Inbox that MAIL_REPLY_URL names; the path of an IMAP address is the folder.

    Raises OperatorError for any other address.
    """
    if folder := _folder("MAIL_REPLY_URL", url, data_dir):
        return MaildirInbox(folder)
    server = _server("MAIL_REPLY_URL", url, _IMAP)
    if server.scheme == "imap":
        _keep_local("MAIL_REPLY_URL", server.host, "imaps://")
    return ImapInbox(
        server.host,
        server.port,
        server.user or "",
        server.password or "",
        server.path or "INBOX",
        encrypted=server.scheme == "imaps",
        tls=tls,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Server:
    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None
    path: str


def _server(variable: str, url: str, ports: dict[str, int]) -> _Server:
    """The parts of an address; the complaint never quotes it, for it holds a password."""
    kinds = ", ".join(f"{scheme}://" for scheme in ports)
    try:
        parts: SplitResult = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise OperatorError(f"{variable} cannot be read as an address") from None
    if parts.scheme not in ports or not host:
        raise OperatorError(f"{variable} needs maildir:PATH or a server after one of {kinds}")
    return _Server(
        parts.scheme,
        host,
        port or ports[parts.scheme],
        parts.username and unquote(parts.username),
        parts.password and unquote(parts.password),
        unquote(parts.path).strip("/"),
    )


def _folder(variable: str, url: str, data_dir: Path) -> Path | None:
    """The folder of a maildir address: absolute, or one under DATA_DIR."""
    scheme, _, path = url.partition(":")
    if scheme != "maildir":
        return None
    folder = Path(data_dir / path)
    if not path or (not Path(path).is_absolute() and ".." in Path(path).parts):
        raise OperatorError(f"{variable} needs an absolute path, or one under DATA_DIR")
    return folder


def _keep_local(variable: str, host: str, instead: str) -> None:
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise OperatorError(
            f"{variable} would send mail and passwords readable over the network: use {instead}"
        )
