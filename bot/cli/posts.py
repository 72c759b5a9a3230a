"""`beatline post` and `beatline audience`: what is sent to many, from draft to report."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bot.catalogs import Catalogs
from bot.cli.environment import read_settings
from bot.cli.places import Opened, opened
from bot.cli.templates import written
from bot.errors import OperatorError
from bot.languages import ENGLISH, read_registry
from bot.model import Kind, Level, Policy, Post, Topic, Variant
from bot.schedule import SystemClock
from bot.services.pictures import LARGEST_BYTES
from bot.services.posts import Draft, Posts, Report
from bot.services.translation.posts import PostTranslations
from bot.settings import Settings

app = typer.Typer(help="Posts: draft, approve, send, correct, report.", no_args_is_help=True)

OPERATOR = "operator"
T = TypeVar("T")

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FINISHED = {"sent", "cancelled", "ended"}


class LevelName(StrEnum):
    """The levels as they are typed."""

    ROUTINE = "routine"
    IMPORTANT = "important"
    URGENT = "urgent"


_TOPICS = {(topic.name or "").lower().replace("_", "-"): topic for topic in Topic}


def _known_topic(name: str) -> str:
    if name not in _TOPICS:
        raise typer.BadParameter(f"topics are {', '.join(_TOPICS)}")
    return name


_Code = Annotated[str, typer.Argument(metavar="ID", help="Such as P-7KX3QD.")]
_Areas = Annotated[
    list[str] | None, typer.Option("--area", help="An area's id or name; may be repeated.")
]
_Everywhere = Annotated[bool, typer.Option("--everywhere", help="All areas.")]
_Topic = Annotated[str, typer.Option("--topic", callback=_known_topic, help="Such as road-safety.")]
_Now = Annotated[bool, typer.Option("--now", help="Without the time in which to cancel.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Watch = Annotated[
    bool | None,
    typer.Option("--watch/--no-watch", help="Show how it goes until it is done; Ctrl-C leaves."),
]


@dataclass(frozen=True)
class Desk:
    """What these commands work with."""

    parts: Opened
    posts: Posts

    @property
    def zone(self) -> ZoneInfo:
        return self.parts.settings.zone

    async def area_ids(self, words: Sequence[str], *, everywhere: bool) -> list[str] | None:
        """The ids that were meant, None for everywhere. Raises OperatorError."""
        if everywhere == bool(words):
            raise OperatorError("name areas with --area, or say --everywhere")
        return None if everywhere else [(await self.parts.area(each)).id for each in words]


def audience(
    area: _Areas = None,
    everywhere: _Everywhere = False,
    topic: _Topic = "general",
    as_json: _Json = False,
) -> None:
    """Count who would hear of a post now, by channel and language."""

    async def work(desk: Desk) -> dict[str, Any]:
        ids = await desk.area_ids(area or (), everywhere=everywhere)
        return asdict(await desk.posts.audience(ids, topic=_TOPICS[topic]))

    found = _run(work)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(_followers(found["total"]))
    for heading in ("by_channel", "by_language"):
        for name, count in sorted(found[heading].items()):
            typer.echo(f"  {name}: {count:,}")


@app.command("draft")
def draft(
    kind: Annotated[Kind, typer.Option("--kind")],
    area: _Areas = None,
    everywhere: _Everywhere = False,
    level: Annotated[LevelName, typer.Option("--level")] = LevelName.ROUTINE,
    text: Annotated[str | None, typer.Option("--text", help="What to say.")] = None,
    text_file: Annotated[
        Path | None, typer.Option("--text-file", exists=True, help="A file that says it.")
    ] = None,
    title: Annotated[str, typer.Option("--title")] = "",
    topic: _Topic = "general",
    at: Annotated[
        str | None, typer.Option("--at", help='When to send: "18:00" or "2026-12-01 18:00".')
    ] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="Not sent after this.")] = None,
    policy: Annotated[Policy | None, typer.Option("--policy")] = None,
    image: Annotated[
        Path | None,
        typer.Option("--image", exists=True, dir_okay=False, help="A PNG, JPEG or WebP, to 5 MB."),
    ] = None,
    alt: Annotated[str, typer.Option("--alt", help="What the picture shows, in words.")] = "",
    template: Annotated[
        str | None, typer.Option("--template", help="Words that exist in every language.")
    ] = None,
    slot: Annotated[
        list[str] | None,
        typer.Option("--slot", help='What the template tells: "place=Mill Lane"; for each one.'),
    ] = None,
    as_json: _Json = False,
) -> None:
    """Write down a post. Nothing is sent before it is approved and released."""

    async def work(desk: Desk) -> Post:
        words, *translations = _words(
            desk.parts.settings, title, (text, text_file), (template, slot or ())
        )
        return await desk.posts.draft(
            Draft(
                kind=kind,
                level=Level[level.name],
                text=words.body,
                translations=translations,
                areas=await desk.area_ids(area or (), everywhere=everywhere),
                title=words.title,
                topic=_TOPICS[topic],
                policy=policy,
                send_at=(at and _moment(at, desk.zone)) or None,
                expires_at=(expires and _moment(expires, desk.zone)) or None,
                image=_content(image),
                alt=alt,
            ),
            OPERATOR,
        )

    _say(_run(work), "drafted", as_json=as_json)


@app.command("drafts")
def drafts(as_json: _Json = False) -> None:
    """List what waits for a person: drafts, and news of sources that did not go out by itself."""

    async def work(desk: Desk) -> list[Post]:
        return await desk.posts.drafts()

    found = [_listed(post) for post in _run(work)]
    if as_json:
        typer.echo(json.dumps({"drafts": found}, ensure_ascii=False))
        return
    for each in found:
        where = "everywhere" if each["areas"] == ["everywhere"] else f"{len(each['areas'])} areas"
        source = f"  ({each['source']})" if each["source"] else ""
        typer.echo(f"{each['id']}  {each['kind']}, {where}: {each['heading']}{source}")


@app.command("show")
def show(code: _Code, as_json: _Json = False) -> None:
    """Print a post and how it stands."""

    async def work(desk: Desk) -> tuple[Post, Report, ZoneInfo]:
        return await desk.posts.show(code), await desk.posts.report(code), desk.zone

    post, report, zone = _run(work)
    shown = _shown(post, report, zone)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    for name, value in shown.items():
        typer.echo(f"{name}: {', '.join(value) if isinstance(value, list) else value}")


@app.command("approve")
def approve(code: _Code, as_json: _Json = False) -> None:
    """Freeze a draft as it is; it may then be sent within two hours."""

    async def work(desk: Desk) -> Post:
        _may_send(desk)
        return await desk.posts.approve(code, OPERATOR)

    post = _run(work)
    _say(post, f"approved for {_followers(post.audience or 0)}", as_json=as_json)


@app.command("send")
def send(
    code: _Code,
    now: _Now = False,
    again: Annotated[
        bool, typer.Option("--again", help="Although the same was sent minutes ago.")
    ] = False,
    watch: _Watch = None,
    as_json: _Json = False,
) -> None:
    """Release an approved post. It goes out by the service that is running."""

    async def work(desk: Desk) -> tuple[Post, ZoneInfo]:
        _may_send(desk)
        return await desk.posts.send(code, OPERATOR, now=now, again=again), desk.zone

    post, zone = _run(work)
    begin = f"{post.send_at.astimezone(zone):%H:%M:%S}" if post.send_at else ""
    _say(post, f"goes out from {begin}", as_json=as_json)
    if watch if watch is not None else not as_json and Console(stderr=True).is_terminal:
        _watch(code)


@app.command("cancel")
def cancel(code: _Code, as_json: _Json = False) -> None:
    """Stop a post; what was not yet on its way stays here."""

    async def work(desk: Desk) -> Post:
        return await desk.posts.cancel(code, OPERATOR)

    _say(_run(work), "cancelled", as_json=as_json)


@app.command("correct")
def correct(
    code: _Code,
    text: Annotated[str, typer.Option("--text", help="The right words.")],
    all_clear: Annotated[
        bool, typer.Option("--all-clear", help="It is over: end it, and say so.")
    ] = False,
    without_image: Annotated[
        bool, typer.Option("--without-image", help="Take the picture back, too.")
    ] = False,
    now: _Now = False,
    as_json: _Json = False,
) -> None:
    """Tell exactly those whom a post reached that it was wrong, or that it is over."""

    async def work(desk: Desk) -> Post:
        _may_send(desk)
        return await desk.posts.correct(
            code, text, OPERATOR, all_clear=all_clear, without_picture=without_image, now=now
        )

    _say(_run(work), "all-clear" if all_clear else "correction", as_json=as_json)


@app.command("translate")
def translate(
    code: _Code,
    language: Annotated[str, typer.Argument(help="Such as pl.")],
    text_file: Annotated[
        Path | None, typer.Option("--text-file", exists=True, help="A file with better words.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="The title in it.")] = None,
    as_json: _Json = False,
) -> None:
    """Show a released post in a language, or put a person's words in the place of a computer's.

    They reach everybody who is still to get the post, and whoever opens it again.
    """

    async def work(desk: Desk) -> Variant | None:
        made = PostTranslations(desk.parts.database, SystemClock())
        known = _known_language(language)
        if text_file is None:
            return await made.show(code, known)
        _may_send(desk)
        return await made.correct(code, known, _text(None, text_file), OPERATOR, title=title)

    words = _run(work)
    if words is None:
        raise OperatorError(f"{code} is not there in {language}: its readers get the original")
    by = {"": "approved", "machine": "by a computer", "person": "by a person"}[words.made]
    if as_json:
        shown = {"id": code, "language": words.language, "title": words.title, "text": words.body}
        typer.echo(json.dumps({**shown, "by": by}, ensure_ascii=False))
        return
    typer.echo(f"{code}  {words.language}, {by}")
    typer.echo("\n\n".join(part for part in (words.title, words.body) if part))


@app.command("report")
def report(code: _Code, watch: _Watch = False, as_json: _Json = False) -> None:
    """Count what became of a post: queued, sent, failed and why, unknown, recalled."""
    if watch:
        _watch(code)
    found = _run(lambda desk: desk.posts.report(code))
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False))
        return
    typer.echo(f"{found.id} is {found.state}; audience {found.audience:,}")
    for name in ("queued", "sent", "failed", "unknown", "recalled"):
        typer.echo(f"  {name}: {getattr(found, name):,}")
    for reason, count in sorted(found.reasons.items()):
        typer.echo(f"    {reason}: {count:,}")


def _run(work: Callable[[Desk], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _desk() as desk:
            return await work(desk)

    return asyncio.run(run())


@asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    async with opened(read_settings()) as parts:
        yield Desk(parts, Posts(parts.database, SystemClock()))


def _may_send(desk: Desk) -> None:
    if not desk.parts.settings.lets_operator_send:
        raise OperatorError("sending from here is switched off; OPERATOR_MAY_SEND=true allows it")


def _words(
    settings: Settings,
    title: str,
    own: tuple[str | None, Path | None],
    template: tuple[str | None, Sequence[str]],
) -> tuple[Variant, ...]:
    """The words as they were typed, or those of a template in each of its languages."""
    name, slots = template
    if name is None:
        if slots:
            raise OperatorError("--slot belongs to a --template")
        return (Variant(ENGLISH, title, _text(*own)),)
    if title or own != (None, None):
        raise OperatorError("a template brings its own title and text")
    catalogs = Catalogs(zone=settings.zone, offer_drafts=settings.offers_drafts)
    return written(name, slots, catalogs, settings.zone)


def _known_language(code: str) -> str:
    codes = [each.code for each in read_registry()]
    if code not in codes:
        raise OperatorError(f"there is no language {code}: they are {', '.join(codes)}")
    return code


def _text(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise OperatorError(
            "give the words with --text, a file with --text-file, or a --template with --slot"
        )
    try:
        return text if file is None else file.read_text("utf-8")  # type: ignore[return-value]  # one is given
    except UnicodeDecodeError:
        raise OperatorError(f"{file} is not text in UTF-8") from None


def _content(image: Path | None) -> bytes | None:
    """A picture's file, or enough of it to show that it is too large."""
    if image is None:
        return None
    with image.open("rb") as file:
        return file.read(LARGEST_BYTES + 1)


def _moment(words: str | None, zone: ZoneInfo) -> datetime | None:
    """A local time, of today or else tomorrow, or a date and time. Raises OperatorError."""
    if words is None:
        return None
    if clock := _CLOCK_TIME.fullmatch(words.strip()):
        now = datetime.now(zone)
        at = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return (at if at > now else at + timedelta(days=1)).astimezone(UTC)
    try:
        moment = datetime.fromisoformat(words.strip())
    except ValueError:
        raise OperatorError(
            f'{words} is not a time such as "18:00" or "2026-12-01 18:00"'
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _say(post: Post, done: str, *, as_json: bool) -> None:
    typer.echo(json.dumps({"id": post.code}) if as_json else f"{post.code}  {done}")


def _listed(post: Post) -> dict[str, Any]:
    words = post.variants[0]
    return {
        "id": post.code,
        "kind": post.kind.value,
        "level": post.level.name.lower(),
        "areas": ["everywhere"] if post.everywhere else [area.id for area in post.areas],
        "heading": words.title or words.body.partition("\n")[0],
        "source": post.origin.source if post.origin else None,
        "refers_to": post.refers_code,
    }


def _shown(post: Post, report: Report, zone: ZoneInfo) -> dict[str, Any]:
    def local(moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")

    words = post.variants[0]
    return {
        "id": post.code,
        "state": report.state,
        "kind": post.kind.value,
        "level": post.level.name.lower(),
        "topic": ", ".join(name for name, topic in _TOPICS.items() if topic in post.topic),
        "policy": post.policy.value,
        "areas": ["everywhere"] if post.everywhere else [area.id for area in post.areas],
        "title": words.title,
        "said": words.said or None,
        "text": words.body,
        "picture": words.picture and f"{words.picture.width} x {words.picture.height}",
        "alt": words.picture and words.picture.alt,
        "source": post.origin.source if post.origin else None,
        "licence": (post.origin and post.origin.licence) or None,
        "link": (post.origin and post.origin.link) or None,
        "refers_to": post.refers_code,
        "approved_at": local(post.approved_at),
        "send_at": local(post.send_at or post.wanted_at),
        "expires_at": local(post.expires_at),
        "cancelled_at": local(post.cancelled_at),
    }


def _watch(code: str) -> None:
    """Show how a post goes until it has gone; the service sends it, not this command."""

    async def work(desk: Desk) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(code, total=None)
            while True:
                began = time.monotonic()
                found = await desk.posts.report(code)
                done = found.audience - found.queued
                words = f"{code} {found.state}: {found.sent:,} sent, {found.failed:,} failed"
                total = found.audience or None
                progress.update(task, completed=done, total=total, description=words)
                if found.state in _FINISHED:
                    return
                # Counting a large post takes a while: leave the database time for sending it.
                await asyncio.sleep(max(0.5, 4 * (time.monotonic() - began)))

    try:
        _run(work)
    except KeyboardInterrupt:
        typer.echo(f"{code} goes on; beatline post report {code} tells how.", err=True)


def _followers(count: int) -> str:
    return f"{count:,} follower{'' if count == 1 else 's'}"
