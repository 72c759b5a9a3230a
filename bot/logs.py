"""The log: structured events with allowed fields only, redacted, in UTC, for people or machines.

It takes in the standard library's logging too, so that every library speaks through the same net.
"""

import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.security.redaction import Redactor, explain

# Names of fields that never hold anything about a resident. A field not named here is dropped.
FIELDS = frozenset(
    "event level logger timestamp exception "  # noqa: SIM905  # names read best as words
    "added after area areas attempt bytes channel check count database dropped duty error failed "
    "feed file handler hint host kept kind language method mode moved name parts pid port "
    "problem reason reference removed retries revision roles rows seconds signal skipped state "
    "status step subscribers table total tree url version waiting".split()
)

# Below WARNING these print tokens in addresses, SQL parameters, mail, or whom a request came from;
# markdown_it prints each step of each article, which makes a start ten times as long.
_QUIET = (
    "aiohttp aiosmtplib aiosqlite alembic apscheduler asyncio hpack httpcore httpx imapclient "  # noqa: SIM905  # as above
    "markdown_it PIL procrastinate python_multipart sqlalchemy stamina telegram uvicorn "
    "uvicorn.access uvicorn.error".split()
)

_REFERENCE = re.compile(r"[0-9A-F]{6}")


def setup(
    level: str,
    form: Literal["console", "json"],
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log to one redacting handler; calling it again replaces that handler.

    ``secrets`` are exact words to take out beside the patterns; ``stream`` is standard error
    unless given.
    """
    reset()
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(_formatter(form, Redactor(secrets), colours=handler.stream.isatty()))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def reset() -> None:
    """Undo ``setup``."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.captureWarnings(False)
    sys.excepthook = sys.__excepthook__
    structlog.reset_defaults()


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        # The library's own would print the arguments as they are.
        self.stream.write(f"a log line of {record.name} could not be written\n")


def _formatter(
    form: Literal["console", "json"], redactor: Redactor, *, colours: bool
) -> structlog.stdlib.ProcessorFormatter:
    def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {name: _redacted(name, value, redactor) for name, value in event.items()}

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _explain_exception,
            _drop_other_fields,
            redact,
            _stamp,
            structlog.processors.JSONRenderer()
            if form == "json"
            else structlog.dev.ConsoleRenderer(
                colors=colours, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )


def _explain_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    if isinstance(given, tuple):
        given = given[1]
    error = given if isinstance(given, BaseException) else sys.exception() if given else None
    return event if error is None else {**event, "exception": explain(error)}


def _drop_other_fields(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if name in FIELDS}


def _redacted(name: str, value: object, redactor: Redactor) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if name == "reference" and _REFERENCE.fullmatch(str(value)):
        return value  # what a resident quotes to us; now and then it looks like a postcode
    words = redactor(str(value))
    return words if name == "exception" else " ".join(words.split())


def _stamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    # After redaction, which would take the fraction of the second for a long number.
    return {"timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"), **event}


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("beatline").critical("uncaught", exc_info=(kind, error, trace))
