"""What decodes strangers' files has little memory, little time, no network and none of our keys."""

import asyncio
import json
import os
import select
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.security import confinement
from bot.security.confinement import CHILD, End, Limits, Result, run
from tests.darkroom import png

pytestmark = pytest.mark.skipif(
    not confinement.possible(), reason="files that exist in memory only need Linux"
)
WAITING = "import signal; signal.pause()"
LIMITS = Limits(memory=2**29, output=1_000_000, cpu=20, clock=60)


async def python(code: str, limits: Limits = LIMITS, data: bytes = b"") -> Result:
    """Run some Python in the child, instead of a decoder."""
    return await run("run", sys.executable, "-I", "-c", code, data=data, limits=limits)


async def test_a_child_gets_the_file_and_hands_back_its_work() -> None:
    upside_down = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    assert await python(upside_down, data=b"abc") == Result(End.DONE, b"cba")


async def test_both_ends_of_a_child_lie_in_memory_not_on_a_disk() -> None:
    said = await python("import os; [print(os.readlink(f'/proc/self/fd/{n}')) for n in (0, 1)]")
    assert said.output.decode().splitlines() == ["/memfd:media (deleted)"] * 2


async def test_a_child_that_wants_too_much_memory_fails() -> None:
    assert (await python("bytearray(2**30)")).end is End.FAILED


async def test_a_child_that_computes_without_end_is_killed() -> None:
    assert (await python("while True: pass", replace(LIMITS, cpu=1))).end is End.OVERRAN


async def test_a_child_that_waits_without_end_is_killed() -> None:
    assert (await python(WAITING, replace(LIMITS, clock=0.5))).end is End.OVERRAN


async def test_a_child_that_writes_without_end_is_killed() -> None:
    writes = "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
    writes += "while True: sys.stdout.buffer.write(bytes(1000))"
    result = await python(writes, replace(LIMITS, output=100_000))
    assert result == Result(End.TOO_LARGE)


async def test_a_photo_that_needs_too_much_memory_is_too_large() -> None:
    bomb = png(8000, 4900, (b"IDAT", b""))
    assert (await run("photo", "PNG", data=bomb, limits=LIMITS)).end is not End.DONE


async def test_a_child_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:planted-token")
    said = await python("import json, os; print(json.dumps(dict(os.environ)))")
    assert "planted-token" not in str(json.loads(said.output))


async def test_a_child_that_crashes_leaves_no_picture_of_its_memory() -> None:
    said = await python("import resource as r; print(r.getrlimit(r.RLIMIT_CORE))")
    assert said.output == b"(0, 0)\n"


async def test_a_child_reaches_no_network_not_even_this_machine() -> None:
    if (await run("alone", limits=LIMITS)).end is not End.DONE:
        pytest.skip("this system lets no process give up the network (unshare)")
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    calls = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
    async with server:
        assert (await python(calls)).end is End.FAILED


async def test_a_child_is_gone_when_its_caller_gives_up() -> None:
    task = asyncio.create_task(python(WAITING))
    ending = os.pidfd_open(await _waiting_child_of(os.getpid()))
    try:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert select.select([ending], [], [], 0) == ([ending], [], [])
    finally:
        os.close(ending)


async def test_a_child_dies_with_a_service_that_is_killed() -> None:
    words = ["run", sys.executable, "-I", "-c", WAITING]
    code = (
        "import asyncio; from bot.security.confinement import Limits, run; "
        f"asyncio.run(run(*{words!r}, limits={LIMITS!r}))"
    )
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    ending = os.pidfd_open(await _waiting_child_of(service.pid))
    try:
        service.kill()
        await service.wait()
        assert await asyncio.to_thread(select.select, [ending], [], [], 30) == ([ending], [], [])
    finally:
        os.close(ending)


async def test_a_child_whose_service_is_gone_already_does_nothing() -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(CHILD), "1", "536870912", "20", "1000", "run"),
        *(sys.executable, "-c", "print('here')"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _errors = await child.communicate()
    assert (child.returncode, said) == (1, b"")


async def _waiting_child_of(parent: int) -> int:
    """The id of the process that this parent runs, once it has become what waits."""
    while True:
        for child in _children(parent):
            if _command(child).endswith(f"-c\0{WAITING}\0"):
                return child
        await asyncio.sleep(0)


def _children(parent: int) -> list[int]:
    lists = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for listed in lists for child in listed.read_text().split()]


def _command(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text()
