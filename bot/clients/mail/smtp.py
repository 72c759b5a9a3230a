"""Mail out through a server, by SMTP over verified TLS (RFC 5321, 3207, 8314)."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum, auto

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from bot.errors import Rejected, TryLater

ANSWER_SECONDS = 60.0
RETRY_SECONDS = 60.0
_PERMANENT = range(500, 600)


class Encryption(Enum):
    """How a connection is kept private; NONE is for a server on this machine only."""

    NONE = auto()
    STARTTLS = auto()
    TLS = auto()


class SmtpMailer:
    """The Mailer port over one server, with a connection for each e-mail.

    TLS is never left out where it was asked for, and a certificate that cannot be verified ends
    the attempt. ``name`` is said in the greeting.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str | None,
        password: str | None,
        encryption: Encryption,
        *,
        name: str,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._user = user
        self._password = password
        self._encryption = encryption
        self._name = name
        self._tls = tls

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        try:
            async with self._connected() as server:
                await server.sendmail(sender, [recipient], message)
        except SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0]) from None
        except SMTPResponseException as error:
            raise _refusal(error) from None

    async def ping(self) -> None:
        try:
            async with self._connected() as server:
                await server.noop()
        except SMTPResponseException as error:
            raise _not_now(f"the mail server answered {error.code}") from None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        server = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            local_hostname=self._name,
            timeout=ANSWER_SECONDS,
            use_tls=self._encryption is Encryption.TLS,
            start_tls=self._encryption is Encryption.STARTTLS,
            tls_context=self._tls or ssl.create_default_context(),
        )
        try:
            async with server:
                yield server
        except SMTPAuthenticationError:
            raise _not_now("the mail server refuses the user and password of MAIL_URL") from None
        except SMTPNotSupported:
            raise _not_now("the mail server lacks what is needed to send safely") from None
        except (SMTPResponseException, SMTPRecipientsRefused):
            raise
        except (SMTPException, OSError) as error:
            # The library's words may quote addresses; the kind of the fault says enough.
            raise _not_now(f"the mail server cannot be reached ({_kind(error)})") from None


def _refusal(error: SMTPResponseException) -> Rejected | TryLater:
    """For good only where it is about this e-mail; a sender or greeting is ours to put right."""
    if error.code in _PERMANENT and isinstance(error, SMTPRecipientRefused | SMTPDataError):
        return Rejected(f"the mail server refused it for good ({error.code})")
    return TryLater(f"the mail server did not take it ({error.code})", after=RETRY_SECONDS)


def _not_now(why: str) -> TryLater:
    return TryLater(why, after=RETRY_SECONDS, everyone=True)


def _kind(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    verification = next(
        (each for each in (error, cause) if isinstance(each, ssl.SSLCertVerificationError)), None
    )
    return "its certificate cannot be verified" if verification else type(error).__name__
