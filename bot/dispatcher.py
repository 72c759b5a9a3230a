"""Message to state to handler to answer, with the safeguarding check and the error boundary."""

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from weakref import WeakValueDictionary

import structlog

from bot import metrics, safety
from bot.conversation import (
    MAX_CHOICE_BYTES,
    Address,
    Answer,
    Attachment,
    Button,
    Context,
    Handler,
    Message,
    Reply,
    Router,
)
from bot.errors import UserError
from bot.model import Subscriber
from bot.ports import Renderer
from bot.safeguarding import Safeguarding, fold, help_for
from bot.services import Services
from bot.services.conversations import Talk
from bot.text import Text, _, _p

LONGEST_TEXT = 4096  # what one Telegram message can hold; more is not read
UPDATES_REMEMBERED = 10_000

log = structlog.get_logger()

_COMMAND = re.compile(r"/([^\s@]*)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_SILENCE: tuple[Reply, ...] = ()

# Translators: Shown after a command or a button that does not exist. Keep /help.
_UNKNOWN = _("I do not know that. Send /help to see what I can do.")
# Translators: Shown when the words typed are the name of two of the buttons.
_WHICH = _("More than one choice has that name. Please type its number: 1 is the first.")
# Translators: The word people may type before a number to make a choice, as in "option 2".
_OPTION = _p("typed", "option")


class Dispatcher:
    """Takes every message of every channel, one at a time for each chat.

    On ``demo_channels`` every message says that this is a demo.
    """

    def __init__(
        self,
        router: Router,
        services: Services,
        renderer: Renderer,
        safeguarding: Safeguarding,
        *,
        way_back: Button,
        demo_channels: Collection[str] = (),
    ) -> None:
        self._router = router
        self._services = services
        self._renderer = renderer
        self._safeguarding = safeguarding
        self._way_back = way_back
        self._demo_channels = demo_channels
        self._turns: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()
        self._taken: OrderedDict[tuple[Address, str], None] = OrderedDict()

    async def __call__(self, message: Message) -> Answer:
        """Answer one message. Never raises but for cancellation."""
        metrics.messages.labels(message.address.channel).inc()
        try:
            return self._marked(await self._answer(message), message.address.channel)
        except asyncio.CancelledError:
            # Nobody saw an answer: when the provider brings it again, it is no repeat.
            self._taken.pop((message.address, message.update), None)
            raise

    async def _answer(self, message: Message) -> Answer:
        if self._is_repeat(message):
            return Answer(_SILENCE, self._renderer.match(message.language_hint))
        if message.group:
            return self._in_group(message)
        message = _readable(message)
        first: tuple[Reply, ...] = ()
        try:
            first = (*self._help_now(message), *_remarks(message))
            async with self._turn(message.address):
                return await self._take(message, first)
        except Exception:
            sorry = self._apology(message.address.channel)
            return Answer((*first, sorry), await self._language_of(message))

    async def welcome(self, language: str) -> Answer:
        """What a visitor sees who has done nothing yet. Nothing is stored."""
        message = Message(Address("web", ""), "/start", language_hint=language)
        resident = Subscriber(None, "web")
        reply = await self._router.commands["start"].handler(
            Context(message, resident, self._services)
        )
        return Answer((reply,), language)

    async def recall(self, address: Address) -> Answer | None:
        """The last answer given to a chat, for a channel that has lost what it showed."""
        resident = await self._services.residents.find(address)
        if resident is None:
            return None
        talk = await self._services.conversations.load(resident)
        if not talk.replies:
            return None
        return Answer(talk.replies, resident.language or self._renderer.match(None))

    async def hush(self, address: Address) -> None:
        """Keep nothing of the last answer given to a chat; the question in it stays open."""
        resident = await self._services.residents.find(address)
        if resident is not None:
            talk = await self._services.conversations.load(resident)
            await self._services.conversations.save(resident, replace(talk, replies=()))

    async def _take(self, message: Message, first: tuple[Reply, ...]) -> Answer:
        services = self._services
        resident = await services.residents.meet(message.address)
        language = resident.language or self._renderer.match(message.language_hint)
        talk = await services.conversations.load(resident)
        mark = None
        if message.update:
            mark = services.conversations.mark(message.address.channel, message.update)
            if mark in talk.seen:
                # The process that took this update died before the provider knew. If it was the
                # last one its answer may be lost: an answer twice is better than none.
                again = (*first, *talk.replies) if mark == talk.seen[-1] else _SILENCE
                return Answer(again, language)
        reply = await self._reply(message, resident, talk, language)
        if reply.new_language:
            renewed = await services.residents.find(message.address)
            language = (renewed and renewed.language) or language
        # The help of a safeguarding match is never stored: it would tell who needed it.
        await services.conversations.save(resident, talk.went_on(reply, mark))
        return Answer((*first, reply), language)

    async def _reply(
        self, message: Message, resident: Subscriber, talk: Talk, language: str
    ) -> Reply:
        if message.edited:
            # Translators: Shown when someone changes a message they had already sent.
            return self._where_we_were(talk, _("I only read new messages. Please send it again."))
        if message.attachments and not message.text:
            return self._where_we_were(talk)
        try:
            handler, context = self._route(message, resident, talk, language)
            return await handler(context)
        except UserError as error:
            return self._where_we_were(talk, error.text)

    def _route(
        self, message: Message, resident: Subscriber, talk: Talk, language: str
    ) -> tuple[Handler, Context]:
        """A command wins over a choice, a choice over the expected words.

        Raises UserError for a command or a choice that does not exist.
        """
        router = self._router
        context = Context(message, resident, self._services)
        words = message.text.strip()
        if called := _COMMAND.fullmatch(words):
            command = router.commands.get(called[1].lower())
            args = (called[2] or "").strip()
            return _known(command.handler if command else None), replace(context, args=args)
        choice = message.choice
        if choice is None:
            choice = self._typed_choice(words, talk, language)
        if choice is not None:
            route, *arguments = choice.split(":")
            return _known(router.choices.get(route)), replace(context, choice=tuple(arguments))
        if command := router.commands.get(fold(words)):
            return command.handler, context
        handler = router.otherwise if talk.expects is None else router.answers.get(talk.expects)
        return _known(handler or router.otherwise), context

    def _typed_choice(self, words: str, talk: Talk, language: str) -> str | None:
        """The choice whose label, in the reader's language or English, or number was typed.

        Raises UserError where two choices have that label.
        """
        typed = fold(words)
        if not typed:
            return None
        languages = (language, "en_GB")
        plain = self._renderer.plain
        named = {
            button.choice
            for button in talk.buttons
            if typed in {fold(plain(button.label, code)) for code in languages}
        }
        if len(named) > 1:
            raise UserError(_WHICH)
        for code in languages:
            typed = typed.removeprefix(f"{fold(plain(_OPTION, code))} ")
        numbered = {str(number): each.choice for number, each in enumerate(talk.buttons, start=1)}
        return named.pop() if named else numbered.get(typed)

    def _help_now(self, message: Message) -> tuple[Reply, ...]:
        kinds = self._safeguarding.check(message.text) if message.text else []
        for kind in kinds:
            metrics.safeguarding_matches.labels(kind).inc()
        return (help_for(kinds, self._services.directory),) if kinds else ()

    def _where_we_were(self, talk: Talk, *remarks: Text) -> Reply:
        """Nothing moved: the choices and the question of the last answer still stand."""
        # Translators: Shown with the same choices as before, after something we could not use.
        text = remarks or (_("Please choose, or type your answer."),)
        return Reply(
            text,
            talk.buttons or (self._way_back,),
            expects=talk.expects,
            asks_where=any(reply.asks_where for reply in talk.replies),
        )

    def _marked(self, answer: Answer, channel: str) -> Answer:
        """In a demo every message says so, where nothing around it does."""
        if channel not in self._demo_channels:
            return answer
        # Translators: The last line of every message while the service is only shown, not used.
        line = _("Demo: the police news here is made up. The phone numbers are real.")
        return replace(
            answer,
            replies=tuple(
                replace(reply, text=[*reply.paragraphs, line]) for reply in answer.replies
            ),
        )

    def _in_group(self, message: Message) -> Answer:
        """One polite line, to administrators only: a group is not where a resident is served.

        Words of danger are answered whoever says them, without telling the others why.
        """
        language = self._renderer.match(message.language_hint)
        if not message.from_admin and not self._help_now(message):
            return Answer(_SILENCE, language)
        # Translators: Said to an administrator who added the bot to a group chat.
        line = _("I cannot serve groups yet. Please write to me in a private chat.")
        return Answer((Reply([line, safety.EMERGENCY]),), language)

    def _apology(self, channel: str) -> Reply:
        reference = secrets.token_hex(3).upper()
        metrics.handler_errors.inc()
        log.exception("message_failed", reference=reference, channel=channel)
        # Translators: {reference} is a code for our records, such as 4F2A9C.
        sorry = _(
            "Sorry, something went wrong on our side, and your last message was not dealt with. "
            "Please try again later. If you tell us about it, give this code: {reference}",
            reference=reference,
        )
        return Reply([sorry, safety.EMERGENCY], (self._way_back,))

    async def _language_of(self, message: Message) -> str:
        """The resident's language where the database can still tell, or else the client's."""
        with suppress(Exception):  # an apology is owed whatever is broken
            resident = await self._services.residents.find(message.address)
            if resident is not None and resident.language is not None:
                return resident.language
        return self._renderer.match(message.language_hint)

    def _is_repeat(self, message: Message) -> bool:
        if not message.update:
            return False
        key = (message.address, message.update)
        if key in self._taken:
            return True
        self._taken[key] = None
        if len(self._taken) > UPDATES_REMEMBERED:
            self._taken.popitem(last=False)
        return False

    @asynccontextmanager
    async def _turn(self, address: Address) -> AsyncIterator[None]:
        lock = self._turns.setdefault(address, asyncio.Lock())
        async with lock:
            yield


def _remarks(message: Message) -> tuple[Reply, ...]:
    """What we say about things we cannot take in."""
    if not message.attachments:
        return ()
    if any(attachment.kind == "live location" for attachment in message.attachments):
        # Translators: Shown when someone shares a location that goes on moving.
        return (Reply(_("I do not follow live locations. Send one fixed point instead.")),)
    # Translators: Shown after a photo, a video, a voice note, a file or a sticker.
    return (Reply(_("I can read words and locations only. I did not keep what you sent.")),)


def _known(handler: Handler | None) -> Handler:
    if handler is None:
        raise UserError(_UNKNOWN)
    return handler


def _readable(message: Message) -> Message:
    """Without what no database takes (NUL, halves of characters), cut to what is read.

    A point that is nowhere on Earth becomes something we cannot read.
    """
    point, choice = message.point, message.choice
    message = replace(
        message,
        text=_storable(message.text[:LONGEST_TEXT]),
        choice=None if choice is None else _storable(choice[:MAX_CHOICE_BYTES]),
    )
    if point is None or (abs(point.latitude) <= 90 and abs(point.longitude) <= 180):
        return message
    return replace(message, point=None, attachments=(*message.attachments, Attachment("other")))


def _storable(words: str) -> str:
    return words.replace("\0", "").encode(errors="ignore").decode()
