"""The packed postcode file stays whole whatever is done to it while it is read."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.errors import OperatorError
from bot.model import Point, PostcodeRow
from bot.store import postcodes
from bot.store.postcodes import PackedPostcodes, Table

LIVE, ENDED = 0, postcodes.month(1996, 6)


def table(rows: Mapping[str, tuple[float, int]], council: str = "E06000038") -> Table:
    """Postcodes by code: the latitude, which tells rows apart, and the month of ending."""
    return postcodes.table(
        np.array([postcodes.key(*code.split(" ")) for code in rows], "u4"),
        np.array([latitude for latitude, _ in rows.values()], "f8"),
        np.full(len(rows), -0.97),
        np.array([ended for _, ended in rows.values()], "u2"),
        np.zeros(len(rows), "u2"),
        (council,),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "postcodes.bin"


async def test_a_postcode_is_found_where_it_was_put(path: Path) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE), "B1 1AB": (52.5, ENDED)}), shipped=False)
    known = PackedPostcodes(path)
    assert len(known) == 2
    assert await known.find("RG1 1AA") == PostcodeRow(Point(51.4, -0.97), "E06000038")
    assert await known.find("B1 1AB") == PostcodeRow(Point(52.5, -0.97), "E06000038", (1996, 6))
    assert await known.find("RG1 1AB") is None
    assert await known.find("ZE3 9ZZ") is None
    assert await known.find("A0 0AA") is None


def test_it_takes_at_most_twenty_bytes_each(path: Path) -> None:
    many = [f"RG{d} {s}A{u}" for d in range(1, 21) for s in range(10) for u in "ABDEFGHJLN"]
    postcodes.write(path, table({code: (51.4, LIVE) for code in many}), shipped=False)
    assert path.stat().st_size <= 20 * len(many)


def test_a_new_file_is_noticed_at_the_next_look(path: Path) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    known = PackedPostcodes(path)
    postcodes.write(path, table({"RG1 1AB": (51.5, LIVE)}), shipped=False)
    assert known.row("RG1 1AA") is None
    assert known.row("RG1 1AB") is not None


def test_a_file_that_vanished_or_broke_leaves_the_last_good_one_in_use(path: Path) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    known = PackedPostcodes(path)
    path.unlink()
    assert known.row("RG1 1AA") is not None
    path.write_bytes(b"something else")
    assert known.row("RG1 1AA") is not None


@pytest.mark.parametrize(
    ("old", "new", "wins"),
    [
        ((51.1, LIVE), (51.2, ENDED), 51.1),
        ((51.1, ENDED), (51.2, LIVE), 51.2),
        ((51.1, LIVE), (51.2, LIVE), 51.2),
        ((51.1, ENDED), (51.2, ENDED), 51.2),
    ],
)
def test_a_live_postcode_wins_over_an_ended_one_and_else_the_newer(
    path: Path, old: tuple[float, int], new: tuple[float, int], wins: float
) -> None:
    both = postcodes.merged(table({"RG1 1AA": old}, "E1"), table({"RG1 1AA": new}, "E2"))
    postcodes.write(path, both, shipped=False)
    row = PackedPostcodes(path).row("RG1 1AA")
    assert row is not None
    assert row.point == Point(wins, -0.97)
    assert row.district == ("E1" if wins == 51.1 else "E2")


def test_merging_keeps_what_the_new_file_does_not_name(path: Path) -> None:
    both = postcodes.merged(table({"RG1 1AA": (51.4, LIVE)}), table({"RG1 1AB": (51.5, LIVE)}))
    postcodes.write(path, both, shipped=False)
    assert len(postcodes.read(path).rows) == 2


@pytest.mark.parametrize("keep", [0, 1, 40, -1])
def test_a_cut_file_is_told_from_a_good_one(path: Path, keep: int) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(OperatorError, match="damaged"):
        PackedPostcodes(path)
    with pytest.raises(OperatorError):
        postcodes.is_usable(path)


def test_a_damaged_default_may_be_built_anew(path: Path) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=True)
    assert postcodes.is_usable(path)
    path.write_bytes(path.read_bytes()[:-3])
    assert not postcodes.is_usable(path)
    path.unlink()
    assert not postcodes.is_usable(path)


def test_a_file_of_another_machine_or_program_is_refused(path: Path) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    line, _, rest = path.read_bytes().partition(b"\n")
    for name, value in (("order", "middle"), ("format", "Beatline postcodes 99")):
        header = json.dumps(json.loads(line) | {name: value}).encode()
        path.write_bytes(header + b"\n" + rest)
        with pytest.raises(OperatorError):
            PackedPostcodes(path)


def test_many_writers_at_once_leave_one_whole_file_and_no_litter(path: Path) -> None:
    tables = [table({f"RG{n} 1AA": (51.0 + n / 100, LIVE)}) for n in range(1, 21)]

    def merge(one: Table) -> None:
        with postcodes.alone(path):
            old = postcodes.read(path) if path.exists() else postcodes.EMPTY
            postcodes.write(path, postcodes.merged(old, one), shipped=False)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(merge, tables))
    assert len(PackedPostcodes(path)) == 20
    left = {each.name for each in path.parent.iterdir()}
    assert left == {"postcodes.bin", "postcodes.lock"}
