"""Importing takes Code-Point Open, ONSPD and our own CSV as they come, and refuses the rest."""

import gzip
import zipfile
from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.services.postcodes import build_default, import_postcodes
from bot.store.postcodes import PackedPostcodes

FIXTURES = Path(__file__).parents[1] / "fixtures" / "postcodes"
CODE_POINT = FIXTURES / "codepoint_open_rg1.csv"

ONSPD_OLD = """pcd,pcd2,pcds,dointr,doterm,oseast1m,osnrth1m,osgrdind,oslaua,lat,long
"RG1 1AF","RG1  1AF","RG1 1AF","198001","","471708","0173672","1","E06000038",51.457494,-0.969301
"RG1 9ZZ","RG1  9ZZ","RG1 9ZZ","198001","199606","471708","0173672","1","E06000038",51.46,-0.97
"JE2 3AB","JE2  3AB","JE2 3AB","198001","","","","9","L99999999",99.999999,0.000000
"BT1 1AA","BT1  1AA","BT1 1AA","198001","","333900","0374000","1","N09000003",54.60,-5.93
"""
ONSPD_NEW = """PCD7,PCD8,PCDS,DOINTR,DOTERM,LAD25CD,EAST1M,NORTH1M,GRIDIND,LAT,LONG
RG1 1AF,RG1  1AF,RG1 1AF,198001,,E06000038,471708,173672,1,51.457494,-0.969301
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "var" / "postcodes.bin"


def written(tmp_path: Path, text: str, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_code_point_open_as_csv_lands_within_metres(target: Path) -> None:
    report = import_postcodes(CODE_POINT, target)
    assert (report.taken, report.bad, report.without_position, report.total) == (60, 0, 0, 60)
    row = PackedPostcodes(target).row("RG1 1AF")
    assert row is not None
    assert row.point is not None
    assert row.point.latitude == pytest.approx(51.457494, abs=3e-5)
    assert row.point.longitude == pytest.approx(-0.969301, abs=5e-5)
    assert row.district == "E06000038"


def test_code_point_open_as_zip_is_read_part_by_part(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "codepo_gb.zip"
    lines = CODE_POINT.read_text().splitlines(keepends=True)
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("Doc/licence.txt", "words")
        archive.writestr("Data/CSV/rg.csv", "".join(lines[:30]))
        archive.writestr("Data/CSV/rh.csv", "".join(lines[30:]))
    told: list[tuple[int, int]] = []
    report = import_postcodes(source, target, told=lambda done, size: told.append((done, size)))
    assert report.taken == 60
    assert len(told) == 2
    assert all(0 < done <= size == source.stat().st_size for done, size in told)


def test_older_spellings_of_a_fixed_width_are_read(tmp_path: Path, target: Path) -> None:
    source = written(
        tmp_path,
        '"RG100AA",10,471708,173672,"E92000001","","","","E06000038",""\n'
        '"B1  1AA",10,406000,286000,"E92000001","","","","E08000025",""\n',
    )
    import_postcodes(source, target)
    known = PackedPostcodes(target)
    assert known.row("RG10 0AA") is not None
    assert known.row("B1 1AA") is not None


@pytest.mark.parametrize("text", [ONSPD_OLD, ONSPD_NEW, ONSPD_NEW.replace("\n", "\r\n")])
def test_onspd_is_read_by_the_names_of_its_columns(tmp_path: Path, target: Path, text: str) -> None:
    import_postcodes(written(tmp_path, text), target)
    row = PackedPostcodes(target).row("RG1 1AF")
    assert row is not None
    assert row.district == "E06000038"
    assert row.ended is None


def test_onspd_tells_ended_postcodes_and_those_without_a_place(
    tmp_path: Path, target: Path
) -> None:
    report = import_postcodes(written(tmp_path, ONSPD_OLD), target)
    assert (report.taken, report.without_position, report.bad) == (3, 1, 0)
    known = PackedPostcodes(target)
    ended, northern = known.row("RG1 9ZZ"), known.row("BT1 1AA")
    assert ended is not None
    assert ended.ended == (1996, 6)
    assert northern is not None
    assert northern.point is not None
    assert northern.point.latitude == 54.6  # its own degrees: the Irish grid is another


def test_onspd_as_zip_is_its_one_big_file(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "ONSPD.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("Data/ONSPD_FEB_2026_UK.csv", ONSPD_OLD)
        archive.writestr("Data/multi_csv/ONSPD_FEB_2026_UK_RG.csv", ONSPD_OLD)
        archive.writestr("Documents/names.csv", "code,name\n")
    assert import_postcodes(source, target).taken == 3


@pytest.mark.parametrize("order", [1, -1])
def test_a_postcode_used_again_is_live_in_whichever_order_it_comes(
    tmp_path: Path, target: Path, order: int
) -> None:
    head = "pcds,doterm,lat,long\n"
    rows = ["RG1 1AF,199606,51.40,-0.90\n", "RG1 1AF,,51.45,-0.96\n"][::order]
    import_postcodes(written(tmp_path, head + "".join(rows)), target)
    row = PackedPostcodes(target).row("RG1 1AF")
    assert row is not None
    assert row.ended is None


def test_an_ended_row_of_a_later_file_does_not_end_a_live_postcode(
    tmp_path: Path, target: Path
) -> None:
    import_postcodes(CODE_POINT, target)
    late = written(tmp_path, "pcds,doterm,lat,long\nRG1 1AF,199606,51.40,-0.90\n")
    import_postcodes(late, target)
    row = PackedPostcodes(target).row("RG1 1AF")
    assert row is not None
    assert row.ended is None


def test_replacing_empties_first_and_merging_does_not(tmp_path: Path, target: Path) -> None:
    one = written(tmp_path, "postcode,lat,long\nB1 1AA,52.4,-1.9\n")
    import_postcodes(CODE_POINT, target)
    assert import_postcodes(one, target).total == 61
    assert import_postcodes(one, target, replace=True).total == 1


def test_rows_without_a_place_are_left_out_and_counted(tmp_path: Path, target: Path) -> None:
    nowhere = ["B1 1AB,90,0,0", "B1 1AD,10,0,0", "B1 1AE,10,,", "B1 1AF,10,9999999,nan"]
    source = written(
        tmp_path,
        "postcode,pqi,eastings,northings\nB1 1AA,10,406000,286000\n" + "\n".join(nowhere),
    )
    report = import_postcodes(source, target)
    assert (report.taken, report.without_position, report.bad) == (1, 4, 0)


def test_bad_rows_are_counted_and_the_first_are_named(tmp_path: Path, target: Path) -> None:
    lines = CODE_POINT.read_text().splitlines()
    lines[3] = '"RG1 1C0",10,471676,173773,"E92000001","","","","E06000038",""'
    lines[7] = "half a li"
    lines[9] = '"RG1 1AX",10,east,173773,"E92000001","","","","E06000038",""'
    report = import_postcodes(written(tmp_path, "\n".join(lines), "rg.csv"), target)
    assert report.bad == 3
    assert report.bad_lines == ["line 4 of rg.csv", "line 8 of rg.csv", "line 10 of rg.csv"]
    assert report.taken == 57


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a postcode file"),
        (b"just words\nand more\n", "not a postcode file"),
        (b"name,lat,long\nx,51,-1\n", "not a postcode file"),
        (bytes(range(256)) * 40, "not a postcode file"),
        (b"postcode,lat,long\n", "holds no postcodes"),
        (b"postcode,lat,long\nnope,51,-1\n", "holds no postcodes"),
        (b"postcode,lat,long\nRG1 1AA,0,0\n", "holds no postcodes"),
        (b"PK\x03\x04 not really a zip", "could not be read"),
        (
            gzip.compress(b"postcode,lat,long\nRG1 1AA,51,-1\n" * 99, mtime=0)[:-20],
            "could not be read",
        ),
    ],
)
def test_a_file_that_is_something_else_changes_nothing(
    tmp_path: Path, target: Path, content: bytes, reason: str
) -> None:
    import_postcodes(CODE_POINT, target)
    before = target.read_bytes()
    source = tmp_path / "file"
    source.write_bytes(content)
    with pytest.raises(OperatorError, match=reason):
        import_postcodes(source, target, replace=True)
    assert target.read_bytes() == before


def test_a_lookup_of_ons_areas_is_refused_for_it_has_no_places(target: Path) -> None:
    with pytest.raises(OperatorError, match="no positions"):
        import_postcodes(FIXTURES / "ons_lookup.csv", target)


def test_a_zip_of_something_else_is_refused(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "photos.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("photo.jpg", b"...")
    with pytest.raises(OperatorError, match="neither"):
        import_postcodes(source, target)


def test_the_default_never_takes_the_place_of_an_import(tmp_path: Path, target: Path) -> None:
    import_postcodes(CODE_POINT, target)
    before = target.read_bytes()
    build_default(written(tmp_path, "postcode,lat,long\nB1 1AA,52.4,-1.9\n"), target)
    assert target.read_bytes() == before


def test_a_damaged_default_is_built_anew(tmp_path: Path, target: Path) -> None:
    shipped = written(tmp_path, "postcode,lat,long\nB1 1AA,52.4,-1.9\n")
    build_default(shipped, target)
    target.write_bytes(target.read_bytes()[:-1])
    build_default(shipped, target)
    assert PackedPostcodes(target).row("B1 1AA") is not None


def test_all_live_postcodes_of_a_district_are_given_by_its_name(target: Path) -> None:
    import_postcodes(CODE_POINT, target)
    postcodes = PackedPostcodes(target)
    assert len(postcodes.points("RG1")) == 60
    assert postcodes.points("RG2") == postcodes.points("RG11") == postcodes.points("nowhere") == []
