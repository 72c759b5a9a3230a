"""The doctor finds what is missing and says how to mend it."""

import json
import os
import socket
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr
from sqlalchemy import insert, text

from bot.catalogs import load
from bot.cli import doctor
from bot.cli.doctor import examine
from bot.security import secrets
from bot.services.health import Report
from bot.services.teams import Change, Teams
from bot.settings import Settings
from bot.store import postcodes, tables
from bot.store.database import Database
from bot.store.migrations import upgrade
from tests import as_shipped, shell
from tests.conftest import FakeClock
from tests.feeds.loopback import answer, serving

AREA = {"code": "E05012345", "name": "Abbey", "standin": True, "outline": b""}

read_catalog = cache(load)


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped catalogues and articles, which no test here changes, take seconds to read."""
    monkeypatch.setattr(doctor, "load", read_catalog)
    monkeypatch.setattr(doctor, "Library", lambda _directory: as_shipped.library())


def settings(tmp_path: Path, **values: Any) -> Settings:
    values = {"data_dir": tmp_path / "var", **values}
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]  # mypy knows fields only


async def examined(
    chosen: Settings, clock: FakeClock, *, live: bool = False, env: str = ""
) -> dict[str, tuple[bool, str]]:
    env_file = chosen.data_dir.parent / ".env"
    env_file.write_text(env)
    report: Report = await examine(chosen, live=live, clock=clock, env_file=env_file)
    return {check.name: (check.ok, check.hint) for check in report.checks}


def mended(found: dict[str, tuple[bool, str]]) -> dict[str, str]:
    return {name: hint for name, (ok, hint) in found.items() if not ok}


@pytest.fixture
async def installed(tmp_path: Path) -> Settings:
    """What the first start leaves behind, with one stand-in area and one postcode."""
    chosen = settings(tmp_path)
    for url, tree in (
        (chosen.subscriptions_url, "subscriptions"),
        (chosen.concerns_url, "concerns"),
    ):
        database = Database(url)
        await upgrade(database, tree)  # type: ignore[arg-type]  # one of the two trees
        if tree == "subscriptions":
            async with database.write() as connection:
                await connection.execute(insert(tables.areas), AREA)
        await database.close()
    secrets.make(chosen.secrets_path)
    chosen.data_dir.chmod(0o700)
    postcodes.write(chosen.data_dir / "postcodes.bin", one_postcode(), shipped=True)
    return chosen


def one_postcode() -> postcodes.Table:
    return postcodes.table(
        np.array([postcodes.key("RG1", "1AA")], "u4"),
        np.array([51.45]),
        np.array([-0.97]),
        np.zeros(1, "u2"),
        np.zeros(1, "u2"),
        ("E06000038",),
    )


async def test_before_the_first_start_every_missing_part_is_named_and_nothing_is_made(
    tmp_path: Path, clock: FakeClock
) -> None:
    found = mended(await examined(settings(tmp_path), clock))
    assert set(found) == {
        "data folder",
        "subscriptions database",
        "concerns database",
        "secrets",
        "areas",
        "postcodes",
    }
    assert "secrets init" in found.pop("secrets")
    assert all("start Beatline once" in hint for hint in found.values())
    assert os.listdir(tmp_path) == [".env"]  # noqa: PTH208  # the names are all we want


async def test_after_the_first_start_all_is_well_and_stand_ins_are_named(
    installed: Settings, clock: FakeClock
) -> None:
    found = await examined(installed, clock)
    assert mended(found) == {}
    assert found["areas"] == (True, "1 of 1 are stand-ins, not the force's own")


async def test_going_live_needs_own_areas_teams_mail_and_keys_apart_from_the_data(
    installed: Settings, clock: FakeClock
) -> None:
    found = mended(await examined(installed, clock, live=True))
    assert set(found) == {"areas", "secrets", "teams", "mail"}
    assert "ACCEPT_STANDIN_AREAS=true" in found["areas"]
    assert "SECRETS_FILE" in found["secrets"]
    assert "MAIL_URL" in found["mail"]


@pytest.fixture
async def live(installed: Settings, clock: FakeClock, tmp_path: Path) -> Settings:
    """All that going live needs: accepted areas, a team, mail that answers, keys elsewhere."""
    secrets.make(tmp_path / "keys.toml")
    database = Database(installed.subscriptions_url)
    wanted = Change(everywhere=True, email="desk@police.example")
    await Teams(database, clock).add("Force desk", wanted, "operator")
    await database.close()
    return settings(
        tmp_path,
        demo=False,
        accept_standin_areas=True,
        mail_url=f"maildir:{tmp_path / 'mail'}",
        mail_from="beat@police.example",
        mail_reply_url=f"maildir:{tmp_path / 'replies'}",
        mail_authserv_id="mx.police.example",
        secrets_file=tmp_path / "keys.toml",
        web_public_url="https://beat.example.org",
    )


async def test_a_service_with_areas_teams_mail_and_keys_apart_may_go_live(
    live: Settings, clock: FakeClock
) -> None:
    found = await examined(live, clock, live=True)
    assert mended(found) == {}
    assert found["teams"] == found["mail"] == found["replies"] == (True, "")


@pytest.mark.parametrize(
    ("changed", "missing", "mend"),
    [
        ({"accept_standin_areas": None}, "areas", "set ACCEPT_STANDIN_AREAS=true"),
        ({"mail_url": None}, "mail", "MAIL_URL is not set"),
        ({"mail_url": SecretStr("smtp://127.0.0.1:1")}, "mail", "that its server runs"),
        ({"mail_url": SecretStr("smtp://mail.example")}, "mail", "use smtp+tls:// or smtps://"),
        ({"secrets_file": "var/secrets.toml"}, "secrets", "SECRETS_FILE"),
        ({"web_public_url": "http://beat.example.org"}, "web address", "TLS proxy"),
    ],
)
async def test_each_missing_thing_alone_is_told_with_its_mend(
    live: Settings, clock: FakeClock, changed: dict[str, Any], missing: str, mend: str
) -> None:
    if "secrets_file" in changed:
        changed = {"secrets_file": live.data_dir.parent / changed["secrets_file"]}
    found = mended(await examined(live.model_copy(update=changed), clock, live=True))
    assert set(found) == {missing}
    assert mend in found[missing]
    assert "\n" not in found[missing]


async def test_areas_without_a_team_keep_a_service_from_going_live(
    live: Settings, clock: FakeClock
) -> None:
    database = Database(live.subscriptions_url)
    await Teams(database, clock).remove("Force desk", "operator")
    await database.close()
    found = mended(await examined(live, clock, live=True))
    assert "beatline team add" in found["teams"]


async def test_teams_that_cannot_be_heard_are_a_note(live: Settings, clock: FakeClock) -> None:
    unnamed = live.model_copy(update={"mail_authserv_id": None})
    assert "every reply is kept back" in (await examined(unnamed, clock))["replies"][1]
    unheard = live.model_copy(update={"mail_reply_url": None})
    assert "teams cannot answer" in (await examined(unheard, clock))["replies"][1]
    assert (
        "MAIL_FROM"
        in (await examined(live.model_copy(update={"mail_from": None}), clock, live=True))["mail"][
            1
        ]
    )


async def test_a_public_address_without_tls_is_a_note_at_first_and_a_bar_to_going_live(
    installed: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    chosen = settings(tmp_path, web_public_url="http://beat.example.org")
    assert "not HTTPS" in (await examined(chosen, clock))["web address"][1]
    assert "web address" in mended(await examined(chosen, clock, live=True))
    local = settings(tmp_path, web_public_url="http://127.0.0.1:9000")
    assert "web address" not in mended(await examined(local, clock, live=True))


async def test_a_secrets_file_open_to_others_is_told_with_its_mend(
    installed: Settings, clock: FakeClock
) -> None:
    installed.secrets_path.chmod(0o644)
    assert "chmod 600" in mended(await examined(installed, clock))["secrets"]


async def test_a_secrets_file_of_another_installation_is_noticed(
    installed: Settings, clock: FakeClock
) -> None:
    database = Database(installed.subscriptions_url)
    stranger = {"lookup": b"x", "channel": "web", "sealed": b"x", "created_on": date(2026, 1, 1)}
    async with database.write() as connection:
        await connection.execute(insert(tables.subscribers), stranger)
    await database.close()
    assert "is not the one" in mended(await examined(installed, clock))["secrets"]


async def test_a_mistyped_variable_is_noticed(installed: Settings, clock: FakeClock) -> None:
    found = await examined(installed, clock, env="TELEGRAM_BOT_TOKN=1\nLOG_LEVEL=INFO\nODD=1\n")
    assert found["settings"][0]
    assert "TELEGRAM_BOT_TOKN (did you mean TELEGRAM_BOT_TOKEN?)" in found["settings"][1]
    assert "ODD" in found["settings"][1]
    assert "LOG_LEVEL" not in found["settings"][1]


async def test_a_name_that_a_later_version_will_know_is_no_mistake(
    installed: Settings, clock: FakeClock
) -> None:
    found = await examined(installed, clock, env="DISCORD_BOT_TOKEN=x\n")
    assert found["settings"] == (True, "DISCORD_BOT_TOKEN has no effect in this version")
    found = await examined(installed, clock, env="MAIL_FROM=a@b.example\nTELEGRAM_RATE=30\n")
    assert found["settings"] == (True, "")
    found = await examined(installed, clock, env="DISCORD_BOT_TOKEN=x\nODD=1\n")
    assert "DISCORD_BOT_TOKEN has no effect in this version; " in found["settings"][1]
    assert "ODD" in found["settings"][1]


@pytest.mark.parametrize(
    "line", ["TELEGRAM_BOT_TOKEN=1:x", "translate_key=x", "DATABASE_URL=postgresql://u:p@db/x"]
)
async def test_a_settings_file_with_a_secret_is_for_one_user_alone(
    installed: Settings, clock: FakeClock, line: str
) -> None:
    env_file = installed.data_dir.parent / ".env"
    env_file.touch(0o644)
    env_file.chmod(0o644)
    found = await examined(installed, clock, env=line)
    assert f"chmod 600 {env_file}" in mended(found)["settings file"]
    env_file.chmod(0o600)
    assert "settings file" not in mended(await examined(installed, clock, env=line))
    env_file.chmod(0o644)
    harmless = "TELEGRAM_BOT_TOKEN=\nLOG_LEVEL=INFO\nWEB_PUBLIC_URL=https://beat.example"
    assert "settings file" not in mended(await examined(installed, clock, env=harmless))


async def test_a_token_is_not_tried_and_the_note_says_when_it_is(
    installed: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    assert (await examined(installed, clock))["telegram"] == (True, "")
    ok, hint = (await examined(settings(tmp_path, telegram_bot_token="1:x"), clock))["telegram"]
    assert ok
    assert "tried at the start" in hint


async def test_a_database_whose_server_is_away_is_told_with_its_mend(
    installed: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    away = "postgresql://beatline:hunter2@127.0.0.1:1/beatline"
    found = mended(await examined(settings(tmp_path, concerns_database_url=away), clock))
    assert "its server runs, and that CONCERNS_DATABASE_URL is right" in found["concerns database"]
    found = mended(await examined(settings(tmp_path, database_url=away), clock))
    assert "its server runs, and that DATABASE_URL is right" in found["subscriptions database"]


async def test_a_database_that_never_answers_is_told_with_its_mend(
    installed: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://beatline:hunter2@127.0.0.1:{silent.getsockname()[1]}/beatline"
        found = mended(await examined(settings(tmp_path, concerns_database_url=url), clock))
    assert "(no answer): see that its server runs" in found["concerns database"]


async def test_a_damaged_file_is_told_with_its_mend(installed: Settings, clock: FakeClock) -> None:
    for beside in installed.data_dir.glob("concerns.sqlite*"):
        beside.unlink()
    (installed.data_dir / "concerns.sqlite").write_bytes(b"not a database at all" * 1000)
    hint = mended(await examined(installed, clock))["concerns database"]
    assert "file is not a database" in hint
    assert "restore a backup" in hint


async def test_a_database_of_a_newer_version_is_told_with_its_mend(
    installed: Settings, clock: FakeClock
) -> None:
    database = Database(installed.subscriptions_url)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 's9999'"))
    await database.close()
    hint = mended(await examined(installed, clock))["subscriptions database"]
    assert "written by a newer Beatline" in hint
    assert "DATABASE_URL" in hint


async def test_helplines_nobody_checked_for_half_a_year_are_named(
    installed: Settings, clock: FakeClock
) -> None:
    clock.set(datetime(2028, 1, 1, tzinfo=UTC))
    ok, hint = (await examined(installed, clock))["helplines"]
    assert ok
    assert "Crimestoppers" in hint


async def test_a_time_zone_without_rules_is_named(installed: Settings, clock: FakeClock) -> None:
    nowhere = installed.model_copy(update={"timezone": "Nowhere/Atlantis"})
    assert "Nowhere/Atlantis" in mended(await examined(nowhere, clock))["time zone"]


async def test_a_data_folder_open_to_others_is_a_note(
    installed: Settings, clock: FakeClock
) -> None:
    assert (await examined(installed, clock))["data folder"] == (True, "")
    installed.data_dir.chmod(0o755)
    ok, hint = (await examined(installed, clock))["data folder"]
    assert ok
    assert "chmod 700" in hint


async def test_a_force_we_know_nothing_of_is_refused(
    installed: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    found = await examined(settings(tmp_path, force_id="atlantis"), clock)
    assert "FORCE_ID=atlantis" in mended(found)["helplines"]


async def test_the_report_tells_no_password(
    installed: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    away = "postgresql://beatline:hunter2@127.0.0.1:1/beatline"
    found = await examined(settings(tmp_path, concerns_database_url=away), clock)
    assert "concerns database" in mended(found)
    assert "hunter2" not in str(found)


def test_scripts_read_one_json_object_and_the_exit_status(tmp_path: Path) -> None:
    ran = shell.run(tmp_path, "doctor", "--json", settings={**os.environ, "LOG_LEVEL": "LOUD"})
    report = json.loads(ran.out)
    assert ran.status == 1
    assert report["ok"] is False
    (check,) = report["checks"]
    assert check["name"] == "settings"
    assert "LOG_LEVEL" in check["hint"]


async def test_advice_past_its_day_of_review_is_a_note(
    installed: Settings, clock: FakeClock
) -> None:
    clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    ok, hint = (await examined(installed, clock))["advice"]
    assert ok
    assert "bike-theft" in hint


async def test_an_engine_that_does_not_answer_is_to_be_mended(
    tmp_path: Path, clock: FakeClock
) -> None:
    chosen = settings(tmp_path, translate_url="http://127.0.0.1:9", outbound_allow=("127.0.0.1:9",))
    found = mended(await examined(chosen, clock))
    assert "posts stay in English (127.0.0.1 could not be read" in found["translation"]


async def test_no_engine_is_no_fault_and_one_that_answers_says_what_it_may_have(
    tmp_path: Path, clock: FakeClock
) -> None:
    found = await examined(settings(tmp_path), clock)
    assert found["translation"] == (True, "")

    pairs = [{"code": "en", "name": "English", "targets": ["pl"]}]
    async with serving() as server:
        server.answers["/health"] = answer(b'{"status": "ok"}')
        server.answers["/languages"] = answer(json.dumps(pairs).encode())
        chosen = settings(tmp_path, translate_url=server.url, outbound_allow=server.allow)
        assert (await examined(chosen, clock))["translation"] == (True, "")
