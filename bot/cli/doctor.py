"""`beatline doctor`: is everything in place, and may it go live? One line each, with the mend."""

import asyncio
import difflib
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from alembic.runtime.migration import MigrationContext
from dotenv import dotenv_values
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bot.app import engines, live_mailer
from bot.catalogs import load
from bot.cli.environment import read_settings
from bot.errors import FeedError, OperatorError
from bot.languages import ENGLISH, LOCALES, read_registry
from bot.ports import Clock
from bot.schedule import SystemClock
from bot.security import secrets
from bot.services.articles import Library
from bot.services.directory import Directory
from bot.services.gate import (
    address_is_safe,
    areas_are_ready,
    every_area_has_a_team,
    mail_answers,
)
from bot.services.health import Check, Health, Probe, Report
from bot.services.keys import Keys
from bot.services.media import Cleaner
from bot.services.teams import Teams
from bot.settings import Settings
from bot.store import migrations
from bot.store.database import Database, one_line
from bot.store.migrations import Tree, is_current
from bot.store.postcodes import FILE_NAME, PackedPostcodes

ENV_FILE = Path(".env")
DATABASE_SECONDS = 5.0

# Names that stay the same in every version, although this one does nothing with them yet.
_LATER = frozenset({"DISCORD_BOT_TOKEN"})


def doctor(
    live: Annotated[
        bool, typer.Option("--live", help="Ask also for all that going live needs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look at everything Beatline needs, and say in one line each what to mend."""
    report = asyncio.run(_report(live=live))
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        for check in report.checks:
            typer.echo(_line(check))
    raise typer.Exit(0 if report.ok else 1)


async def _report(*, live: bool) -> Report:
    try:
        settings = read_settings()
    except OperatorError as error:
        return Report((Check("settings", False, str(error)),))
    return await examine(settings, live=live, clock=SystemClock())


async def examine(
    settings: Settings, *, live: bool, clock: Clock, env_file: Path = ENV_FILE
) -> Report:
    """Everything the doctor looks at; with ``live`` also all that going live needs."""
    probes = _everyday(settings, clock, env_file, live=live)
    if live:
        probes |= _going_live(settings, clock)
    return await Health(probes).examine()


def _everyday(settings: Settings, clock: Clock, env_file: Path, *, live: bool) -> dict[str, Probe]:
    async def subscriptions() -> None:
        async with _opened(settings.subscriptions_url, "subscriptions"):
            pass

    async def concerns() -> None:
        async with _opened(settings.concerns_url, "concerns"):
            pass

    async def keys() -> None:
        await _keys(settings, live=live)

    async def known_areas() -> str | None:
        async with _opened(settings.subscriptions_url, "subscriptions") as database:
            return await areas_are_ready(database, accepts_standins=True)()

    return {
        "settings": _soon(lambda: _settings(env_file)),
        "settings file": _soon(lambda: _settings_file(env_file)),
        "telegram": _soon(lambda: _telegram(settings)),
        "data folder": _soon(lambda: _data_folder(settings.data_dir)),
        "subscriptions database": subscriptions,
        "concerns database": concerns,
        "secrets": keys,
        "areas": known_areas,
        "postcodes": _soon(lambda: _postcodes(settings.data_dir / FILE_NAME)),
        "photos and videos": Cleaner().lacks,
        "languages": _soon(_languages),
        "time zone": _soon(lambda: _time_zone(settings.timezone)),
        "helplines": _soon(lambda: _helplines(settings.force_id, clock)),
        "advice": _soon(lambda: _advice(settings.force_id, clock)),
        "web address": _as_a_remark(address_is_safe(settings.web_public_url)),
        "replies": _soon(lambda: _replies(settings)),
        "translation": lambda: _translation(settings),
    }


def _going_live(settings: Settings, clock: Clock) -> dict[str, Probe]:
    """What the gate before /concern asks for, in the place of what is enough for a demo."""

    async def own_areas() -> str | None:
        accepts = settings.accept_standin_areas is True
        async with _opened(settings.subscriptions_url, "subscriptions") as database:
            return await areas_are_ready(database, accepts_standins=accepts)()

    async def teams() -> str | None:
        async with _opened(settings.subscriptions_url, "subscriptions") as database:
            return await every_area_has_a_team(Teams(database, clock))()

    async def mail() -> str | None:
        await mail_answers(live_mailer(settings))()
        return None if settings.mail_from else "MAIL_FROM is not set: say who the e-mails are from"

    return {
        "areas": own_areas,
        "teams": teams,
        "mail": mail,
        "web address": address_is_safe(settings.web_public_url),
    }


def _as_a_remark(probe: Probe) -> Probe:
    """What is missing only for going live."""

    async def remark() -> str | None:
        try:
            return await probe()
        except OperatorError as error:
            return str(error)

    return remark


def _soon(look: Callable[[], str | None]) -> Probe:
    @wraps(look)
    async def probe() -> str | None:
        return look()

    return probe


def _line(check: Check) -> str:
    if not check.ok:
        return f"MEND  {check.name}: {check.hint}"
    return f"note  {check.name}: {check.hint}" if check.hint else f"ok    {check.name}"


def _settings(env_file: Path) -> str | None:
    """A variable in ``.env`` that no version knows is likely a typing error."""
    known = {name.upper() for name in Settings.model_fields}
    others = {name.upper() for name in dotenv_values(env_file)} - known
    remarks = []
    if later := sorted(others & _LATER):
        remarks.append(
            f"{', '.join(later)} {'have' if len(later) > 1 else 'has'} no effect in this version"
        )
    if unknown := sorted(others - _LATER):
        remarks.append(
            f"{env_file} sets what Beatline does not know: "
            + ", ".join(
                f"{name} (did you mean {close[0]}?)"
                if (close := difflib.get_close_matches(name, known | _LATER, 1, 0.8))
                else name
                for name in unknown
            )
        )
    return "; ".join(remarks) or None


def _settings_file(env_file: Path) -> None:
    """A file that holds a token or a password is for one user alone, like the secrets file."""
    if not any(_is_secret(name, value) for name, value in dotenv_values(env_file).items()):
        return
    if env_file.stat().st_mode & 0o077:
        raise OperatorError(
            f"others on this machine can read the secrets in {env_file}: run chmod 600 {env_file}"
        )


def _is_secret(name: str, value: str | None) -> bool:
    name, value = name.upper(), value or ""
    return bool(value) and (
        name.endswith(("_TOKEN", "_KEY")) or (name.endswith("_URL") and "@" in value)
    )


def _telegram(settings: Settings) -> str | None:
    if settings.telegram_bot_token is None:
        return None
    return "the token is tried at the start, not here: /readyz and the log say whether it holds"


def _data_folder(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            is_open = folder.stat().st_mode & 0o077
    except FileNotFoundError:
        raise OperatorError(f"{folder} is not there yet: start Beatline once") from None
    except OSError as error:
        reason = (error.strerror or "error").lower()
        raise OperatorError(f"{folder} cannot be written to: {reason}") from None
    return f"others on this machine can look into it: run chmod 700 {folder}" if is_open else None


@asynccontextmanager
async def _opened(url: str, tree: Tree) -> AsyncIterator[Database]:
    """A database at the newest schema; looking must not make a file that is missing."""
    if _is_missing(url):
        raise OperatorError(f"the {tree} database is not there yet: start Beatline once")
    database = Database(url)
    try:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await _is_ours(database, tree)
        except DBAPIError as error:
            raise OperatorError(_unusable(tree, url, one_line(error))) from None
        except (OSError, TimeoutError):
            raise OperatorError(_unusable(tree, url, "no answer")) from None
        yield database
    finally:
        await database.close()


async def _is_ours(database: Database, tree: Tree) -> None:
    """Raises OperatorError unless the database stands at the newest schema this code knows."""
    if await is_current(database, tree):
        return
    async with database.read() as connection:
        found = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_heads()
        )
    folder = Path(migrations.__file__).parent / tree
    if set(found) - {file.name.partition("_")[0] for file in folder.glob("*.py")}:
        raise OperatorError(
            f"the {tree} database was written by a newer Beatline, or is not ours: "
            f"start the newer version, or correct {_variable(tree)}"
        )
    raise OperatorError(
        f"the {tree} database is not of this version: start Beatline once to upgrade it"
    )


def _unusable(tree: Tree, url: str, why: str) -> str:
    if make_url(url).get_backend_name() == "sqlite":
        mend = "see that the file is whole and may be read and written, or restore a backup"
    else:
        mend = f"see that its server runs, and that {_variable(tree)} is right"
    return f"the {tree} database cannot be used ({why}): {mend}"


def _variable(tree: Tree) -> str:
    return "CONCERNS_DATABASE_URL" if tree == "concerns" else "DATABASE_URL"


def _is_missing(url: str) -> bool:
    address = make_url(url)
    return address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file()


async def _keys(settings: Settings, *, live: bool) -> None:
    path = settings.secrets_path
    outside = settings.data_dir if live or settings.is_live else None
    found = secrets.load(path, outside=outside)
    async with _opened(settings.subscriptions_url, "subscriptions") as database:
        await Keys(database, path).check(found)


def _postcodes(path: Path) -> None:
    try:
        count = len(PackedPostcodes(path))
    except FileNotFoundError:
        raise OperatorError("they are not there yet: start Beatline once") from None
    if not count:
        raise OperatorError("there are none: run beatline places import-postcodes FILE")


def _languages() -> str | None:
    loaded = [load(LOCALES, language) for language in read_registry()]
    damaged = [catalog.language.english for catalog in loaded if catalog.dropped]
    if damaged:
        raise OperatorError(
            f"damaged translations are shown in English ({', '.join(damaged)}): "
            "run beatline i18n check"
        )
    unfinished = [
        f"{catalog.language.english} ({missing} missing)"
        for catalog in loaded
        if catalog.language.code != ENGLISH and (missing := sum(catalog.missing.values()))
    ]
    return f"not complete: {', '.join(unfinished)}" if unfinished else None


def _time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise OperatorError(
            f"there are no rules for {name}: correct TIMEZONE, or run pip install tzdata"
        ) from None


def _helplines(force_id: str, clock: Clock) -> str | None:
    stale = Directory(force_id, clock).stale()
    if not stale:
        return None
    return (
        f"checked over 180 days ago: {', '.join(stale)}; "
        "look each one up and date it in data/helplines.toml"
    )


def _advice(force_id: str, clock: Clock) -> str | None:
    library = Library(Directory(force_id, clock))
    if broken := library.broken:
        names = ", ".join(sorted({problem.place for problem in broken}))
        raise OperatorError(f"left out: {names}: run beatline advice check")
    overdue = [article.id for article in library.overdue(clock.now().date())]
    return f"to be reviewed by its editors: {', '.join(overdue)}" if overdue else None


async def _translation(settings: Settings) -> str | None:
    """Whether the engine answers, and what it may have."""
    public, local = engines(settings)
    try:
        await public.health()
        await local.health()
    except FeedError as error:
        raise OperatorError(
            f"posts stay in English ({error}): see to TRANSLATE_URL and docs/translation.md"
        ) from None
    if settings.translate_url is None or local.name:
        return None
    return "concerns are not translated: the engine is not on a network of our own"


def _replies(settings: Settings) -> str | None:
    """Whether teams can answer by e-mail; a demo's sample team has nobody who would."""
    if settings.mail_reply_url is None:
        unheard = "MAIL_REPLY_URL is not set, so teams cannot answer concerns"
        return unheard if settings.is_live else None
    if settings.mail_authserv_id is None:
        return "MAIL_AUTHSERV_ID is not set, so every reply is kept back and none is passed on"
    return None
