"""Concerns: taken without a name, sealed, found again by a receipt code, answered, and erased.

Nothing here ever holds an address or anything else of a sender. A concern is stored and its code
given back only then; what is logged says nothing of one. Threat-model, sections 2 and 6.
"""

import asyncio
import secrets as chance
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import structlog

from bot.errors import OperatorError, UserError
from bot.model import (
    Concern,
    ConcernState,
    Mailbox,
    Post,
    Team,
    TeamReply,
    Variant,
    topic_of,
)
from bot.ports import Clock
from bot.security import openpgp
from bot.security.concern_seals import Dispatch, PushSeals, ReplyPaths, open_reply, seal_reply
from bot.security.receipts import ALPHABET, MailboxKeys, Receipts, new_code, read_code
from bot.security.secrets import Secrets
from bot.services import letters, retention
from bot.services.letters import InEnglish
from bot.services.limits import Brake
from bot.services.media import manifest
from bot.services.places import Places
from bot.services.posts import Posts
from bot.services.teams import Teams
from bot.services.translation.interpreter import Interpreter
from bot.store import concerns, mailboxes, push_links
from bot.store.concerns import Quarantined
from bot.store.database import Connection, Database
from bot.store.mailboxes import Stored
from bot.text import Text, _

CLOCK_DAYS = 3
"""The national promise is 72 hours; with days alone, it ends with the third day."""
LONGEST_TEXT = 10_000
LONGEST_REPLY = 8_000
"""Bytes of words and reason together: with what is noted beside them it fits the largest seal."""
MOST_WAITING = 5_000
MOST_WAITING_BYTES = 4_000_000_000
AREA_A_DAY = 30
EVERYWHERE_A_DAY = 300
"""Of a day's concerns, each so many more wait an hour longer; urgent ones never do."""
LONGEST_DELAY = timedelta(hours=24)
NUDGE_DAYS = 7
FEWEST_TO_NUDGE = 20
"""Followers an area has at least, of whom nobody can then say who it was."""

log = structlog.get_logger()


class NotTaken(UserError):
    """A concern was not stored; the words say that nothing was sent, and whom to call."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind the token in an address: whose concern, and which sort of mail."""

    reference: str
    area: str | None
    team: Team | None
    is_bounce: bool


@dataclass(frozen=True, slots=True, repr=False)
class _Mails:
    """A sealed concern. ``pgp``: to its team; else to the mailer. ``due`` is when it may go out."""

    sealed: Sequence[bytes]
    pgp: bool
    urgent: bool
    due: datetime


class Concerns:
    """What residents tell their teams, and what comes back. ``sample`` marks a demo's mail.

    The ``interpreter`` is None where there is no engine on our own network.
    """

    def __init__(
        self,
        database: Database,
        secrets: Secrets,
        clock: Clock,
        teams: Teams,
        places: Places,
        posts: Posts,
        *,
        interpreter: Interpreter | None = None,
        sample: bool = False,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._interpreter = interpreter
        self._clock = clock
        self._teams = teams
        self._places = places
        self._posts = posts
        self._sample = sample
        self._pause = pause
        self._receipts = Receipts(secrets.pepper)
        self._dispatch = Dispatch(secrets.dispatch_key)
        self._paths = ReplyPaths(secrets.reply_key)
        self._push = PushSeals(secrets.reply_key)
        self._brake = Brake(clock)

    async def send(self, concern: Concern) -> str:
        """Seal and store a concern for its team. Returns the receipt code, once it is stored.

        Raises NotTaken where it was not.
        """
        code = new_code()
        today = self._today
        with _told_if_not_taken():
            keys = await self._receipts.open(code)
            mailbox = Stored(
                id=keys.mailbox_id,
                public_key=keys.public,
                reference=await self._new_reference(),
                area=concern.area,
                theme=concern.theme,
                state=ConcernState.SAVED,
                urgent=concern.urgent,
                answer_wanted=concern.answer_wanted,
                raised=today,
                day=today,
            )
            mails = await self._sealed(concern, mailbox)
            async with self._database.write() as connection:
                await mailboxes.add(connection, mailbox)
                path = self._paths.hash(self._paths.reply(mailbox.id))
                await mailboxes.add_path(connection, path, mailbox.id, today)
                await self._put(connection, mailbox, mails)
        return code

    async def add(self, typed: str, concern: Concern) -> Mailbox | None:
        """Send more words or files after a concern; where and what about stays as it was.

        Returns None for a code that opens nothing. Raises NotTaken where it was not stored.
        """
        opened = await self._open(typed)
        if opened is None:
            return None
        _code, mailbox, keys = opened
        more = replace(
            concern, area=mailbox.area, theme=mailbox.theme, answer_wanted=mailbox.answer_wanted
        )
        with _told_if_not_taken():
            mails = await self._sealed(more, mailbox, addition=True)
            async with self._database.write() as connection:
                # Read again: an answer may have come, or somebody erased it, in the meantime.
                found = await mailboxes.find(connection, mailbox.id, self._expired, hold=True)
                if found is None:
                    return None
                mailbox = await self._revived(connection, found, urgent=concern.urgent)
                await self._put(connection, mailbox, mails)
        return await self._view(mailbox.id, keys)

    async def look(self, typed: str) -> tuple[str, Mailbox] | None:
        """The code as it is shown, and what it opens.

        None alike for one that is mistyped, unknown, expired or erased.
        """
        opened = await self._open(typed)
        if opened is None:
            return None
        code, mailbox, keys = opened
        seen = await self._view(mailbox.id, keys)
        return None if seen is None else (code, seen)

    async def reads(self, language: str) -> bool | None:
        """Whether words in a language are put into English for the team; None without an engine."""
        return None if self._interpreter is None else await self._interpreter.reads(language)

    async def in_language(self, mailbox: Mailbox, language: str) -> Mailbox:
        """A mailbox with a computer's translation of its replies, as far as there can be one.

        It is made for this one reading, and kept nowhere.
        """
        if self._interpreter is None or not mailbox.replies:
            return mailbox
        texts = [text for reply in mailbox.replies for text in (reply.words, reply.reason)]
        made = [each or "" for each in await self._interpreter.out_of_english(texts, language)]
        pairs = zip(mailbox.replies, made[::2], made[1::2], strict=True)
        replies = tuple(replace(reply, translated=(words, why)) for reply, words, why in pairs)
        return replace(mailbox, replies=replies)

    async def erase(self, typed: str) -> bool:
        """Erase a mailbox and all of it that is here, also what is not delivered yet.

        Returns False for a code that opens nothing.
        """
        opened = await self._open(typed)
        if opened is None:
            return False
        _code, mailbox, _keys = opened
        async with self._database.write() as connection:
            gone = await mailboxes.erase(connection, mailbox.id)
        await concerns.leave_no_trace(self._database)
        return gone

    async def push_on(self, typed: str, channel: str, chat_id: str) -> bool:
        """Let a chat be told of news, which links it to the concern until that is closed.

        Only for who asked for it. Returns False for a code that opens nothing.
        """
        opened = await self._open(typed)
        if opened is None:
            return False
        _code, mailbox, _keys = opened
        sealed = self._push.seal(mailbox.id, chat_id)
        async with self._database.write() as connection:
            if not await mailboxes.find(connection, mailbox.id, self._expired, hold=True):
                return False
            await push_links.put(connection, mailbox.id, channel, sealed, self._today)
        return True

    async def push_off(self, typed: str) -> bool:
        """Erase the link to a chat. Returns False for a code that opens nothing."""
        opened = await self._open(typed)
        if opened is None:
            return False
        _code, mailbox, _keys = opened
        async with self._database.write() as connection:
            await push_links.remove(connection, mailbox.id)
        await concerns.leave_no_trace(self._database)
        return True

    async def about(self, mailbox: Mailbox, language: str) -> list[tuple[Post, Variant]]:
        """What teams have done since about this topic in this area, the newest last."""
        if mailbox.area is None:
            return []
        return await self._posts.outcomes(
            mailbox.area, topic_of(mailbox.theme), mailbox.raised, language
        )

    async def nudges(self) -> frozenset[str]:
        """Ids of areas whose digest says that some concerns have replies: the same to everyone."""
        since = self._today - timedelta(days=NUDGE_DAYS)
        async with self._database.read() as connection:
            answered = await mailboxes.areas_answered(connection, since)
        return await self._places.with_followers(answered, FEWEST_TO_NUDGE)

    async def behind(self, token: str) -> Behind | None:
        """Whose answer or bounce comes to an address with this token; None for an unknown one."""
        async with self._database.read() as connection:
            found = await mailboxes.by_path(connection, self._paths.hash(token), self._expired)
        if found is None:
            return None
        mailbox, concern_id = found
        team = await self._teams.for_area(mailbox.area)
        return Behind(mailbox.reference, mailbox.area, team, is_bounce=concern_id is not None)

    async def reply(
        self, token: str, words: str, *, state: ConcernState | None = None, reason: str = ""
    ) -> bool:
        """Seal a team's answer to the mailbox behind a token, and note the state that it says.

        Returns False for an unknown token. Raises ValueError beyond LONGEST_REPLY.
        """
        if len(words.encode()) + len(reason.encode()) > LONGEST_REPLY:
            raise ValueError("the reply is too long")
        today = self._today
        async with self._database.write() as connection:
            path = self._paths.hash(token)
            found = await mailboxes.by_path(connection, path, self._expired, hold=True)
            if found is None or found[1] is not None:
                return False
            mailbox = found[0]
            number = await mailboxes.count_replies(connection, mailbox.id)
            content = _written(number, words, state, reason)
            sealed = seal_reply(mailbox.public_key, content)
            await mailboxes.add_reply(connection, mailbox.id, today, sealed)
            await mailboxes.change(
                connection,
                mailbox.id,
                day=today,
                answered=mailbox.answered or today,
                state=state or mailbox.state,
            )
            await push_links.note_news(connection, mailbox.id)
        return True

    async def bounced(self, token: str) -> bool:
        """Let the mail that came back to a token be undelivered again. False for an unknown one.

        Also False where it came too late to be sent anew: then its mailbox says that it is lost.
        """
        now, path = self._clock.now(), self._paths.hash(token)
        async with self._database.write() as connection:
            found = await mailboxes.by_path(connection, path, self._expired, hold=True)
            if found is None or found[1] is None:
                return False
            mailbox, concern_id = found[0], found[1]
            if await concerns.bounce(connection, concern_id, now):
                return True
            if await concerns.sealed(connection, concern_id) is not None:  # waits already
                return False
            await mailboxes.lose(connection, mailbox.id, path)
        log.error("concerns_given_up", count=1)
        return False

    async def hold_back(self, raw: bytes, reason: str, team: Team | None = None) -> str:
        """Put mail into quarantine, sealed. Returns the id under which staff find it."""
        sealed = self._dispatch.seal(raw)
        async with self._database.write() as connection:
            number = await concerns.hold_back(
                connection, team.id if team else None, self._today, reason, sealed
            )
        return number.hex()

    async def quarantined(self) -> list[Quarantined]:
        """What is in quarantine, the oldest first."""
        async with self._database.read() as connection:
            return await concerns.quarantined(connection)

    async def held_back(self, number: str) -> bytes | None:
        """One mail in quarantine, as it came. Raises OperatorError for other keys' seal."""
        try:
            wanted = bytes.fromhex(number)
        except ValueError:
            return None
        async with self._database.read() as connection:
            sealed = await concerns.sealed_quarantined(connection, wanted)
        return None if sealed is None else self._dispatch.open(sealed)

    async def purge(self) -> None:
        """Erase all that was kept long enough, and see that no file still holds it."""
        today = self._today
        async with self._database.write() as connection:
            await concerns.purge_accepted(connection, today - retention.DELIVERED.period)
            lost = await concerns.give_up(connection, today - retention.UNDELIVERED.period)
            await push_links.purge(connection, today - retention.PUSH.period)
            await mailboxes.purge(connection, self._expired)
            await concerns.purge_quarantine(connection, today - retention.QUARANTINE.period)
        await concerns.leave_no_trace(self._database)
        if lost:
            log.error("concerns_given_up", count=lost)

    @property
    def _today(self) -> date:
        return self._clock.now().date()

    @property
    def _expired(self) -> date:
        """The newest day of a mailbox that is no longer kept, purged already or not."""
        return self._today - retention.MAILBOX.period

    async def _open(self, typed: str) -> tuple[str, Stored, MailboxKeys] | None:
        """The code, its mailbox and keys. Unknown codes take exactly as long as others."""
        code = read_code(typed)
        if code is None:
            return None
        await self._pause(self._brake.pause.total_seconds())
        keys = await self._receipts.open(code)
        async with self._database.read() as connection:
            mailbox = await mailboxes.find(connection, keys.mailbox_id, self._expired)
        if mailbox is None:
            self._brake.count_wrong()
            return None
        return code, mailbox, keys

    async def _view(self, mailbox_id: bytes, keys: MailboxKeys) -> Mailbox | None:
        """A mailbox at one moment, state and replies; None where it was erased meanwhile."""
        async with self._database.read() as connection:
            mailbox = await mailboxes.find(connection, mailbox_id, self._expired)
            if mailbox is None:
                return None
            sealed = await mailboxes.sealed_replies(connection, mailbox.id)
            waiting = await concerns.count_waiting(connection, mailbox.id)
            push = await push_links.is_on(connection, mailbox.id)
        return Mailbox(
            state=mailbox.state,
            area=mailbox.area,
            theme=mailbox.theme,
            urgent=mailbox.urgent,
            raised=mailbox.raised,
            day=mailbox.day,
            waiting=waiting,
            lost=mailbox.lost,
            replies=_in_order((day, open_reply(keys.private, each)) for day, each in sealed),
            clock_ends=_clock_ends(mailbox.raised),
            answered=mailbox.answered,
            answer_wanted=mailbox.answer_wanted,
            push=push,
        )

    async def _sealed(self, concern: Concern, mailbox: Stored, *, addition: bool = False) -> _Mails:
        """A concern as the mails that its team gets, sealed. Raises NotTaken without a team."""
        if len(concern.text) > LONGEST_TEXT:
            raise NotTaken(_too_long())
        team = await self._teams.for_area(mailbox.area)
        if team is None:
            log.error("concern_without_team")
            raise NotTaken(_no_team())
        now = self._clock.now()
        delay = await self._delay(concern)
        case = await self._case(mailbox, concern, crowded=delay > timedelta())
        english = await self._in_english(concern)

        def seal() -> list[bytes]:
            vouched = manifest(concern.media)
            mails = letters.contents(
                concern, case, manifest=vouched, addition=addition, english=english
            )
            if team.certificate is None:
                return [self._dispatch.seal(mail) for mail in mails]
            return [openpgp.seal(team.certificate, mail, now) for mail in mails]

        sealed = await asyncio.to_thread(seal)
        return _Mails(sealed, team.certificate is not None, concern.urgent, now + delay)

    async def _in_english(self, concern: Concern) -> InEnglish:
        """In memory only: it is sealed within the letter, as the words themselves are."""
        if self._interpreter is None:
            return InEnglish()
        texts = (concern.text, concern.where, concern.when)
        made = await self._interpreter.into_english(texts, concern.language)
        return InEnglish(*(each or "" for each in made))

    async def _revived(self, connection: Connection, mailbox: Stored, *, urgent: bool) -> Stored:
        """A mailbox to which more was added today; what was given up before has a new start."""
        lost = mailbox.state is ConcernState.UNDELIVERED
        revived = replace(
            mailbox,
            day=self._today,
            urgent=mailbox.urgent or urgent,
            state=ConcernState.SAVED if lost else mailbox.state,
        )
        await mailboxes.change(
            connection, revived.id, day=revived.day, urgent=revived.urgent, state=revived.state
        )
        return revived

    async def _put(self, connection: Connection, mailbox: Stored, mails: _Mails) -> None:
        """Store the mails of a concern, and the ways their bounces come. Raises NotTaken."""
        count, size = await concerns.load(connection)
        if count >= MOST_WAITING or size >= MOST_WAITING_BYTES:
            log.error("concerns_full", waiting=count)
            raise NotTaken(_not_now())
        today = self._today
        ids = await concerns.add(
            connection,
            mailbox.id,
            mails.sealed,
            area=mailbox.area,
            urgent=mails.urgent,
            pgp=mails.pgp,
            day=today,
            due=mails.due,
        )
        for concern_id in ids:
            path = self._paths.hash(self._paths.bounce(concern_id))
            await mailboxes.add_path(connection, path, mailbox.id, today, concern_id)

    async def _case(self, mailbox: Stored, concern: Concern, *, crowded: bool) -> letters.Case:
        area = await self._places.area(mailbox.area) if mailbox.area is not None else None
        return letters.Case(
            reference=mailbox.reference,
            area=area.label if area else letters.NO_AREA,
            urgent=concern.urgent,
            day=self._today,
            answer_by=_clock_ends(mailbox.raised),
            sample=self._sample,
            crowded=crowded,
        )

    async def _delay(self, concern: Concern) -> timedelta:
        """How long a concern waits its turn while very many come; nothing is ever discarded."""
        if concern.urgent:
            return timedelta()
        async with self._database.read() as connection:
            here, everywhere = await mailboxes.count_raised(connection, concern.area, self._today)
        hours = max(here // AREA_A_DAY, everywhere // EVERYWHERE_A_DAY)
        return min(timedelta(hours=hours), LONGEST_DELAY)

    async def _new_reference(self) -> str:
        async with self._database.read() as connection:
            while True:
                reference = "C-" + "".join(chance.choice(ALPHABET) for _ in range(6))
                if not await mailboxes.knows_reference(connection, reference):
                    return reference


@contextmanager
def _told_if_not_taken() -> Iterator[None]:
    """Let whatever fails end in words that say that nothing was sent."""
    try:
        yield
    except UserError:
        raise
    except OperatorError as error:
        log.error("concern_not_sealed", reason=str(error))
    except Exception:
        log.exception("concern_not_stored")
    else:
        return
    raise NotTaken(_not_now())


def _clock_ends(raised: date) -> date:
    return raised + timedelta(days=CLOCK_DAYS)


def _written(number: int, words: str, state: ConcernState | None, reason: str) -> bytes:
    """A reply as it is sealed: its number, state and reason on lines of their own, then words."""
    return f"{number}\n{state or ''}\n{' '.join(reason.split())}\n{words}".encode()


def _in_order(replies: Iterable[tuple[date, bytes]]) -> tuple[TeamReply, ...]:
    """Replies as they came; in the database their order is lost on purpose."""
    numbered = []
    for day, content in replies:
        number, state, reason, words = content.decode().split("\n", 3)
        reply = TeamReply(day, words, ConcernState(state) if state else None, reason)
        numbered.append((int(number), reply))
    return tuple(reply for _number, reply in sorted(numbered, key=lambda each: each[0]))


def _no_team() -> Text:
    return _(
        "Nothing was sent. No team takes concerns here for that area yet. "
        "To tell the police, call 101. In danger, call 999."
    )


def _not_now() -> Text:
    return _(
        "Nothing was sent. I cannot take concerns just now. Please try again later. "
        "To tell the police now, call 101. In danger, call 999."
    )


def _too_long() -> Text:
    # Translators: {most} is a number, such as 10,000.
    return _(
        "Nothing was sent. That is too long. Please use at most {most} letters.", most=LONGEST_TEXT
    )
