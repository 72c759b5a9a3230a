"""The outbox: one row for each message to each resident, planned in pages, claimed, and marked.

The statements that run for every page or tick are few and touch small indexes only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    USUAL_TOPICS,
    DeliveryState,
    Frequency,
    Level,
    Policy,
    Preferences,
    Priority,
    Topic,
)
from bot.store import preferences
from bot.store.database import insert_into
from bot.store.posts import ToPlan, wants
from bot.store.tables import advice, deliveries, gates, pacing, places, posts, subscribers

PAGE = 5_000
MOST_DOUBTS = 5
"""After so many sendings that may have arrived, one more is not worth it: it is left unknown."""

REACHED = (DeliveryState.SENT, DeliveryState.UNKNOWN)
ENDED = "subscription ended"

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# Written out, not bound: the planner takes a partial index only for a condition it can read.
_QUEUED = deliveries.c.state == literal_column(str(int(DeliveryState.QUEUED)))
_IN_FLIGHT = deliveries.c.state == literal_column(str(int(DeliveryState.IN_FLIGHT)))
# Waits to be sent again: if nothing comes of that, it may have arrived all the same.
_DOUBTED = and_(_QUEUED, deliveries.c.attempt > 0)


@dataclass(frozen=True, slots=True)
class Gate:
    """What a chat has had: ``sent`` messages on the local ``day`` (ordinal), its last digest."""

    day: int | None = None
    sent: int = 0
    digest_day: int | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """What a resident wants of one area, by the area's key."""

    area: int
    topics: Topic = USUAL_TOPICS
    frequency: Frequency = Frequency.WEEKLY
    alerts: Level = Level.ROUTINE


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that is due, with all that decides about it. ``sealed`` is None for one who left."""

    id: int
    post_id: int
    subscriber_id: int
    due: datetime
    priority: Priority
    attempt: int
    sealed: bytes | None
    language: str | None
    preferences: Preferences
    gate: Gate


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one row: its new state, and why where it failed."""

    id: int
    state: DeliveryState
    lease: datetime
    reference: str | None = None
    error: str | None = None
    doubted: bool = False


# Planning


async def plan_page(
    connection: AsyncConnection, post: ToPlan, area: int | None, after: int, now: datetime
) -> int | None:
    """Put the next page of an area's followers into the outbox; with None of everywhere's.

    Returns the last subscriber *selected*: after a crash all rows of a page may be there already,
    so those inserted would end the plan early. None when there are no more.
    """
    let_through = wants(post.kind, post.level, post.topic)
    followers = select(places.c.subscriber_id).where(let_through)
    whom = followers.distinct() if area is None else followers.where(places.c.area_id == area)
    return await _insert_page(connection, post, whom, after, now)


async def plan_picked_page(connection: AsyncConnection, post: ToPlan, now: datetime) -> int | None:
    """The same for advice: those for whom it was chosen."""
    whom = select(advice.c.subscriber_id).where(advice.c.post_id == post.id)
    return await _insert_page(connection, post, whom, post.cursor, now)


async def plan_reached_page(connection: AsyncConnection, post: ToPlan, now: datetime) -> int | None:
    """The same for a correction or an all-clear: those whom its original reached."""
    stopped = select(~posts.c.live).where(posts.c.id == post.refers_to).scalar_subquery()
    # A correction goes to those who had earlier words; whoever comes later gets the new ones.
    earlier = true() if post.all_clear else deliveries.c.edition < post.edition
    reached = select(deliveries.c.subscriber_id).where(
        deliveries.c.post_id == post.refers_to,
        deliveries.c.state.in_([int(state) for state in REACHED]) | and_(_DOUBTED, stopped),
        deliveries.c.subscriber_id.is_not(None),
        earlier,
    )
    return await _insert_page(connection, post, reached, post.cursor, now)


async def plan_for(
    connection: AsyncConnection,
    post_id: int,
    priority: Priority,
    whom: Collection[int],
    now: datetime,
) -> None:
    """Put a post into the outbox for residents who asked for it."""
    chosen = select(subscribers.c.id.label("subscriber_id")).where(subscribers.c.id.in_(whom))
    await _insert(connection, post_id, priority, chosen, now)


async def is_settled(connection: AsyncConnection, follow_up: ToPlan) -> bool:
    """Whether nothing is on its way any more that this correction or all-clear must follow."""
    flying = select(deliveries.c.id).where(_IN_FLIGHT, deliveries.c.post_id == follow_up.refers_to)
    if not follow_up.all_clear:
        flying = flying.where(deliveries.c.edition < follow_up.edition)
    return (await connection.execute(flying.limit(1))).first() is None


async def _insert_page(
    connection: AsyncConnection, post: ToPlan, whom: Select[Any], after: int, now: datetime
) -> int | None:
    column = whom.selected_columns[0]
    page = whom.where(column > after).order_by(column).limit(PAGE).subquery()
    last = (await connection.execute(select(func.max(page.c.subscriber_id)))).scalar_one()
    if last is None:
        return None
    chosen = whom.where(column > after, column <= last)
    await _insert(connection, post.id, post.priority, chosen, now)
    return int(last)


async def _insert(
    connection: AsyncConnection, post_id: int, priority: Priority, whom: Select[Any], now: datetime
) -> None:
    chosen = whom.subquery()
    rows = (
        select(
            literal(post_id),
            subscribers.c.id,
            pacing.c.token,
            literal(int(priority)),
            literal(now, deliveries.c.due.type),
            literal(int(DeliveryState.QUEUED)),
            literal(0),
            literal(0),
        )
        .select_from(chosen)
        .join(subscribers, subscribers.c.id == chosen.c.subscriber_id)
        .join(pacing, pacing.c.channel == subscribers.c.channel)
        .where(subscribers.c.stopped_on.is_(None))
        .order_by(subscribers.c.id)
    )
    names = ["post_id", "subscriber_id", "token", "priority", "due", "state", "attempt", "edition"]
    await connection.execute(
        insert_into(connection, deliveries).from_select(names, rows).on_conflict_do_nothing()
    )


# Claiming


async def ready(
    connection: AsyncConnection, token: int, now: datetime, limit: int
) -> list[Candidate]:
    """Rows that are due, in order, of chats whose gate is open; nobody else can claim them now."""
    arms = [select(_arm(connection, token, each, now, limit).subquery()) for each in Priority]
    ids = (await connection.execute(union_all(*arms).limit(limit))).scalars().all()
    if not ids:
        return []
    rows = await connection.execute(_details().where(deliveries.c.id.in_(ids)))
    found = [_candidate(row) for row in rows]
    return sorted(found, key=lambda row: (row.priority, row.due, row.id))


async def gathered(
    connection: AsyncConnection, subscriber_ids: Collection[int], token: int
) -> list[Candidate]:
    """Every queued row of these residents that was never in doubt, for their digests."""
    statement = (
        _details()
        .where(deliveries.c.subscriber_id.in_(subscriber_ids), _QUEUED)
        .where(deliveries.c.token == token, deliveries.c.attempt == 0)
        .order_by(deliveries.c.id)
    )
    if connection.dialect.name == "postgresql":
        statement = statement.with_for_update(of=deliveries, skip_locked=True)
    return [_candidate(row) for row in await connection.execute(statement)]


async def followings(
    connection: AsyncConnection, subscriber_ids: Collection[int]
) -> Mapping[int, Sequence[Following]]:
    """What these residents want of the areas they follow."""
    rows = await connection.execute(
        select(places).where(places.c.subscriber_id.in_(subscriber_ids))
    )
    found: dict[int, list[Following]] = defaultdict(list)
    for row in rows:
        found[row.subscriber_id].append(Following(row.area_id, **preferences.per_place(row)))
    return found


async def claim(
    connection: AsyncConnection, ids: Sequence[int], edition: int, lease: datetime
) -> None:
    """Say that these rows are about to be sent in those words, before anything is."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(state=int(DeliveryState.IN_FLIGHT), lease_until=lease, edition=edition)
    )


async def close_gates(
    connection: AsyncConnection, subscriber_ids: Iterable[int], now: datetime, until: datetime
) -> set[int]:
    """Keep others from these chats. Returns those that were open; always in the same order, so
    that two senders cannot each wait for the other."""
    rows = [{"subscriber_id": each, "next_ok": until, "sent": 0} for each in sorted(subscriber_ids)]
    if not rows:
        return set()
    statement = insert_into(connection, gates)
    closed = await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["subscriber_id"],
            set_={"next_ok": statement.excluded.next_ok},
            where=gates.c.next_ok <= now,
        ).returning(gates.c.subscriber_id),
        rows,
    )
    return set(closed.scalars())


async def references(
    connection: AsyncConnection, post_id: int, subscriber_ids: Collection[int]
) -> Mapping[int, str]:
    """Where a post stands in these residents' chats, for those who got it by itself."""
    rows = await connection.execute(
        select(deliveries.c.subscriber_id, deliveries.c.message_ref).where(
            deliveries.c.post_id == post_id,
            deliveries.c.subscriber_id.in_(subscriber_ids),
            deliveries.c.message_ref.is_not(None),
        )
    )
    return {row.subscriber_id: row.message_ref for row in rows}


# Marking


async def mark(connection: AsyncConnection, marks: Sequence[Mark]) -> None:
    """Write what became of claimed rows. One that someone else has claimed since is left to them,
    and one that they have sent stays sent.

    A reference is not kept for a resident who was erased meanwhile.
    """
    statement = (
        update(deliveries)
        .where(deliveries.c.id == bindparam("row"))
        .where(
            or_(
                deliveries.c.lease_until == bindparam("mine"),
                deliveries.c.lease_until.is_(None)
                & (deliveries.c.state != int(DeliveryState.SENT)),
            )
        )
        .values(
            state=bindparam("new_state"),
            lease_until=None,
            attempt=deliveries.c.attempt + bindparam("doubts"),
            message_ref=case(
                (deliveries.c.subscriber_id.is_(None), null()),
                else_=bindparam("reference", type_=String),
            ),
            error=bindparam("reason"),
        )
    )
    await connection.execute(
        statement,
        [
            {
                "row": each.id,
                "mine": each.lease,
                "new_state": int(each.state),
                "doubts": int(each.doubted),
                "reference": each.reference,
                "reason": each.error,
            }
            for each in marks
        ],
    )


async def open_gates(
    connection: AsyncConnection, rows: Sequence[tuple[int, datetime, Gate]]
) -> None:
    """Let chats be written to again from a moment on, and note what they have had."""
    await connection.execute(
        update(gates)
        .where(gates.c.subscriber_id == bindparam("chat"))
        .values(
            next_ok=bindparam("from_then"),
            day=bindparam("today"),
            sent=bindparam("so_far"),
            digest_day=bindparam("digest"),
        ),
        [
            {
                "chat": chat,
                "from_then": moment,
                "today": gate.day,
                "so_far": gate.sent,
                "digest": gate.digest_day,
            }
            for chat, moment, gate in rows
        ],
    )


async def wait(connection: AsyncConnection, rows: Sequence[tuple[int, datetime, Priority]]) -> None:
    """Look at these rows again at a later moment, behind others if their priority says so."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id == bindparam("row"), _QUEUED)
        .values(due=bindparam("moment"), priority=bindparam("rank")),
        [{"row": row, "moment": moment, "rank": int(rank)} for row, moment, rank in rows],
    )


async def drop(
    connection: AsyncConnection, ids: Sequence[int], state: DeliveryState, error: str | None
) -> None:
    """End queued rows that are not to be sent. One that may have arrived before is unknown."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids), _QUEUED)
        .values(
            state=case((_DOUBTED, int(DeliveryState.UNKNOWN)), else_=int(state)),
            error=case((_DOUBTED, null()), else_=literal(error, String)),
        )
    )


async def requeue(connection: AsyncConnection, post_id: int) -> None:
    """Queue again what was recalled of a post."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.post_id == post_id)
        .where(deliveries.c.state == int(DeliveryState.RECALLED))
        .values(state=int(DeliveryState.QUEUED))
    )


async def look_again(connection: AsyncConnection, subscriber_id: int, now: datetime) -> None:
    """Decide anew about what waits for a resident, who has just changed what they want."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.subscriber_id == subscriber_id, _QUEUED, deliveries.c.due > now)
        .values(due=now)
    )


async def sweep(connection: AsyncConnection, token: int, now: datetime | None) -> int:
    """Settle rows whose sender died: they are in doubt. None for all that are in flight.

    Returns how many there were.
    """
    lost = and_(_IN_FLIGHT, deliveries.c.token == token)
    if now is not None:
        lost = and_(lost, deliveries.c.lease_until < now)
    again = select(posts.c.id).where(posts.c.policy == Policy.AT_LEAST_ONCE.value)
    chats = select(deliveries.c.subscriber_id).where(lost)
    await connection.execute(
        update(gates).where(gates.c.subscriber_id.in_(chats)).values(next_ok=_LONG_AGO)
    )
    swept = await connection.execute(
        update(deliveries)
        .where(lost)
        .values(
            state=case(
                (
                    and_(deliveries.c.post_id.in_(again), deliveries.c.attempt < MOST_DOUBTS - 1),
                    int(DeliveryState.QUEUED),
                ),
                else_=int(DeliveryState.UNKNOWN),
            ),
            attempt=deliveries.c.attempt + 1,
            lease_until=None,
        )
    )
    return swept.rowcount


async def doubt_unfinished(connection: AsyncConnection) -> None:
    """Take all that is queued or on its way for messages that may have arrived."""
    await connection.execute(
        update(deliveries)
        .where(or_(_QUEUED, _IN_FLIGHT))
        .values(state=int(DeliveryState.UNKNOWN), lease_until=None)
    )


async def let_go(connection: AsyncConnection, gone: Select[Any]) -> None:
    """Take residents who are about to be erased off their deliveries, which then only count."""
    waiting = deliveries.c.state == int(DeliveryState.QUEUED)
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.post_id.in_(select(posts.c.id)), deliveries.c.subscriber_id.in_(gone))
        .values(
            subscriber_id=None,
            message_ref=None,
            state=case((waiting, int(DeliveryState.FAILED)), else_=deliveries.c.state),
            error=case((waiting, ENDED), else_=deliveries.c.error),
        )
    )


# Looking


async def figures(
    connection: AsyncConnection, post_id: int, *, over: bool
) -> list[tuple[str, DeliveryState, str | None, int]]:
    """How many rows of a post stand where, by channel, and why where they failed.

    Of one that is ``over``, what waits to be sent again may have arrived.
    """
    doubted = case((_DOUBTED, int(over)), else_=0).label("doubted")
    rows = await connection.execute(
        select(pacing.c.channel, deliveries.c.state, deliveries.c.error, func.count(), doubted)
        .join(pacing, pacing.c.token == deliveries.c.token)
        .where(deliveries.c.post_id == post_id)
        .group_by(pacing.c.channel, deliveries.c.state, deliveries.c.error, doubted)
    )
    return [
        (row[0], DeliveryState.UNKNOWN if row.doubted else DeliveryState(row[1]), row[2], row[3])
        for row in rows
    ]


async def received(
    connection: AsyncConnection, subscriber_id: int, since: datetime, limit: int
) -> list[int]:
    """The posts that reached a resident lately, the newest last."""
    lately = select(posts.c.id).where(posts.c.send_at >= since)
    rows = await connection.execute(
        select(deliveries.c.post_id)
        .join(posts, posts.c.id == deliveries.c.post_id)
        .where(
            deliveries.c.post_id.in_(lately),
            deliveries.c.subscriber_id == subscriber_id,
            deliveries.c.state.in_([int(state) for state in REACHED]),
        )
        .order_by(posts.c.send_at.desc(), posts.c.id.desc())
        .limit(limit)
    )
    return list(rows.scalars())[::-1]


async def codes(connection: AsyncConnection, subscriber_id: int) -> list[str]:
    """The public ids of all posts that reached a resident, or are to."""
    rows = await connection.execute(
        select(posts.c.code)
        .join(deliveries, deliveries.c.post_id == posts.c.id)
        .where(
            deliveries.c.post_id.in_(select(posts.c.id)),
            deliveries.c.subscriber_id == subscriber_id,
        )
        .order_by(posts.c.id)
    )
    return list(rows.scalars())


async def gate(connection: AsyncConnection, subscriber_id: int) -> Gate:
    """What a chat has had."""
    rows = await connection.execute(
        select(gates.c.day, gates.c.sent, gates.c.digest_day).where(
            gates.c.subscriber_id == subscriber_id
        )
    )
    row = rows.one_or_none()
    return Gate() if row is None else Gate(*row)


async def forget_references(
    connection: AsyncConnection, before: datetime, after: int
) -> int | None:
    """Forget, on the next page of rows, where posts released before a moment stand in chats.

    Returns the last row looked at, for ``after``; None when there are no more. Pages, because
    nothing else can be written meanwhile on SQLite.
    """
    following = select(deliveries.c.id).where(deliveries.c.id > after)
    page = following.order_by(deliveries.c.id).limit(PAGE).subquery()
    last: int | None = (await connection.execute(select(func.max(page.c.id)))).scalar_one()
    if last is not None:
        old = select(posts.c.id).where(posts.c.send_at < before)
        # The sum keeps the planner off the index of posts: a page is found by its ids.
        post_id = deliveries.c.post_id + 0
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.id > after, deliveries.c.id <= last)
            .where(post_id.in_(old), deliveries.c.message_ref.is_not(None))
            .values(message_ref=None)
        )
    return last


async def forget_gates(connection: AsyncConnection, before: datetime) -> None:
    """Forget what chats have had that were last written to before a moment."""
    await connection.execute(delete(gates).where(gates.c.next_ok < before))


def _arm(
    connection: AsyncConnection, token: int, priority: Priority, now: datetime, limit: int
) -> Select[Any]:
    """Due rows of one priority: a range of the index, which rows due later never widen."""
    is_open: ColumnElement[bool] = or_(gates.c.next_ok.is_(None), gates.c.next_ok <= now)
    statement = (
        select(deliveries.c.id)
        .outerjoin(gates, gates.c.subscriber_id == deliveries.c.subscriber_id)
        .where(_QUEUED, deliveries.c.token == token, deliveries.c.priority == int(priority))
        .where(deliveries.c.due <= now, is_open)
        .order_by(deliveries.c.due, deliveries.c.id)
        .limit(limit)
    )
    if connection.dialect.name == "postgresql":
        return statement.with_for_update(of=deliveries, skip_locked=True)
    return statement


def _details() -> Select[Any]:
    return (
        select(
            deliveries.c.id,
            deliveries.c.post_id,
            deliveries.c.subscriber_id,
            deliveries.c.due,
            deliveries.c.priority,
            deliveries.c.attempt,
            subscribers.c.sealed,
            subscribers.c.language,
            subscribers.c.stopped_on,
            *preferences.PER_RESIDENT,
            gates.c.day,
            gates.c.sent,
            gates.c.digest_day,
        )
        .outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .outerjoin(gates, gates.c.subscriber_id == deliveries.c.subscriber_id)
    )


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(
        row.id,
        row.post_id,
        row.subscriber_id,
        row.due,
        Priority(row.priority),
        row.attempt,
        None if row.stopped_on is not None else row.sealed,
        row.language,
        preferences.per_resident(row),
        Gate(row.day, row.sent or 0, row.digest_day),
    )
