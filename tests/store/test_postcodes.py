"""The packed postcode file stays whole whatever is done to it while it is read."""

import json
import os
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

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


@pytest.mark.parametrize("keep", [0, 40, -1])
def test_a_file_cut_or_overwritten_in_place_never_harms_a_service_that_reads_it(
    path: Path, keep: int
) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    known = PackedPostcodes(path)
    os.truncate(path, len(path.read_bytes()[:keep]))
    assert known.row("RG1 1AA") is not None
    with path.open("r+b") as file:
        file.write(bytes(100_000))
    assert known.row("RG1 1AA") is not None


def test_a_damaged_new_file_is_told_of_once_until_a_good_one_came(path: Path) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    good = path.read_bytes()
    known = PackedPostcodes(path)
    with capture_logs() as logged:
        for damaged in (good[:-1], good[:-2], b""):
            path.write_bytes(damaged)
            assert [known.row("RG1 1AA") is not None for _ in range(3)] == [True] * 3
        path.unlink()
        assert known.row("RG1 1AA") is not None
    assert [entry["event"] for entry in logged] == ["postcodes.kept_the_old"]
    assert "1AA" not in str(logged)
    postcodes.write(path, table({"RG1 1AB": (51.5, LIVE)}), shipped=False)
    assert known.row("RG1 1AA") is None
    with capture_logs() as logged:
        path.write_bytes(b"broken again")
        assert known.row("RG1 1AB") is not None
    assert len(logged) == 1


def test_any_byte_that_changed_is_noticed(path: Path) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(OperatorError):
            PackedPostcodes(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": None},
        {"count": -1},
        {"count": "1"},
        {"count": True},
        {"count": 10**18},
        {"councils": "E06000038"},
        {"councils": [1]},
        {"councils": []},
        {"councils": None},
        {"shipped": None},
        {"order": "middle"},
        {"order": None},
        {"format": "Beatline postcodes 99"},
        {"format": ["Beatline postcodes 2"]},
    ],
)
def test_a_file_of_another_machine_or_program_is_refused_in_one_sentence(
    path: Path, wrong: dict[str, object]
) -> None:
    postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    line, _, rest = path.read_bytes().partition(b"\n")
    header = {k: v for k, v in (json.loads(line) | wrong).items() if v is not None}
    body = json.dumps(header).encode() + b"\n" + rest[:-4]
    path.write_bytes(body + zlib.crc32(body).to_bytes(4, "big"))
    for use in (PackedPostcodes, postcodes.read, postcodes.is_usable):
        with pytest.raises(OperatorError, match="damaged or not a postcode file"):
            use(path)


@pytest.mark.parametrize("line", [b"[]", b"1", b"[" * 100_000, b"{}", b"\xff"])
def test_a_first_line_of_any_kind_is_refused_in_one_sentence(path: Path, line: bytes) -> None:
    path.write_bytes(line + b"\n")
    with pytest.raises(OperatorError):
        postcodes.is_usable(path)


def test_what_cannot_be_read_or_written_is_one_sentence(path: Path) -> None:
    path.mkdir()
    with pytest.raises(OperatorError, match=r"postcodes.bin cannot be read: is a directory"):
        postcodes.is_usable(path)
    with pytest.raises(OperatorError, match=r"postcodes.bin cannot be written: "):
        postcodes.write(path, table({"RG1 1AA": (51.4, LIVE)}), shipped=False)
    below = path.parent / "file" / "postcodes.bin"
    below.parent.write_text("")
    with pytest.raises(OperatorError, match="cannot be written: "), postcodes.alone(below):
        pass


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
