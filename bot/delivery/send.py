"""Sends what is due over one channel: claim, send, mark, a tick at a time.

A claim is written before anything is sent, so whatever happens to this process, each row is known
to be untouched, settled, or in doubt; and each post says what becomes of a doubt.
"""

import asyncio
import math
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import structlog

from bot import metrics
from bot.delivery.claim import Claims, Outgoing
from bot.delivery.drawing import Drawing
from bot.delivery.pace import TICK, Pace
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.model import DeliveryState, Policy
from bot.ports import Channel, Clock, Sent
from bot.security.sealing import ChatKeys
from bot.store import deliveries, pacing, subscribers
from bot.store.database import Connection, Database, trouble
from bot.store.deliveries import ENDED, MOST_DOUBTS, Mark

IDLE = 0.1
SEND_SECONDS = 50.0  # within the lease of a claim
FINISH_SECONDS = 10.0
SWEEP_SECONDS = 5.0
LEAST_IN_FLIGHT, MOST_IN_FLIGHT = 4, 250
FAILURES_TO_REST = 10
LONGEST_REST = 30.0
TICK_SECONDS = 20.0
"""How long the database may take over one tick, before it counts as not answering."""

What: TypeAlias = Literal["sent", "later", "unreachable", "rejected", "doubt"]
T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message. ``after`` is how many seconds to wait, ``everyone`` or not."""

    what: What
    reference: str | None = None
    reason: str | None = None
    after: float = 0.0
    everyone: bool = False


class Sender:
    """One channel's part of the outbox. ``rate`` is messages a second, at best.

    Any number of senders of one token may work side by side, in any number of processes.
    """

    def __init__(
        self,
        database: Database,
        channel: Channel,
        drawing: Drawing,
        keys: ChatKeys,
        clock: Clock,
        zone: ZoneInfo,
        rate: float,
    ) -> None:
        self._database = database
        self._channel = channel
        self._drawing = drawing
        self._keys = keys
        self._clock = clock
        self._zone = zone
        self._rate = rate
        self._pace: Pace | None = None
        self._claims: Claims | None = None
        self._flying: set[asyncio.Task[None]] = set()
        self._finished: list[tuple[Outgoing, Outcome]] = []
        self._woken = asyncio.Event()
        self._round_trip = 0.1
        self._held_until = 0.0
        self._swept = float("-inf")
        self._failures = 0
        self._answered = channel.drawn
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why nothing goes out just now, in one plain sentence; None when all is well."""
        return self._problem

    @property
    def in_flight(self) -> int:
        return len(self._flying)

    def wake(self) -> None:
        """Look at once: something may be due."""
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled; then finish what is in flight, and write down what became of it.

        What goes wrong with the database is logged once, shown as a problem and tried again; what
        was sent meanwhile is kept in memory until it can be marked.
        """
        try:
            while True:
                began = asyncio.get_running_loop().time()
                await self._rest(await _to_its_end(self._turn()), began)
        finally:
            await self.finish()

    async def tick(self) -> int:
        """Write what has finished and start what the pace has room for, in one transaction.

        Returns how many messages were started.
        """
        now, began = self._clock.now(), asyncio.get_running_loop().time()
        finished = tuple(self._finished)
        async with self._database.write() as connection:
            pace, claims = await self._begun(connection)
            if finished:
                await self._mark(connection, finished)
            room, rate = await pace.room(connection)
            room = min(room, self._free(rate, pace.tick, len(finished)))
            outgoing = await claims.take(connection, room, now) if room > 0 else []
            answered = self._channel.drawn
            taken = len(outgoing) + answered - self._answered
            slots = await pace.lease(connection, taken, rate) if taken else None
            await self._note_pace(connection, pace, finished)
        del self._finished[: len(finished)]
        self._answered = answered
        if taken or finished:
            pace.took(asyncio.get_running_loop().time() - began)
        if slots is not None:
            # Answers to people never wait: they take the first slots, the outbox those behind.
            ahead = taken - len(outgoing)
            for number, message in enumerate(outgoing):
                self._start(message, slots.delay(ahead + number))
        return len(outgoing)

    async def sweep(self) -> int:
        """Settle what senders left in flight that are no more. Returns how many rows.

        A SQLite file is one machine's, and one process sends from it: at its start all of them.
        """
        first = self._claims is None
        async with self._database.write() as connection:
            pace, _claims = await self._begun(connection)
            everything = first and self._database.is_sqlite
            lost = await deliveries.sweep(
                connection, pace.token, None if everything else self._clock.now()
            )
        if lost:
            log.warning("deliveries_in_doubt", channel=self._channel.name, count=lost)
            metrics.deliveries.labels(self._channel.name, "doubt").inc(lost)
        return lost

    async def settle(self) -> None:
        """Wait until nothing is in flight, and write down what became of it."""
        while self._flying:
            await asyncio.wait(self._flying)
        if self._finished:
            finished = tuple(self._finished)
            async with self._database.write() as connection:
                pace, _claims = await self._begun(connection)
                await self._mark(connection, finished)
                await self._note_pace(connection, pace, finished)
            del self._finished[: len(finished)]

    async def finish(self) -> None:
        """Give what is in flight a while to end; what does not is in doubt."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=FINISH_SECONDS)
        for task in self._flying:
            task.cancel()
        await self.settle()

    async def _turn(self) -> float:
        """Sweep when it is time, and tick. Returns how many seconds to rest."""
        now, started = asyncio.get_running_loop().time(), 0
        try:
            async with asyncio.timeout(TICK_SECONDS):
                if now - self._swept >= SWEEP_SECONDS:
                    await self.sweep()
                    self._swept = now
                started = await self.tick()
            self._recovered()
        except Exception as error:
            self._fail(error)
            return 1.0
        return TICK if started or self._flying or self._finished else IDLE

    async def _begun(self, connection: Connection) -> tuple[Pace, Claims]:
        if self._pace is None or self._claims is None:
            token = await pacing.token_of(connection, self._channel.name)
            self._pace = Pace(token, self._rate)
            self._claims = Claims(self._channel.name, token, self._drawing, self._keys, self._zone)
        return self._pace, self._claims

    def _free(self, rate: float, tick: float, marked: int) -> int:
        """Slots in flight: enough to keep the pace over one round trip, and no more at risk.

        What was answered since this transaction took its ``marked`` ones is at risk as well.
        """
        if asyncio.get_running_loop().time() < self._held_until:
            return 0
        enough = math.ceil(1.5 * rate * (self._round_trip + tick))
        at_risk = len(self._flying) + len(self._finished) - marked
        if self._failures >= FAILURES_TO_REST:
            return 1 - at_risk  # one at a time, to see whether it goes again
        return min(MOST_IN_FLIGHT, max(LEAST_IN_FLIGHT, enough)) - at_risk

    def _start(self, message: Outgoing, delay: float) -> None:
        task = asyncio.create_task(self._deliver(message, delay))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _deliver(self, message: Outgoing, delay: float) -> None:
        outcome = Outcome("later")  # until it is begun, nothing was sent
        try:
            await asyncio.sleep(delay)
            loop = asyncio.get_running_loop()
            if loop.time() >= self._held_until:
                outcome = Outcome("doubt")
                began = loop.time()
                outcome = await self._outcome(message)
                if outcome.what == "sent":  # a failure says nothing of how many are on their way
                    self._round_trip += (loop.time() - began - self._round_trip) / 20
        finally:
            self._note(outcome)
            self._finished.append((message, outcome))
            self._woken.set()

    async def _outcome(self, message: Outgoing) -> Outcome:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return Outcome("sent", reference=await self._carry(message))
        except Unreachable:
            return Outcome("unreachable", reason="unreachable")
        except TryLater as error:
            return Outcome("later", reason=str(error), after=error.after, everyone=error.everyone)
        except Rejected as error:
            return Outcome("rejected", reason=str(error)[:200])
        except (InDoubt, TimeoutError):
            return Outcome("doubt")
        except Exception:
            log.exception("delivery_failed", channel=self._channel.name)
            return Outcome("doubt")

    async def _carry(self, message: Outgoing) -> str | None:
        if message.edits is not None:
            with suppress(Rejected):  # gone, or too old to be changed: it follows as a new one
                await self._channel.edit(Sent(message.to, message.edits), message.what)
                return None
        sent = await self._channel.send(message.to, message.what)
        return sent.reference or None

    def _note(self, outcome: Outcome) -> None:
        """Rest when the provider fails again and again, or tells everyone to wait."""
        metrics.deliveries.labels(self._channel.name, outcome.what).inc()
        now = asyncio.get_running_loop().time()
        if outcome.everyone:
            metrics.held.labels(self._channel.name).inc()
            self._held_until = max(self._held_until, now + outcome.after)
        elif outcome.what not in {"later", "doubt"}:
            self._failures = 0
        elif outcome.what == "doubt" or outcome.reason is not None:
            self._failures += 1
            if self._failures >= FAILURES_TO_REST:
                rest = min(LONGEST_REST, 2.0 ** (self._failures // FAILURES_TO_REST))
                self._held_until = max(self._held_until, now + rest)

    async def _mark(
        self, connection: Connection, finished: Sequence[tuple[Outgoing, Outcome]]
    ) -> None:
        now = self._clock.now()
        await deliveries.mark(
            connection, [mark for message, outcome in finished for mark in _marks(message, outcome)]
        )
        gates = []
        for message, outcome in finished:
            if outcome.what in {"sent", "doubt"}:
                pause = self._channel.spacing(message.to)
                gates.append((message.chat, now + timedelta(seconds=pause), message.gate))
            else:
                after = 0.0 if outcome.everyone else outcome.after
                before = message.rows[0][0].gate
                gates.append((message.chat, now + timedelta(seconds=after), before))
            if outcome.what == "unreachable":
                await subscribers.stop(connection, message.chat, now.date())
        await deliveries.open_gates(connection, gates)

    async def _note_pace(
        self, connection: Connection, pace: Pace, finished: Sequence[tuple[Outgoing, Outcome]]
    ) -> None:
        """Note in the row of the pace what all its senders should know.

        That row is locked last, after those of chats: else two senders may wait for each other.
        """
        if any(each.what != "later" for _message, each in finished):
            await pacing.moved(connection, pace.token)
        if pause := max((each.after for _message, each in finished if each.everyone), default=0.0):
            await pace.pause(connection, pause)

    async def _rest(self, seconds: float, began: float) -> None:
        """Wait for the next tick, or while idle for whatever wakes us."""
        left = began + TICK - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)
        self._woken.clear()
        if seconds > TICK:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds - TICK):
                    await self._woken.wait()

    def _fail(self, error: Exception) -> None:
        problem = f"The outbox cannot be worked on: {trouble(error)}."
        if problem != self._problem:
            log.error("outbox_failed", channel=self._channel.name, exc_info=error)
        self._problem = problem

    def _recovered(self) -> None:
        if self._failures >= FAILURES_TO_REST:
            self._problem = f"Messages over {self._channel.name} fail; trying again."
        else:
            self._problem = None


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Do a piece of work whole, though cancelled meanwhile: what was claimed must be begun, or it
    would be in doubt without need."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _marks(message: Outgoing, outcome: Outcome) -> Iterator[Mark]:
    for row, post in message.rows:
        match outcome.what:
            case "sent":
                # A post in a digest is corrected by a further message, so its place is not kept.
                reference = outcome.reference if len(message.rows) == 1 else None
                yield Mark(row.id, DeliveryState.SENT, message.lease, reference)
            case "later":
                yield Mark(row.id, DeliveryState.QUEUED, message.lease)
            case "unreachable":
                yield Mark(row.id, DeliveryState.FAILED, message.lease, error=ENDED)
            case "rejected":
                yield Mark(row.id, DeliveryState.FAILED, message.lease, error=outcome.reason)
            case "doubt":
                again = post.policy is Policy.AT_LEAST_ONCE and row.attempt < MOST_DOUBTS - 1
                state = DeliveryState.QUEUED if again else DeliveryState.UNKNOWN
                yield Mark(row.id, state, message.lease, doubted=True)
