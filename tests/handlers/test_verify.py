"""/verify: is that message from us?"""

import pytest

from tests.resident import Resident

NOT_OURS = "No post with that id was sent by this service."


@pytest.mark.parametrize("typed", ["P-7KX3QD", "p-7kx3qd", " P7KX3QD ", "Ｐ-7KX3QD"])
async def test_an_id_that_was_never_sent_is_not_ours(resident: Resident, typed: str) -> None:
    await resident.says(f"/verify {typed}")
    resident.reads(NOT_OURS)
    resident.reads("call 101")


@pytest.mark.parametrize("typed", ["", "7KX3QD", "P-7KX3Q", "P-0OI1LU", "P-7KX3QD P-7KX3QD", "🦆"])
async def test_anything_else_is_told_what_an_id_looks_like(resident: Resident, typed: str) -> None:
    await resident.says(f"/verify {typed}")
    resident.reads("Every post of ours has an id")
    resident.reads("call 101")


async def test_the_id_may_come_in_the_next_message(resident: Resident) -> None:
    await resident.says("/verify")
    await resident.says("P-7KX3QD")
    resident.reads(NOT_OURS)
