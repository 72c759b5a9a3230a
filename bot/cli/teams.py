"""`beatline team`: who looks after which areas, and where concerns for them go."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import typer

from bot.app import joined
from bot.cli.environment import read_settings
from bot.cli.places import Opened, opened
from bot.errors import OperatorError, reason
from bot.model import Team
from bot.schedule import SystemClock
from bot.services.blind_reply import EXPLAINED, Doubt
from bot.services.teams import Change, Role, Teams

app = typer.Typer(help="Teams, and where concerns for them go.", no_args_is_help=True)

OPERATOR = "operator"
T = TypeVar("T")

_Act: TypeAlias = Callable[[Teams, str, Change, str], Awaitable[Team]]

_Name = Annotated[str, typer.Argument(metavar="NAME", help='Such as "Reading town centre".')]
_Areas = Annotated[
    list[str] | None, typer.Option("--area", help="An area's id or name; may be repeated.")
]
_Everywhere = Annotated[
    bool, typer.Option("--everywhere", help="Every area without a team of its own.")
]
_Email = Annotated[str | None, typer.Option("--email", help="Where concerns go.")]
_Urgent = Annotated[
    str | None, typer.Option("--urgent-email", help="Urgent concerns go there as well.")
]
_Fallback = Annotated[
    str | None, typer.Option("--fallback-email", help="Tried when the first takes nothing.")
]
_Certificate = Annotated[
    Path | None,
    typer.Option(
        "--certificate", exists=True, dir_okay=False, help="OpenPGP, public: concerns are sealed."
    ),
]
_ReplyDomains = Annotated[
    list[str] | None,
    typer.Option("--reply-domain", help="Answers count from there; default: that of --email."),
]
_Hours = Annotated[
    str | None, typer.Option("--hours", help='Such as "Monday to Friday, 8am to 4pm".')
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True)
class Desk:
    """What these commands work with."""

    parts: Opened
    teams: Teams


def _sets(name: str, act: _Act, done: str, told: str) -> None:
    """Make a command that sets what is known of a team, by the same options as the others."""

    @app.command(name, help=told)
    def command(
        name: _Name,
        email: _Email = None,
        area: _Areas = None,
        everywhere: _Everywhere = False,
        urgent_email: _Urgent = None,
        fallback_email: _Fallback = None,
        certificate: _Certificate = None,
        reply_domain: _ReplyDomains = None,
        hours: _Hours = None,
        as_json: _Json = False,
    ) -> None:
        wanted = Change(
            everywhere=everywhere or None,
            email=email,
            urgent_email=urgent_email,
            fallback_email=fallback_email,
            certificate=_read(certificate),
            reply_domains=reply_domain,
            office_hours=hours,
        )
        _put(act, name, area, wanted, done=done, as_json=as_json)


_sets("add", Teams.add, "added", "Add a team: its areas, and where concerns for them go.")
_sets(
    "change",
    Teams.change,
    "changed",
    "Set some things of a team anew; what is not named stays. --area names all of its areas.",
)


@app.command("list")
def show_all(as_json: _Json = False) -> None:
    """Show every team, and the areas that have none."""

    async def work(desk: Desk) -> tuple[list[Team], str, list[str]]:
        unserved = [area.id for area in await desk.teams.unserved()]
        return await desk.teams.all(), await _unserved(desk), unserved

    found, remark, unserved = _run(work)
    if as_json:
        shown = {"teams": [_shown(team) for team in found], "areas_without_team": unserved}
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    for team in found:
        typer.echo("\n".join(_lines(team)))
    typer.echo(remark or f"{len(found)} team(s) serve every area.")


@app.command("invite")
def invite(
    name: _Name,
    role: Annotated[Role, typer.Option("--role", help="What they may do.")] = Role.RESPONDER,
    email_domain: Annotated[
        str | None, typer.Option("--email-domain", help="Of their address; default: the team's.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Make a code by which one person may join a team within 24 hours. It is shown only here."""
    code = _run(lambda desk: desk.teams.invite(name, role, email_domain, OPERATOR))
    if as_json:
        typer.echo(json.dumps({"code": code, "role": role.value}))
        return
    typer.echo(code)
    typer.echo(
        f"It holds once, for 24 hours, as {role.value}. This version has no console to use it in; "
        "officers answer concerns by e-mail, which needs no code.",
        err=True,
    )


@app.command("remove")
def remove(name: _Name, as_json: _Json = False) -> None:
    """Delete a team, and the invitations to it."""

    async def work(desk: Desk) -> tuple[Team, str]:
        return await desk.teams.remove(name, OPERATOR), await _unserved(desk)

    _say(*_run(work), done="removed", as_json=as_json)


@app.command("held")
def held(
    number: Annotated[str | None, typer.Argument(metavar="ID", help="One of those.")] = None,
    to: Annotated[
        Path | None, typer.Option("--to", dir_okay=False, help="A new file to write it to.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Show which e-mails were kept back and why, or write one to a file, for its team to see."""
    if (number is None) != (to is None):
        raise OperatorError("to look at one of them, give its ID and --to FILE")
    found, raw = asyncio.run(_held(number))
    if number is not None and to is not None:
        _write(to, raw, number)
        typer.echo(f"{to} holds it. It may hold a person's words: delete it once it was seen.")
        return
    if as_json:
        typer.echo(json.dumps({"held": found}, ensure_ascii=False))
        return
    for one in found:
        typer.echo("{id}  {day}  {team}: it was not passed on, {reason}".format_map(one))
    if not found:
        typer.echo("Nothing is kept back.")


async def _held(number: str | None) -> tuple[list[dict[str, str]], bytes | None]:
    async with joined(read_settings(log_level="WARNING")) as beatline:
        concerns = beatline.services.concerns
        if number is not None:
            return [], await concerns.held_back(number)
        names = {team.id: team.name for team in await beatline.services.teams.all()}
        return [
            {
                "id": one.id.hex(),
                "day": one.day.isoformat(),
                "team": names.get(one.team or 0, "no team"),
                "reason": _because(one.reason),
            }
            for one in await concerns.quarantined()
        ], None


def _because(reason: str) -> str:
    return EXPLAINED[Doubt(reason)] if reason in set(Doubt) else reason


def _write(file: Path, raw: bytes | None, number: str) -> None:
    if raw is None:
        raise OperatorError(f"nothing with the id {number} is kept back: see beatline team held")
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise OperatorError(f"{file} cannot be written: {reason(error)}") from None
    with os.fdopen(descriptor, "wb") as out:
        out.write(raw)


def _run(work: Callable[[Desk], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _desk() as desk:
            return await work(desk)

    return asyncio.run(run())


@asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    async with opened(read_settings()) as parts:
        yield Desk(parts, Teams(parts.database, SystemClock()))


def _put(
    act: _Act,
    name: str,
    areas: Sequence[str] | None,
    wanted: Change,
    *,
    done: str,
    as_json: bool,
) -> None:
    if areas and wanted.everywhere:
        raise OperatorError("name a team's areas with --area, or say --everywhere, not both")

    async def work(desk: Desk) -> tuple[Team, str]:
        named = [(await desk.parts.area(each)).id for each in areas] if areas else None
        team = await act(desk.teams, name, replace(wanted, areas=named), OPERATOR)
        return team, await _unserved(desk)

    _say(*_run(work), done=done, as_json=as_json)


def _read(file: Path | None) -> bytes | None:
    try:
        return None if file is None else file.read_bytes()
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {reason(error)}") from None


async def _unserved(desk: Desk) -> str:
    """A remark on areas without a team, or nothing."""
    found = await desk.teams.unserved()
    if not found:
        return ""
    named = ", ".join(area.label for area in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"No team serves {named}{more}: /concern stays closed until one does."


def _say(team: Team, remark: str, *, done: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_shown(team), ensure_ascii=False))
        return
    typer.echo(f"{team.name} is {done}.")
    if done != "removed":
        typer.echo("\n".join(_lines(team)[1:]))
    if remark:
        typer.echo(remark)


def _shown(team: Team) -> dict[str, Any]:
    return {
        "name": team.name,
        "areas": list(team.areas),
        "everywhere": team.everywhere,
        "email": team.email,
        "urgent_email": team.urgent_email,
        "fallback_email": team.fallback_email,
        "certificate": team.certificate is not None,
        "reply_domains": list(team.reply_domains),
        "office_hours": team.office_hours,
    }


def _lines(team: Team) -> list[str]:
    served = "every area without its own team" if team.everywhere else ", ".join(team.areas)
    facts = {
        "areas": served,
        "concerns go to": team.email,
        "urgent ones also to": team.urgent_email,
        "otherwise to": team.fallback_email,
        "sealed": "to its OpenPGP certificate" if team.certificate else "by TLS on the way only",
        "answers count from": ", ".join(team.reply_domains),
        "office hours": team.office_hours,
    }
    return [team.name, *(f"  {name}: {value}" for name, value in facts.items() if value)]
