"""Which messages go out next: due rows, sorted by what each resident asked for, and claimed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.bulletin import Entry
from bot.conversation import Address
from bot.delivery.drawing import Drawing
from bot.delivery.due import Decision, InDigest, Never, Now, Wait, decide, local_day
from bot.model import Area, DeliveryState, Post, Priority
from bot.ports import Rendered
from bot.security.sealing import ChatKeys
from bot.store import deliveries, posts, translations
from bot.store.database import Connection
from bot.store.deliveries import ENDED, Candidate, Following, Gate
from bot.store.posts import DEFAULT_LANGUAGE, Standing

LEASE = timedelta(seconds=60)
"""How long a claim holds, longer than any sending; after it its sender is taken for dead."""
LOOKED_AT = 250
"""Rows looked at in one go beyond those there is room for; most of them wait for their digest."""
ROUNDS = 4
REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, claimed: the rows it settles, and what its chat will have had once it is out.

    ``edits`` is the reference of the message that it corrects in place.
    """

    chat: int
    to: Address
    rows: tuple[tuple[Candidate, Post], ...]
    what: Rendered
    lease: datetime
    gate: Gate
    edits: str | None = None


@dataclass(slots=True)
class _Sorted:
    """What becomes of the rows of one round."""

    now: dict[int, Candidate] = field(default_factory=dict)
    digests: dict[int, Candidate] = field(default_factory=dict)
    waiting: list[tuple[int, datetime, Priority]] = field(default_factory=list)
    dropped: dict[tuple[DeliveryState, str | None], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )


class Claims:
    """Takes rows of one token out of the outbox, as messages ready to send."""

    def __init__(
        self, channel: str, token: int, drawing: Drawing, keys: ChatKeys, zone: ZoneInfo
    ) -> None:
        self._channel = channel
        self._token = token
        self._drawing = drawing
        self._keys = keys
        self._zone = zone
        self._posts: dict[int, Post] = {}
        self._translated: dict[int, int] = {}
        self._targets: dict[int, Mapping[int, Area]] = {}

    async def take(self, connection: Connection, room: int, now: datetime) -> list[Outgoing]:
        """Claim at most ``room`` messages, the most urgent first.

        Rows that must wait, or are not to be sent at all, are settled on the way, a bounded
        number of them so that the transaction stays short.
        """
        taken: list[Outgoing] = []
        limit = room
        for _round in range(ROUNDS):
            found = await deliveries.ready(connection, self._token, now, limit)
            if found:
                taken += await self._round(connection, found, room - len(taken), now)
            if len(found) < limit or len(taken) >= room:
                break
            limit = LOOKED_AT
        return taken

    async def _round(
        self, connection: Connection, found: Sequence[Candidate], room: int, now: datetime
    ) -> list[Outgoing]:
        standing = await self._know(connection, found)
        chats = {row.subscriber_id for row in found}
        follows = await deliveries.followings(connection, chats)
        sorted_ = _Sorted()
        for row in found:
            if len(sorted_.now) + len(sorted_.digests) >= room:
                break
            self._sort(row, standing[row.post_id], follows.get(row.subscriber_id, ()), sorted_, now)
        if sorted_.waiting:
            await deliveries.wait(connection, sorted_.waiting)
        for (state, reason), ids in sorted_.dropped.items():
            await deliveries.drop(connection, ids, state, reason)
        lease = now + LEASE
        chosen = {**sorted_.now, **sorted_.digests}
        free = await deliveries.close_gates(connection, chosen, now, lease)
        singles = [row for chat, row in sorted_.now.items() if chat in free]
        gathering = [chat for chat in sorted_.digests if chat in free]
        outgoing = await self._alone(connection, singles, standing, lease, now)
        if gathering:
            outgoing += await self._digests(connection, gathering, standing, follows, lease, now)
        order = {chat: number for number, chat in enumerate(chosen)}
        await _claim(connection, outgoing, standing, lease)
        return sorted(outgoing, key=lambda each: order[each.chat])

    def _sort(
        self,
        row: Candidate,
        standing: Standing,
        follows: Sequence[Following],
        into: _Sorted,
        now: datetime,
    ) -> None:
        if row.subscriber_id in into.now or row.subscriber_id in into.digests:
            return  # one message of a chat at a time, in its order
        match self._decide(row, standing, follows, now):
            case DeliveryState() as state:
                into.dropped[state, None].append(row.id)
            case Never(reason):
                into.dropped[DeliveryState.FAILED, reason].append(row.id)
            case Wait(until, gathered):
                into.waiting.append((row.id, until, Priority.BULK if gathered else row.priority))
            case InDigest():
                into.digests[row.subscriber_id] = row
            case Now():
                into.now[row.subscriber_id] = row

    def _decide(
        self,
        row: Candidate,
        standing: Standing,
        follows: Sequence[Following],
        now: datetime,
    ) -> Decision | DeliveryState:
        if not standing.live:
            return DeliveryState.RECALLED
        if standing.expires_at <= now:
            return Never("expired")
        if row.sealed is None:
            return Never(ENDED)
        post = self._posts[row.post_id]
        return decide(
            post,
            None if post.everywhere else self._targets[row.post_id].keys(),
            follows,
            row.preferences,
            row.gate,
            now,
            self._zone,
            alone=row.attempt > 0,
        )

    async def _alone(
        self,
        connection: Connection,
        rows: Iterable[Candidate],
        standing: Mapping[int, Standing],
        lease: datetime,
        now: datetime,
    ) -> list[Outgoing]:
        by_post: dict[int, list[Candidate]] = defaultdict(list)
        for row in rows:
            by_post[row.post_id].append(row)
        made = []
        for number, mine in by_post.items():
            post, words = self._posts[number], self._words(standing[number])
            old: Mapping[int, str] = {}
            if post.refers_to is not None and not post.all_clear:
                chats = [row.subscriber_id for row in mine]
                old = await deliveries.references(connection, post.refers_to, chats)
            for row in mine:
                what = self._drawing.alone(post, words, self._channel, _language(row))
                made.append(
                    self._outgoing(
                        [(row, post)], what, lease, now, edits=old.get(row.subscriber_id)
                    )
                )
        return made

    async def _digests(
        self,
        connection: Connection,
        chats: Sequence[int],
        standing: dict[int, Standing],
        follows: Mapping[int, Sequence[Following]],
        lease: datetime,
        now: datetime,
    ) -> list[Outgoing]:
        rows = await deliveries.gathered(connection, chats, self._token)
        standing |= await self._know(connection, rows)
        by_chat: dict[int, list[Candidate]] = defaultdict(list)
        for row in rows:
            mine = follows.get(row.subscriber_id, ())
            if isinstance(self._decide(row, standing[row.post_id], mine, now), InDigest):
                by_chat[row.subscriber_id].append(row)
        return [
            self._digest(mine, standing, follows.get(chat, ()), lease, now)
            for chat, mine in by_chat.items()
        ]

    def _digest(
        self,
        rows: Sequence[Candidate],
        standing: Mapping[int, Standing],
        follows: Sequence[Following],
        lease: datetime,
        now: datetime,
    ) -> Outgoing:
        held = [(row, self._posts[row.post_id]) for row in rows]
        words = {post.id: self._words(standing[post.id]) for _row, post in held}
        language = _language(rows[0])
        if len(held) == 1:
            post = held[0][1]
            what = self._drawing.alone(post, words[post.id], self._channel, language)
        else:
            entries = [Entry(self._place(post, follows), post) for _row, post in held]
            what = self._drawing.digest(entries, words, self._channel, language)
        return self._outgoing(held, what, lease, now, is_digest=True)

    def _outgoing(
        self,
        rows: Sequence[tuple[Candidate, Post]],
        what: Rendered,
        lease: datetime,
        now: datetime,
        *,
        edits: str | None = None,
        is_digest: bool = False,
    ) -> Outgoing:
        first = rows[0][0]
        today = local_day(now, self._zone)
        before = first.gate.sent if first.gate.day == today else 0
        # An urgent alert comes on top of what a resident allows for one day.
        sent = before if rows[0][1].is_urgent else before + 1
        gate = replace(first.gate, day=today, sent=sent)
        if is_digest:
            gate = replace(gate, digest_day=today)
        to = Address(self._channel, self._keys.unseal(first.sealed or b""))
        return Outgoing(first.subscriber_id, to, tuple(rows), what, lease, gate, edits)

    def _place(self, post: Post, follows: Sequence[Following]) -> str:
        """The area through which a resident gets a post."""
        if post.everywhere:
            return self._drawing.force
        targets = self._targets[post.id]
        return next(
            (targets[each.area].label for each in follows if each.area in targets),
            self._drawing.force,
        )

    def _words(self, standing: Standing) -> Post:
        """The post that holds the newest words: its own, or those of its correction."""
        return self._posts[standing.corrected_by or standing.id]

    async def _know(self, connection: Connection, rows: Iterable[Candidate]) -> dict[int, Standing]:
        """How the posts of these rows stand; what never changes of them is read once only.

        They are read again when their translations have changed.
        """
        standing = await posts.standing(connection, {row.post_id for row in rows})
        if len(self._posts) > REMEMBERED:
            self._posts.clear()
            self._targets.clear()
            self._translated.clear()
        corrections = {each.corrected_by for each in standing.values() if each.corrected_by}
        wanted = standing.keys() | corrections
        now = await translations.editions(connection, wanted)
        changed = {each for each in wanted if now.get(each) != self._translated.get(each)}
        if unknown := (wanted - self._posts.keys()) | changed:
            self._posts |= await posts.by_id(connection, unknown)
            self._translated |= now
        for number in standing.keys() - self._targets.keys():
            self._targets[number] = await posts.targets(connection, number)
        return standing


def _language(row: Candidate) -> str:
    return row.language or DEFAULT_LANGUAGE


async def _claim(
    connection: Connection,
    outgoing: Iterable[Outgoing],
    standing: Mapping[int, Standing],
    lease: datetime,
) -> None:
    editions: dict[int, list[int]] = defaultdict(list)
    for each in outgoing:
        for row, post in each.rows:
            editions[standing[post.id].edition].append(row.id)
    for edition, ids in editions.items():
        await deliveries.claim(connection, ids, edition, lease)
