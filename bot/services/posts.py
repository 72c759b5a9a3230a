"""Posts as staff handle them: drafted, approved, released, stopped, corrected and counted."""

import asyncio
import hashlib
import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.errors import OperatorError
from bot.model import (
    DeliveryState,
    Kind,
    Level,
    Origin,
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
MOST_OUTCOMES = 3
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
    what it shows: both or neither. ``said`` is what the text answers, ``origin`` who told it first.
    ``translations`` are the same words in other languages.
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
    said: str = ""
    origin: Origin | None = None
    translations: Sequence[Variant] = ()


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
                [_drafted(draft, code, image), *draft.translations],
                await _numbers(connection, draft.areas, hold=True),
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
                **origin_columns(draft.origin),
            )
            await audit.record(connection, actor, "draft", code, now)
            return await _found(connection, code)

    async def show(self, code: str) -> Post:
        async with self._database.read() as connection:
            return await _found(connection, code)

    async def drafts(self) -> list[Post]:
        """What waits for a person, of people and of sources, the oldest first."""
        async with self._database.read() as connection:
            return await posts.drafts(connection, self._clock.now())

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

    async def newest(self, post: Post) -> Post:
        """The post that holds its newest words: itself, or its last correction."""
        async with self._database.read() as connection:
            found = await posts.by_id(connection, [post.corrected_by or post.id])
        return next(iter(found.values()), post)

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
            if post.refers_code is not None:
                original = await _found(connection, post.refers_code, hold=True)
                _refuse_if_forgotten(original, moment)
                await self._take_over(connection, original, post, begin)
            else:
                await self._release(connection, post, begin)
            await audit.record(connection, actor, "send", code, moment)
            return await _found(connection, code)

    async def reaches_at_once(self, code: str) -> int:
        """How many would get a post as soon as it is released, and not in a digest."""
        async with self._database.read() as connection:
            post = await _found(connection, code)
            numbers = None if post.everywhere else list(await posts.targets(connection, post.id))
            counts = await posts.audience(
                connection, numbers, post.kind, post.level, post.topic, at_once=True
            )
        return _summed(counts).total

    async def revise(self, code: str, title: str, text: str, actor: str) -> Post:
        """Put other words into a draft; an approval of the old ones is void."""
        now = self._clock.now()
        _check_words(title, text)
        async with self._database.write() as connection:
            post = await _found(connection, code, hold=True)
            _refuse_if(post.send_at is not None, f"{code} was already released")
            await posts.reword(connection, post.id, title.strip(), text.strip())
            await posts.change(connection, post.id, approved_at=None)
            await audit.record(connection, actor, "revise", code, now)
            return await _found(connection, code)

    async def cancel(self, code: str, actor: str) -> Post:
        """Stop a post: what is not on its way stays here, from the next tick on."""
        now = self._clock.now()
        async with self._database.write() as connection:
            post = await _found(connection, code, hold=True)
            _refuse_if(not post.live, f"{code} was already cancelled or has ended")
            await posts.change(connection, post.id, live=False, cancelled_at=now)
            if post.refers_to is not None and post.send_at is not None and not post.all_clear:
                await _restore_correction_before(connection, post, post.refers_to)
            await audit.record(connection, actor, "cancel", code, now)
            return await _found(connection, code)

    async def correct(
        self,
        code: str,
        text: str,
        actor: str,
        *,
        title: str | None = None,
        all_clear: bool = False,
        without_picture: bool = False,
        now: bool = False,
        held: bool = False,
        key: str | None = None,
    ) -> Post:
        """Tell exactly those whom a post reached that it was wrong, or that it is over.

        A correction changes the words for all who are still to get the post; an all-clear stops
        it. The new post goes out at least once, at the original's priority, after its window; one
        that is ``held`` waits as a draft until it is approved and released. ``without_picture``
        takes the picture back; a correction shows it otherwise. ``key`` makes a repeated job tell
        it once only.
        """
        moment = self._clock.now()
        async with self._database.write() as connection:
            post = await _found(connection, code, hold=True)
            _refuse_if(post.follows_up, f"{code} refers to {post.refers_code}: correct that one")
            _refuse_if(post.send_at is None, f"{code} was never sent: draft it anew")
            if key and (known := await posts.by_key(connection, key)):
                return known
            _refuse_if_forgotten(post, moment)
            title = post.variants[0].title if title is None else title.strip()
            _check_words(title, text)
            kept = None
            if not (all_clear or without_picture):
                kept = await _newest_picture(connection, post)
            words = replace(post.variants[0], title=title, body=text.strip(), picture=kept)
            begin = moment if now or all_clear else moment + cancel_window(post)
            new = await self._follow_up(connection, post, words, all_clear, begin, key)
            if not held:
                await posts.change(connection, new.id, approved_at=moment)
                await self._take_over(connection, post, new, begin)
            action = "all-clear" if all_clear else "correct"
            await audit.record(connection, actor, action, f"{code} {new.code}", moment)
            return await _found(connection, new.code)

    async def report(self, code: str) -> Report:
        """What became of a post so far."""
        now = self._clock.now()
        async with self._database.read() as connection:
            post = await _found(connection, code)
            over = not post.live or now >= post.expires_at
            rows = await deliveries.figures(connection, post.id, over=over)
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

    async def received(
        self, resident: Subscriber, *, as_written: bool = False
    ) -> list[tuple[Post, Variant]]:
        """What reached a resident lately and still stands, the newest last, in its newest words.

        They are in the resident's language, or, ``as_written``, without a computer's translations.
        """
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
            (
                post,
                corrections.get(post.corrected_by or 0, post).words(
                    language, machine=not as_written
                ),
            )
            for number in ids
            if not (post := found[number]).follows_up or post.all_clear
        ]

    async def outcomes(
        self, area_id: str, topic: Topic, since: date, language: str
    ) -> list[tuple[Post, Variant]]:
        """What was done about a topic in an area since a day, newest last, in its newest words."""
        now = self._clock.now()
        begin = datetime.combine(since, time(), UTC)
        async with self._database.read() as connection:
            ids = await posts.outcomes(connection, area_id, topic, begin, now, MOST_OUTCOMES)
            found = await posts.by_id(connection, ids)
            newest = {post.corrected_by for post in found.values() if post.corrected_by}
            corrections = await posts.by_id(connection, newest)
        return [
            (
                found[number],
                corrections.get(found[number].corrected_by or 0, found[number]).words(language),
            )
            for number in ids
        ]

    async def purge(self) -> None:
        """Forget what is over: where messages stand in chats, what chats have had, and to whom
        each post went, of which totals stay."""
        now = self._clock.now()
        async with self._database.write() as connection:
            await deliveries.forget_gates(connection, now - GATES_KEPT)
            await pictures.forget(connection, now - DELIVERIES_KEPT, now)
        last: int | None = 0
        while last is not None:
            async with self._database.write() as connection:
                last = await deliveries.forget_references(connection, now - REFERENCES_KEPT, last)
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
        if post.follows_up:
            return
        if not again and (other := await posts.sent_lately(connection, post, now - REPEAT_WINDOW)):
            raise OperatorError(f"{other} says the same, minutes ago; to repeat it: --again")

    async def _follow_up(
        self,
        connection: Connection,
        post: Post,
        words: Variant,
        all_clear: bool,
        begin: datetime,
        key: str | None,
    ) -> Post:
        code = await new_code(connection)
        await posts.add(
            connection,
            [words],
            list(await posts.targets(connection, post.id)),
            code=code,
            kind=post.kind.value,
            level=int(post.level),
            topic=int(post.topic),
            policy=Policy.AT_LEAST_ONCE.value,
            priority=int(post.priority),
            everywhere=post.everywhere,
            expires_at=max(post.expires_at, begin + _LASTING[Kind.ALERT]),
            refers_to=post.id,
            all_clear=all_clear,
            dedupe_key=key,
            picture_id=words.picture and await posts.value(connection, post.id, "picture_id"),
            **origin_columns(post.origin),
        )
        return await _found(connection, code)

    async def _take_over(
        self, connection: Connection, post: Post, new: Post, begin: datetime
    ) -> None:
        """Let a correction or an all-clear go out, and take the place of the original."""
        edition = post.edition if new.all_clear else post.edition + 1
        await posts.change(connection, new.id, edition=edition)
        await self._release(connection, new, begin)
        if new.all_clear:
            await posts.change(connection, post.id, live=False)
        else:
            await posts.change(connection, post.id, edition=edition, corrected_by=new.id)
        if post.corrected_by is not None:  # the newest says it all
            await posts.change(connection, post.corrected_by, live=False)

    async def _release(self, connection: Connection, post: Post, begin: datetime) -> None:
        await posts.change(connection, post.id, send_at=begin)
        await jobs.plan(connection, post.id, begin)


def origin_columns(origin: Origin | None) -> dict[str, object]:
    """What the table of posts keeps of an origin."""
    if origin is None:
        return {}
    return {
        "source": origin.source,
        "licence": origin.licence,
        "link": origin.link,
        "published_at": origin.published,
    }


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


def _refuse_if_forgotten(post: Post, now: datetime) -> None:
    """Refuse to follow up a post of which only totals may be left."""
    _refuse_if(
        now - (post.send_at or now) > DELIVERIES_KEPT,
        f"it is no longer known whom {post.code} reached: draft a new post",
    )


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
    return Variant(
        draft.language, draft.title.strip(), draft.text.strip(), picture, draft.said.strip()
    )


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


async def _restore_correction_before(
    connection: Connection, cancelled: Post, original: int
) -> None:
    """What a cancelled correction had replaced holds again, and goes on: not the first words."""
    before = await posts.correction_before(connection, cancelled)
    await posts.change(connection, original, corrected_by=before)
    if before is not None:
        await posts.change(connection, before, live=True)
        await deliveries.requeue(connection, before)


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
            [
                each.language,
                each.title,
                each.body,
                each.said,
                each.picture.alt if each.picture else "",
            ]
            for each in post.approved
        ),
        "link": post.origin.link if post.origin else "",
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).digest()


async def _found(connection: Connection, code: str, *, hold: bool = False) -> Post:
    post = await posts.by_code(connection, code.strip().upper(), hold=hold)
    if post is None:
        raise OperatorError(f"there is no post {code}")
    return post


async def new_code(connection: Connection) -> str:
    """A public id that no post has."""
    while True:
        code = "P-" + "".join(secrets.choice(ALPHABET) for _ in range(6))
        if await posts.by_code(connection, code) is None:
            return code


async def _numbers(
    connection: Connection, area_ids: Collection[str] | None, *, hold: bool = False
) -> list[int]:
    found = []
    for area_id in area_ids or ():
        known = await places.area(connection, area_id, hold=hold)
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
