"""Whatever is wrong, a command ends with status 1 and one plain line, never a traceback."""

import os
from pathlib import Path

import pytest

from tests.shell import Ran, run


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "postgresql://someone:hidden@127.0.0.1:1/x", "database cannot be used"),
        ("DATABASE_URL", "sqlite://", "sqlite:// needs a file"),
        ("DATABASE_URL", "sqlite:////proc/nope/x.db", "no folder for /proc/nope/x.db"),
        ("DATABASE_URL", "mysql://localhost/x", "databases are sqlite:///"),
        ("DATABASE_URL", "?", "could not be read"),
        ("CONCERNS_DATABASE_URL", "sqlite:///var/./beatline.sqlite", "must be two databases"),
        ("TIMEZONE", "Europe", "TIMEZONE: is not a time zone"),
        ("TELEGRAM_BOT_TOKEN", "not a token", "TELEGRAM_BOT_TOKEN: is not a bot token"),
        ("WEB_PUBLIC_URL", "https://example.org/beat", "WEB_PUBLIC_URL: names a host only"),
        ("WEB_PORT", "many", "WEB_PORT"),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, name: str, value: str, says: str) -> None:
    done = _beatline(tmp_path, "run", **{name: value})

    assert done.status == 1
    assert says in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert "hidden" not in done.err


def test_a_damaged_database_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "beatline.sqlite").write_bytes(b"not a database" * 1000)

    done = _beatline(tmp_path, "places", "find", "RG1 1AF")

    assert done.status == 1
    assert "file is not a database" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_what_a_command_makes_is_for_its_user_alone(tmp_path: Path) -> None:
    done = _beatline(tmp_path, "places", "find", "RG1 1AF")

    assert done.status == 0
    open_to_others = {p.name for p in (tmp_path / "var").iterdir() if p.stat().st_mode & 0o077}
    assert open_to_others <= {"postcodes.bin", "postcodes.lock"}  # public data


def _beatline(folder: Path, *words: str, **settings: str) -> Ran:
    settings = {"PATH": os.environ["PATH"], "HOME": str(folder), "WEB_PORT": "0", **settings}
    return run(folder, *words, settings=settings)
