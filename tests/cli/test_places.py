"""`beatline places`, as an operator runs it: before the first start, beside a service, cut off."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping

from bot.model import Ground
from bot.services.places import Places
from bot.services.shipped import prepare_places
from bot.store import areas
from bot.store.database import Database
from bot.store.migrations import upgrade
from tests import shell
from tests.conftest import FakeClock
from tests.feeds.loopback import Loopback, answer, serving

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "postcodes"


@dataclass(frozen=True)
class Operator:
    """Someone at a shell in an empty folder."""

    home: Path
    police: str = "http://127.0.0.1:9/api"
    allow: str = ""

    def settings(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(self.data),
            "POLICE_API_URL": self.police,
            "OUTBOUND_ALLOW": self.allow,
            **more,
        }

    async def start(self, *words: str, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "places", *words),
            cwd=self.home,
            env=self.settings(**more),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def runs(self, *words: str, **more: str) -> shell.Ran:
        """Run a command to its end; ``more`` is environment."""
        return await shell.runs(self.home, "places", *words, settings=self.settings(**more))

    @property
    def data(self) -> Path:
        return self.home / "var"

    def database(self) -> Database:
        return Database(f"sqlite:///{self.data / 'beatline.sqlite'}")

    async def area_ids(self) -> list[str]:
        database = self.database()
        async with database.read() as connection:
            found = [one.area.id for one in await areas.everything(connection)]
        await database.close()
        return found


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


async def test_find_works_on_a_fresh_machine(operator: Operator) -> None:
    ran = await operator.runs("find", "rg11af", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out) == {
        "postcode": "RG1 1AF",
        "area": {"id": "E05013864", "name": "Abbey"},
    }


@pytest.mark.parametrize(
    ("typed", "words"), [("SW1A 1AA", "www.police.uk"), ("hello", "not a postcode")]
)
async def test_a_postcode_that_is_not_ours_is_one_plain_line(
    operator: Operator, typed: str, words: str
) -> None:
    ran = await operator.runs("find", typed, "--json")
    assert (ran.status, ran.out) == (1, "")
    assert words in ran.err
    assert ran.err.count("\n") == 1


async def test_an_import_is_noticed_by_a_service_that_is_running(
    operator: Operator, clock: FakeClock
) -> None:
    database = operator.database()
    await upgrade(database, "subscriptions")
    service = Places(database, await prepare_places(operator.data, database), clock)
    assert (await service.find("HP23 4HA")).ground is Ground.UNKNOWN
    look_alikes = FIXTURES / "tv_area_letters_but_other_force.csv"
    ran = await operator.runs("import-postcodes", str(look_alikes))
    assert ran.status == 0
    assert ran.out == "300 postcodes read; 68,611 are known now.\n"
    assert (await service.find("HP23 4HA")).ground is Ground.OUTSIDE
    await database.close()


async def test_importing_with_replace_empties_first(operator: Operator) -> None:
    source = FIXTURES / "codepoint_open_rg1.csv"
    ran = await operator.runs("import-postcodes", str(source), "--replace")
    assert ran.out == "60 postcodes read; 60 are known now.\n"


async def test_a_file_that_is_something_else_is_one_plain_line(operator: Operator) -> None:
    for command in ("import-postcodes", "import-areas"):
        ran = await operator.runs(command, str(ROOT / "pyproject.toml"))
        assert ran.status == 1
        assert "pyproject.toml" in ran.err
        assert ran.err.strip().count("\n") == 0
        assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", ["import-postcodes", "import-areas"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.csv", "no such file or directory"),
        ("folder/gone.csv", "no such file or directory"),
        ("folder", "folder"),
        ("file/below", "not a directory"),
    ],
)
async def test_a_file_that_cannot_be_read_is_one_plain_line(
    operator: Operator, command: str, name: str, reason: str
) -> None:
    (operator.home / "folder").mkdir()
    (operator.home / "file").touch()
    ran = await operator.runs(command, name)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("beatline: ")
    assert name in ran.err
    assert reason in ran.err
    assert ran.err.strip().count("\n") == 0
    assert not operator.data.exists(), "a refusal leaves nothing behind"


async def test_a_folder_without_a_boundary_says_which_file_is_missing(operator: Operator) -> None:
    folder = operator.home / "saved"
    folder.mkdir()
    (folder / "neighbourhoods.json").write_text('[{"id": "NC04", "name": "City"}]')
    ran = await operator.runs("import-areas", "saved")
    assert ran.status == 1
    assert ran.err == (
        "beatline: saved/NC04_boundary.json could not be read: no such file or directory\n"
    )
    (folder / "NC04_boundary.json").write_text("[]")
    ran = await operator.runs("import-areas", "saved")
    assert ran.err == "beatline: saved: area NC04 cannot be used: it has no boundary\n"


@pytest.mark.parametrize("words", [("find", "RG1 1AF"), ("import-postcodes", "rg1.csv")])
@pytest.mark.parametrize("folder", ["file/var", "/proc"])
async def test_a_data_folder_that_cannot_be_written_to_is_one_plain_line(
    operator: Operator, words: tuple[str, ...], folder: str
) -> None:
    (operator.home / "file").touch()
    (operator.home / "rg1.csv").write_bytes((FIXTURES / "codepoint_open_rg1.csv").read_bytes())
    ran = await operator.runs(*words, DATA_DIR=folder)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("beatline: ")
    assert ran.err.strip().count("\n") == 0
    assert folder in ran.err or "database" in ran.err


async def test_a_damaged_import_is_one_plain_line_and_a_damaged_default_is_mended(
    operator: Operator,
) -> None:
    await operator.runs("find", "RG1 1AF")
    packed = operator.data / "postcodes.bin"
    os.truncate(packed, 5000)
    assert (await operator.runs("find", "RG1 1AF")).status == 0
    await operator.runs("import-postcodes", str(FIXTURES / "codepoint_open_rg1.csv"))
    os.truncate(packed, 5000)
    ran = await operator.runs("find", "RG1 1AF")
    assert ran.status == 1
    assert ran.err == (
        f"beatline: {packed} is damaged or not a postcode file: move it away, "
        "then import your postcode file again\n"
    )


async def test_areas_of_a_file_take_the_place_of_the_standins(operator: Operator) -> None:
    shape = mapping(box(-1.8, 51.3, -0.4, 52.3))
    feature = {"type": "Feature", "properties": {"id": "ZX01", "name": "All"}, "geometry": shape}
    source = operator.home / "areas.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    ran = await operator.runs("import-areas", str(source))
    assert ran.status == 0, ran.err
    assert ran.out.startswith("1 areas: 1 new, 293 gone.")
    assert await operator.area_ids() == ["ZX01"]


@pytest.fixture
async def police() -> AsyncIterator[Loopback]:
    """A small police API: eight strips of land, from west to east."""
    async with serving() as server:
        base = "/api/thames-valley"
        listed = [{"id": f"ZX0{n}", "name": f"Strip {n} &amp; more"} for n in range(1, 9)]
        server.answers[f"{base}/neighbourhoods"] = says(listed)
        for n in range(1, 9):
            ring = box(-2.0 + n * 0.2, 51.3, -1.8 + n * 0.2, 52.3).exterior.coords
            boundary = [{"latitude": str(y), "longitude": str(x)} for x, y in ring]
            server.answers[f"{base}/ZX0{n}"] = says({"centre": None})
            server.answers[f"{base}/ZX0{n}/boundary"] = says(boundary)
        yield server


def says(content: Any) -> bytes:
    return answer(json.dumps(content).encode())


@pytest.fixture
def connected(tmp_path: Path, police: Loopback) -> Operator:
    return Operator(tmp_path, f"{police.url}/api", ",".join(police.allow))


async def test_a_sync_reads_the_force_s_own_areas(connected: Operator) -> None:
    ran = await connected.runs("sync")
    assert ran.status == 0, ran.err
    assert ran.out.startswith("8 areas: 8 new, 293 gone.")
    found = json.loads((await connected.runs("find", "RG1 1AF", "--json")).out)
    assert found["area"] == {"id": "ZX05", "name": "Strip 5 & more"}


async def test_a_sync_killed_half_way_changes_nothing_and_then_goes_on(
    connected: Operator, police: Loopback
) -> None:
    stuck = "/api/thames-valley/ZX08/boundary"
    good = police.answers[stuck]
    waiting = asyncio.Event()

    async def stall(_: asyncio.StreamWriter) -> None:
        waiting.set()
        await asyncio.Event().wait()

    police.answers[stuck] = stall
    process = await connected.start("sync")
    await waiting.wait()  # four are read at once, so when the last is asked for, four are kept
    process.kill()
    await process.communicate()
    assert len(await connected.area_ids()) == 293

    police.answers[stuck] = good
    police.paths.clear()
    assert (await connected.runs("sync")).status == 0
    assert stuck in police.paths
    assert sum(path.endswith("boundary") for path in police.paths) <= 4
    assert await connected.area_ids() == [f"ZX0{n}" for n in range(1, 9)]


async def test_a_police_api_that_is_down_is_one_plain_line(operator: Operator) -> None:
    ran = await operator.runs("sync")
    assert ran.status == 1
    assert "OUTBOUND_ALLOW" in ran.err  # plain HTTP to this machine is refused at once
    assert "Traceback" not in ran.err
