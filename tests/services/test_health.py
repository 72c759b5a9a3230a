"""The health report names what is wrong and never fails itself."""

import asyncio

from bot.errors import OperatorError
from bot.services.health import Check, Health


async def fine() -> None:
    return None


async def remarkable() -> str:
    return "293 areas are stand-ins"


async def broken() -> None:
    raise OperatorError("the disc is full: make room in DATA_DIR")


async def surprising() -> None:
    raise ConnectionError("postgresql://beatline:hunter2@db/beatline refused")


async def silent() -> None:
    await asyncio.Event().wait()


async def test_all_is_well_when_every_probe_is() -> None:
    assert await Health({"database": fine, "areas": remarkable}).ready() == {
        "ok": True,
        "checks": [
            {"name": "database", "ok": True, "hint": ""},
            {"name": "areas", "ok": True, "hint": "293 areas are stand-ins"},
        ],
    }


async def test_one_thing_to_mend_is_said_in_its_own_words() -> None:
    report = await Health({"database": fine, "data folder": broken}).examine()
    assert not report.ok
    assert report.checks == (
        Check("database", True),
        Check("data folder", False, "the disc is full: make room in DATA_DIR"),
    )


async def test_a_probe_that_breaks_is_a_check_that_failed_and_tells_no_password() -> None:
    (check,) = (await Health({"database": surprising}).examine()).checks
    assert check == Check("database", False, "does not answer (ConnectionError)")


async def test_a_probe_that_never_answers_does_not_hold_up_the_rest() -> None:
    report = await Health({"mail": silent, "database": fine}, seconds=0.01).examine()
    assert report.checks == (
        Check("mail", False, "no answer within 0.01 seconds"),
        Check("database", True),
    )
