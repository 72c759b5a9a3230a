"""Many receipt codes tried at once leave everybody else answered."""

import asyncio

import pytest

from bot.security.receipts import new_code
from bot.services import Services
from tests.resident import Resident

TRIES = 100


@pytest.mark.slow
async def test_a_hundred_codes_tried_at_once_leave_help_answered_meanwhile(
    services: Services, resident: Resident
) -> None:
    trying = [asyncio.create_task(services.concerns.look(new_code())) for _ in range(TRIES)]
    await asyncio.wait(trying, return_when=asyncio.FIRST_COMPLETED)
    await resident.says("/help")
    resident.reads("999")
    waiting = sum(not task.done() for task in trying)
    assert await asyncio.gather(*trying) == [None] * TRIES
    assert waiting > TRIES / 2, "help came long before the tries were over"
