"""Nothing that could point to a resident, and no secret, reaches the log in any form."""

import ast
import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs

ROOT = Path(__file__).parents[1]
TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFake-_0"
LEAKS = {
    "token": TOKEN,
    "receipt": "23AB4C-Z9Y8X7-HJKMNP",
    "e-mail": "a.resident@example.org",
    "postcode": "RG1 1AA",
    "squeezed postcode": "rg11aa",
    "chat id": "1234567890",
    "secret": "correct-horse-battery",
}

Log = Callable[[], str]


@pytest.fixture(params=["console", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[Log]:
    """What has been logged so far, at DEBUG, in each form."""
    stream = io.StringIO()
    logs.setup("DEBUG", request.param, secrets=[LEAKS["secret"]], stream=stream)
    yield stream.getvalue
    logs.reset()


@pytest.fixture
def events() -> Iterator[Callable[[], list[dict[str, object]]]]:
    stream = io.StringIO()
    logs.setup("INFO", "json", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.reset()


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_a_planted_leak_is_gone_wherever_it_was_put(written: Log, leak: str) -> None:
    log = structlog.get_logger("bot.planted")
    log.debug(f"event {leak}")
    log.info("positional %s", leak)
    log.info("field", reason=leak, error={"nested": [leak]})
    log.info("unlisted", text=leak)
    library = logging.getLogger("another.package")
    library.debug("%s", leak)
    library.error("%s", leak)
    library.warning("%(words)s", {"words": leak})
    library.error("extra", extra={"words": leak})
    try:
        raise RuntimeError(leak)
    except RuntimeError:
        log.exception("failed")
        library.exception("failed with %s", leak)
    assert leak not in written()
    assert written().count("failed") >= 2
    assert "RuntimeError" in written()


def test_a_line_that_cannot_be_formatted_does_not_show_its_arguments(
    written: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    (handler,) = (h for h in logging.getLogger().handlers if type(h).__module__ == logs.__name__)
    handler.handle(logging.makeLogRecord({"name": "any", "msg": "%d", "args": (TOKEN,)}))
    assert written() == "a log line of any could not be written\n"
    assert capsys.readouterr().err == ""


def test_what_a_resident_wrote_is_not_quoted_by_an_exception(written: Log) -> None:
    words = "my neighbour"
    try:
        float(words)
    except ValueError:
        structlog.get_logger().exception("handler_failed", reference="QWERTY")
    assert words not in written()
    assert "QWERTY" in written()
    assert "ValueError" in written()


@pytest.mark.parametrize("reference", ["A123BD", "123456", "4F2A9C"])
def test_a_reference_given_to_a_resident_is_found_again(written: Log, reference: str) -> None:
    structlog.get_logger().error("message_failed", reference=reference)
    assert reference in written()


def test_an_exception_nobody_caught_is_redacted_too(written: Log) -> None:
    error = OSError(f"no answer from /bot{TOKEN}/getMe")
    sys.excepthook(OSError, error, None)
    assert "no answer" in written()
    assert TOKEN not in written()


def test_a_warning_is_redacted_too() -> None:
    stream = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.setup("INFO", "json", stream=stream)
        warnings.warn(f"old {TOKEN}", UserWarning, stacklevel=1)
        logs.reset()
    assert "old [token]" in stream.getvalue()


def test_libraries_that_would_print_addresses_or_parameters_stay_quiet(written: Log) -> None:
    for name in ("httpx", "httpcore.http11", "aiosqlite", "telegram.Bot", "sqlalchemy.engine"):
        logging.getLogger(name).info("chatter of %s", name)
    assert written() == ""
    logging.getLogger("aiosqlite").warning("trouble")
    assert "trouble" in written()


def test_a_forged_line_stays_within_its_own(written: Log) -> None:
    logging.getLogger("any").error("one\ntwo\x1b[31m\rthree")
    assert len(written().splitlines()) == 1


def test_figures_and_times_survive(events: Callable[[], list[dict[str, object]]]) -> None:
    structlog.get_logger("bot.here").info("imported", count=68311, seconds=1.5, person="x")
    (event,) = events()
    assert str(event.pop("timestamp")).endswith("+00:00")
    assert event == {
        "event": "imported",
        "count": 68311,
        "seconds": 1.5,
        "level": "info",
        "logger": "bot.here",
    }


def test_setting_up_twice_writes_each_line_once(
    events: Callable[[], list[dict[str, object]]],
) -> None:
    stream = io.StringIO()
    logs.setup("INFO", "json", stream=stream)
    logging.getLogger("any").info("once")
    assert events() == []
    assert len(stream.getvalue().splitlines()) == 1


def test_the_chosen_level_holds(events: Callable[[], list[dict[str, object]]]) -> None:
    structlog.get_logger().debug("too fine")
    logging.getLogger("any").debug("too fine")
    assert events() == []


LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def logged_fields() -> Iterator[tuple[str, str]]:
    """Each field our own code logs, with where."""
    for folder in ("bot", "channels", "feeds", "handlers", "web"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in LEVELS
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id in {"log", "_log", "logger"}
                ):
                    for keyword in node.keywords:
                        if keyword.arg and keyword.arg != "exc_info":
                            yield f"{path.relative_to(ROOT)}:{node.lineno}", keyword.arg


def test_every_field_our_code_logs_is_on_the_allow_list() -> None:
    dropped = [f"{where} {name}" for where, name in logged_fields() if name not in logs.FIELDS]
    assert dropped == []
