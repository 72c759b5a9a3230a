"""Posts as staff handle them: drafted, approved, released, stopped, corrected and counted."""

import asyncio
import hashlib
import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from bot.errors import OperatorError
from bot.model import (
    DeliveryState,
    Kind,
    Level,
    Picture,
    PictureFile,
    Policy,
    Post,
    Subscriber,
    Topic,
    Variant,
    priority_of,
)
from bot.ports import Clock
from bot.services.pictures import redrawn
from bot.store import audit, deliveries, jobs, pictures, places, posts, totals
from bot.store.database import Connection, Database

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LONGEST_TITLE = 150
LONGEST_TEXT = 3_000
LONGEST_ALT = 500
REPEAT_WINDOW = timedelta(minutes=10)
APPROVAL_HOLDS = timedelta(hours=2)
READABLE = timedelta(days=14)
# These three are told to residents: handlers/privacy.py, handlers/mydata.py, docs/privacy.md.
REFERENCES_KEPT = timedelta(days=7)
DELIVERIES_KEPT = timedelta(days=90)
GATES_KEPT = timedelta(days=2)
MOST_READ_AGAIN = 20
ANOTHER_AUDIENCE = 0.1
"""An approval does not hold for an audience that has changed by more than this part."""

MANY = 2_000
_CANCEL_WINDOWS = {"everywhere": 120, "wide": 60, "urgent": 20, "usual": 60}  # seconds
_LASTING = {Kind.ALERT: timedelta(days=1), Kind.EVENT: timedelta(days=14)}
_USUALLY_LASTING = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What someone wants to send. ``areas`` are ids, None for everywhere.

    ``send_at`` and ``expires_at`` are None for at once and for the usual time. ``key`` makes a
    repeated job draft once only. ``image`` is a picture's file as it was given, and ``alt`` says
    what it shows: both or neither.
    """

    kind: Kind
    level: Level
    text: str
    areas: Collection[str] | None
    title: str = ""
    topic: Topic = Topic.GENERAL
    policy: Policy | None = None
    send_at: datetime | None = None
    expires_at: datetime | None = None
    language: str = posts.DEFAULT_LANGUAGE
    key: str | None = None
    image: bytes | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would hear of a post now."""

    total: int
    by_channel: Mapping[str, int]
    by_language: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a post. ``queued`` is all that is not finished; the figures sum to the
    audience. ``reasons`` say why deliveries failed."""

    id: str
    state: str
    audience: int
    queued: int
    sent: int
    failed: int
    unknown: int
    recalled: int
    by_channel: Mapping[str, Mapping[str, int]]
    reasons: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class Posts:
    """The life of a post. ``actor`` says who does something, for the audit.

    Raises OperatorError, with one plain sentence, for what cannot be done.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def draft(self, draft: Draft, actor: str) -> Post:
        """Keep a draft. Nothing is sent of it before it is approved and released."""
        now = self._clock.now()
        _check(draft, now)
        image = None
        if draft.image is not None:
            image = await asyncio.to_thread(redrawn, draft.image)
        async with self._database.write() as connection:
            if draft.key and (known := await posts.by_key(connection, draft.key)):
                return known
            code = await new_code(connection)
            await posts.add(
                connection,
                [_drafted(draft, code, image)],
                await _numbers(connection, draft.areas),
                code=code,
                kind=draft.kind.value,
                level=int(draft.level),
                topic=int(draft.topic),
                policy=_policy(draft).value,
                priority=int(priority_of(draft.kind, draft.level)),
                everywhere=draft.areas is None,
                expires_at=draft.expires_at or _usual_end(draft, now),
                wanted_at=draft.send_at,
                dedupe_key=draft.key,
                picture_id=image and await pictures.add(connection, image),
            )
            await audit.record(connection, actor, "draft", code, now)
            return await _found(connection, code)

    async def show(self, code: str) -> Post:
        async with self._database.read() as connection:
            return await _found(connection, code)

    async def find(self, code: str) -> Post | None:
        """A post that was released, by its public id; None for any other."""
        async with self._database.read() as connection:
            post = await posts.by_code(connection, code)
        return post if post is not None and post.send_at is not None else None

    async def picture(self, code: str) -> PictureFile | None:
        """The picture of a post that is being or was sent; None where it is not to be seen.

        One that was taken back, by a cancellation or a correction, is not shown any more.
        """
        async with self._database.read() as connection:
            post = await posts.by_code(connection, code)
            if post is None or not await _shows_picture(connection, post, self._clock.now()):
                return None
            return await pictures.of_post(connection, post.id)

    async def approve(self, code: str, actor: str) -> Post:
        """Freeze what was drafted: its words, level, areas and time, and its audience as of now."""
        now = self._clock.now()
        async with self._database.write() as connection:
            post = await _found(connection, code, hold=True)
            _refuse_if(post.send_at is not None, f"{code} was already released")
            _refuse_if(not post.live, f"{code} was cancelled")
            await posts.change(
                connection,
                post.id,
                approved_at=now,
                content_hash=_hash(post, await pictures.of_post(connection, post.id)),
                audience=(await _audience_of(connection, post)).total,
            )
            await audit.record(connection, actor, "approve", code, now)
            return await _found(connection, code)

    async def send(self, code: str, actor: str, *, now: bool = False, again: bool = False) -> Post:
        """Release an approved post; it goes out after the cancel window, or ``now``.

        ``again`` says on purpose what was said in the last ten minutes.
        """
        moment = self._clock.now()
        async with self._database.write() as connection:
            post = await _found(connection, code, hold=True)
            await self._may_go(connection, post, moment, again=again)
            window = timedelta() if now else cancel_window(post)
            begin = max(moment + window, post.wanted_at or moment)
            _refuse_if(begin >= post.expires_at, f"{code} would expire before it is sent")
            await posts.change(connection, post.id, send_at=begin)
            await jobs.plan(connection, post.id, begin)
            await audit.record(connection, actor, "send", code, moment)
            return await _found(connection, code)

    async def cancel(self, code: str, actor: str) -> Post:
        """Stop a post: what is not on its way stays here, from the next tick on."""
        now = self._clock.now()
        async with self._database.write() as connection:
            post = await _found(connection, code, hold=True)
            _refuse_if(not post.live, f"{code} was already cancelled or has ended")
            await posts.change(connection, post.id, live=False, cancelled_at=now)
            if post.refers_to is not None and not post.all_clear:
                await posts.change(connection, post.refers_to, corrected_by=None)
            await audit.record(connection, actor, "cancel", code, now)
            return await _found(connection, code)

    async def correct(
        self,
        code: str,
        text: str,
        actor: str,
        *,
        all_clear: bool = False,
        without_picture: bool = False,
        now: bool = False,
    ) -> Post:
        """Tell exactly those whom a post reached that it was wrong, or that it is over.

        A correction changes the words for all who are still to get the post; an all-clear stops
        it. The new post goes out at least once, at the original's priority, after its window.
        ``without_picture`` takes the picture back; a correction shows it otherwise.
        """
        moment = self._clock.now()
        async with self._database.write() as connection:
            post = await _found(connection, code, hold=True)
            _refuse_if(post.follows_up, f"{code} refers to {post.refers_code}: correct that one")
            _refuse_if(post.send_at is None, f"{code} was never sent: draft it anew")
            _refuse_if(
                _since(post, moment) > DELIVERIES_KEPT,
                f"it is no longer known whom {code} reached: draft a new post",
            )
            _check_words("", text)
            kept = None
            if not (all_clear or without_picture):
                kept = await _newest_picture(connection, post)
            new = await self._follow_up(
                connection, post, text.strip(), all_clear, moment, now, kept
            )
            action = "all-clear" if all_clear else "correct"
            await audit.record(connection, actor, action, f"{code} {new.code}", moment)
            return new

    async def report(self, code: str) -> Report:
        """What became of a post so far."""
        now = self._clock.now()
        async with self._database.read() as connection:
            post = await _found(connection, code)
            rows = await deliveries.figures(connection, post.id)
            rows += await totals.of(connection, post.id)
        sums: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        channels: dict[str, Counter[str]] = defaultdict(Counter)
        for channel, state, reason, count in rows:
            figure = _figure(post, state)
            sums[figure] += count
            channels[channel][figure] += count
            if reason is not None:
                reasons[reason] += count
        return Report(
            code,
            _state(post, sums["queued"], now),
            sums.total(),
            queued=sums["queued"],
            sent=sums["sent"],
            failed=sums["failed"],
            unknown=sums["unknown"],
            recalled=sums["recalled"],
            by_channel={
                channel: {name: found[name] for name in _NAMES.values()}
                for channel, found in channels.items()
            },
            reasons=dict(reasons),
        )

    async def audience(
        self,
        area_ids: Collection[str] | None,
        *,
        kind: Kind = Kind.UPDATE,
        level: Level = Level.ROUTINE,
        topic: Topic = Topic.GENERAL,
    ) -> Audience:
        """Who would hear of a post to these areas (None: everywhere) if it went out now."""
        async with self._database.read() as connection:
            numbers = None if area_ids is None else await _numbers(connection, area_ids)
            return _summed(await posts.audience(connection, numbers, kind, level, topic))

    async def received(self, resident: Subscriber) -> list[tuple[Post, Variant]]:
        """What reached a resident lately and still stands, the newest last, in its newest words."""
        if resident.id is None:
            return []
        since = self._clock.now() - READABLE
        async with self._database.read() as connection:
            ids = await deliveries.received(connection, resident.id, since, MOST_READ_AGAIN)
            found = await posts.by_id(connection, ids)
            newest = {post.corrected_by for post in found.values() if post.corrected_by}
            corrections = await posts.by_id(connection, newest)
        language = resident.language or posts.DEFAULT_LANGUAGE
        return [
            (post, corrections.get(post.corrected_by or 0, post).words(language))
            for number in ids
            if not (post := found[number]).follows_up or post.all_clear
        ]

    async def purge(self) -> None:
        """Forget what is over: where messages stand in chats, what chats have had, and to whom
        each post went, of which totals stay."""
        now = self._clock.now()
        async with self._database.write() as connection:
            await deliveries.forget_references(connection, now - REFERENCES_KEPT)
            await deliveries.forget_gates(connection, now - GATES_KEPT)
            await pictures.forget(connection, now - DELIVERIES_KEPT, now)
        more = True
        while more:
            async with self._database.write() as connection:
                more = await totals.sum_up(connection, now - DELIVERIES_KEPT, now)
        await self._database.truncate_log()

    async def _may_go(
        self, connection: Connection, post: Post, now: datetime, *, again: bool
    ) -> None:
        code = post.code
        _refuse_if(not post.live, f"{code} was cancelled")
        _refuse_if(post.send_at is not None, f"{code} was already released")
        approved = post.approved_at
        if approved is None or now - approved > APPROVAL_HOLDS:
            raise OperatorError(f"{code} is not approved, or not within the last two hours")
        frozen = await posts.value(connection, post.id, "content_hash")
        seen = _hash(post, await pictures.of_post(connection, post.id))
        _refuse_if(frozen != seen, f"{code} was changed since it was approved")
        count, before = (await _audience_of(connection, post)).total, post.audience or 0
        _refuse_if(
            abs(count - before) > ANOTHER_AUDIENCE * before,
            f"the audience of {code} was {before} when it was approved and is {count} now: "
            "approve it again",
        )
        if not again and (other := await posts.sent_lately(connection, post, now - REPEAT_WINDOW)):
            raise OperatorError(f"{other} says the same, minutes ago; to repeat it: --again")

    async def _follow_up(
        self,
        connection: Connection,
        post: Post,
        text: str,
        all_clear: bool,
        moment: datetime,
        now: bool,
        picture: Picture | None,
    ) -> Post:
        code = await new_code(connection)
        edition = post.edition if all_clear else post.edition + 1
        begin = moment if now or all_clear else moment + cancel_window(post)
        number = await posts.add(
            connection,
            [Variant(post.variants[0].language, post.variants[0].title, text, picture)],
            list(await posts.targets(connection, post.id)),
            code=code,
            kind=post.kind.value,
            level=int(post.level),
            topic=int(post.topic),
            policy=Policy.AT_LEAST_ONCE.value,
            priority=int(post.priority),
            everywhere=post.everywhere,
            expires_at=max(post.expires_at, begin + _LASTING[Kind.ALERT]),
            approved_at=moment,
            send_at=begin,
            refers_to=post.id,
            all_clear=all_clear,
            edition=edition,
            picture_id=picture and await posts.value(connection, post.id, "picture_id"),
        )
        await jobs.plan(connection, number, begin)
        if all_clear:
            await posts.change(connection, post.id, live=False)
        else:
            await posts.change(connection, post.id, edition=edition, corrected_by=number)
        if post.corrected_by is not None:  # the newest says it all
            await posts.change(connection, post.corrected_by, live=False)
        return await _found(connection, code)


def cancel_window(post: Post) -> timedelta:
    """How long a release can still be taken back before the first message goes out."""
    if post.everywhere:
        kind = "everywhere"
    elif len(post.areas) > 1 or (post.audience or 0) > MANY:
        kind = "wide"
    else:
        kind = "urgent" if post.is_urgent else "usual"
    return timedelta(seconds=_CANCEL_WINDOWS[kind])


_NAMES = {
    DeliveryState.QUEUED: "queued",
    DeliveryState.IN_FLIGHT: "queued",
    DeliveryState.SENT: "sent",
    DeliveryState.FAILED: "failed",
    DeliveryState.UNKNOWN: "unknown",
    DeliveryState.RECALLED: "recalled",
}


def _since(post: Post, now: datetime) -> timedelta:
    """How long ago a post was released."""
    return now - (post.send_at or now)


def _figure(post: Post, state: DeliveryState) -> str:
    """Rows of a stopped post are recalled from that moment, though the sender meets them later."""
    stopped = state is DeliveryState.QUEUED and not post.live
    return "recalled" if stopped else _NAMES[state]


def _state(post: Post, queued: int, now: datetime) -> str:
    if post.cancelled_at is not None:
        return "cancelled"
    if post.send_at is None:
        return "approved" if post.approved_at is not None else "draft"
    if now < post.send_at:
        return "waiting"
    if not post.live:
        return "ended"
    finished = queued == 0 and (post.planned_at is not None or now >= post.expires_at)
    return "sent" if finished else "sending"


def _check(draft: Draft, now: datetime) -> None:
    _check_words(draft.title, draft.text)
    _check_picture(draft.image, draft.alt)
    _refuse_if(
        draft.level is not Level.ROUTINE and draft.kind is not Kind.ALERT,
        "only an alert can be important or urgent",
    )
    _refuse_if(draft.areas is not None and not draft.areas, "name an area, or say --everywhere")
    begin = draft.send_at or now
    _refuse_if(begin < now, "that time to send it is over")
    end = draft.expires_at
    _refuse_if(end is not None and end <= begin, "it would expire before it is sent")


def _check_picture(image: bytes | None, alt: str) -> None:
    _refuse_if(
        (image is None) != (not alt.strip()),
        "a picture needs words that say what it shows, and such words need a picture: "
        "give --image and --alt, or neither",
    )
    _refuse_if(
        len(alt.strip()) > LONGEST_ALT,
        f"the words for the picture are longer than {LONGEST_ALT} characters",
    )


def _check_words(title: str, text: str) -> None:
    _refuse_if(not text.strip(), "the text is empty")
    _refuse_if(len(text) > LONGEST_TEXT, f"the text is longer than {LONGEST_TEXT} characters")
    _refuse_if(len(title) > LONGEST_TITLE, f"the title is longer than {LONGEST_TITLE} characters")


def _refuse_if(wrong: bool, reason: str) -> None:
    if wrong:
        raise OperatorError(reason)


def _policy(draft: Draft) -> Policy:
    usual = Policy.AT_LEAST_ONCE if draft.kind is Kind.ALERT else Policy.AT_MOST_ONCE
    return draft.policy or usual


def _usual_end(draft: Draft, now: datetime) -> datetime:
    return (draft.send_at or now) + _LASTING.get(draft.kind, _USUALLY_LASTING)


def _drafted(draft: Draft, code: str, image: PictureFile | None) -> Variant:
    picture = None
    if image is not None:
        picture = Picture(code, image.width, image.height, " ".join(draft.alt.split()))
    return Variant(draft.language, draft.title.strip(), draft.text.strip(), picture)


async def _shows_picture(connection: Connection, post: Post, now: datetime) -> bool:
    """Whether the picture of a post, or of a correction as soon as it is made, may be seen."""
    original = post
    if post.refers_to is not None:
        original = (await posts.by_id(connection, [post.refers_to]))[post.refers_to]
    if original.send_at is None or original.send_at > now:
        return False
    if post.cancelled_at is not None or original.cancelled_at is not None:
        return False
    return await _newest_picture(connection, original) is not None


async def _newest_picture(connection: Connection, post: Post) -> Picture | None:
    """The picture that goes with a post's newest words."""
    newest = post.corrected_by or post.id
    return (await posts.by_id(connection, [newest]))[newest].variants[0].picture


def _hash(post: Post, picture: PictureFile | None) -> bytes:
    """Over all that an approver saw."""
    seen = {
        "areas": sorted(area.id for area in post.areas),
        "everywhere": post.everywhere,
        "expires": post.expires_at.isoformat(),
        "kind": post.kind.value,
        "level": int(post.level),
        "picture": picture and hashlib.sha256(picture.data).hexdigest(),
        "policy": post.policy.value,
        "topic": int(post.topic),
        "wanted": post.wanted_at.isoformat() if post.wanted_at else None,
        "words": sorted(
            [each.language, each.title, each.body, each.picture.alt if each.picture else ""]
            for each in post.variants
        ),
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).digest()


async def _found(connection: Connection, code: str, *, hold: bool = False) -> Post:
    post = await posts.by_code(connection, code.strip().upper(), hold=hold)
    if post is None:
        raise OperatorError(f"there is no post {code}")
    return post


async def new_code(connection: Connection) -> str:
    while True:
        code = "P-" + "".join(secrets.choice(ALPHABET) for _ in range(6))
        if await posts.by_code(connection, code) is None:
            return code


async def _numbers(connection: Connection, area_ids: Collection[str] | None) -> list[int]:
    found = []
    for area_id in area_ids or ():
        known = await places.area(connection, area_id)
        if known is None:
            raise OperatorError(f"there is no area {area_id}")
        found.append(known[0])
    return sorted(set(found))


async def _audience_of(connection: Connection, post: Post) -> Audience:
    numbers = None if post.everywhere else list(await posts.targets(connection, post.id))
    return _summed(await posts.audience(connection, numbers, post.kind, post.level, post.topic))


def _summed(counts: Mapping[tuple[str, str], int]) -> Audience:
    channels: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for (channel, language), count in counts.items():
        channels[channel] += count
        languages[language] += count
    return Audience(channels.total(), dict(channels), dict(languages))
