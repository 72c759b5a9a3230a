"""Message to state to handler to answer, with the safeguarding check and the error boundary."""

import asyncio
import re
import secrets
import unicodedata
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from weakref import WeakValueDictionary

import structlog

from bot import metrics, safety
from bot.conversation import Address, Answer, Button, Context, Handler, Message, Reply, Router
from bot.errors import UserError
from bot.model import Subscriber
from bot.ports import Renderer
from bot.safeguarding import Safeguarding, help_for
from bot.services import Services
from bot.services.conversations import Talk
from bot.text import Text, _

LONGEST_TEXT = 4096  # what one Telegram message can hold; more is not read
UPDATES_REMEMBERED = 10_000

log = structlog.get_logger()

_COMMAND = re.compile(r"/([A-Za-z]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_SILENCE: tuple[Reply, ...] = ()


class Dispatcher:
    """Takes every message of every channel, one at a time for each chat."""

    def __init__(
        self,
        router: Router,
        services: Services,
        renderer: Renderer,
        safeguarding: Safeguarding,
        *,
        way_back: Button,
        demo: bool,
    ) -> None:
        self._router = router
        self._services = services
        self._renderer = renderer
        self._safeguarding = safeguarding
        self._way_back = way_back
        self._demo = demo
        self._turns: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()
        self._taken: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def __call__(self, message: Message) -> Answer:
        """Answer one message. Never raises but for cancellation."""
        metrics.messages.labels(message.address.channel).inc()
        if self._is_repeat(message):
            return Answer(_SILENCE, self._renderer.match(message.language_hint))
        message = replace(message, text=message.text[:LONGEST_TEXT])
        try:
            if message.group:
                return self._in_group(message)
            async with self._turn(message.address):
                return await self._take(message)
        except Exception:
            return self._apology(message)

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
        return Answer(talk.replies, resident.language or self._renderer.match(None))

    async def _take(self, message: Message) -> Answer:
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
                again = talk.replies if mark == talk.seen[-1] else _SILENCE
                return Answer(again, language)
        first = (*self._help_now(message), *_remarks(message))
        reply = await self._reply(message, resident, talk, language)
        if reply.new_language:
            renewed = await services.residents.find(message.address)
            language = (renewed and renewed.language) or language
        answer = Answer((*first, self._marked(reply, message)), language)
        await services.conversations.save(resident, talk.went_on(answer, reply.expects, mark))
        return answer

    async def _reply(
        self, message: Message, resident: Subscriber, talk: Talk, language: str
    ) -> Reply:
        if message.edited:
            # Translators: Shown when someone changes a message they had already sent.
            return self._where_we_were(talk, _("I only read new messages. Please send it again."))
        if message.attachments and not message.text:
            return self._where_we_were(talk)
        handler, context = self._route(message, resident, talk, language)
        if handler is None:
            # Translators: Shown after a command or a button that does not exist. Keep /help.
            return self._where_we_were(
                talk, _("I do not know that. Send /help to see what I can do.")
            )
        try:
            return await handler(context)
        except UserError as error:
            return self._where_we_were(talk, error.text)

    def _route(
        self, message: Message, resident: Subscriber, talk: Talk, language: str
    ) -> tuple[Handler | None, Context]:
        """A command wins over a press, a press over the expected words."""
        router = self._router
        context = Context(message, resident, self._services)
        words = message.text.strip()
        if called := _COMMAND.fullmatch(words):
            name, args = called[1].lower(), (called[2] or "").strip()
            command = router.commands.get(name)
            return (command.handler if command else None), replace(context, args=args)
        if command := router.commands.get(words.lower()):
            return command.handler, context
        choice = message.choice or self._typed_choice(words, talk, language)
        if choice is not None:
            route, *arguments = choice.split(":")
            return router.choices.get(route), replace(context, choice=tuple(arguments))
        if talk.expects is not None and talk.expects in router.answers:
            return router.answers[talk.expects], context
        return router.otherwise, context

    def _typed_choice(self, words: str, talk: Talk, language: str) -> str | None:
        """The button whose label or number was typed, in the reader's language or English."""
        typed = _fold(words)
        if not typed:
            return None
        for number, button in enumerate(talk.buttons, start=1):
            labels = {
                _fold(self._renderer.plain(button.label, code)) for code in (language, "en_GB")
            }
            if typed in labels or typed == str(number):
                return button.choice
        return None

    def _help_now(self, message: Message) -> tuple[Reply, ...]:
        kinds = self._safeguarding.check(message.text) if message.text else []
        for kind in kinds:
            metrics.safeguarding_matches.labels(kind).inc()
        return (help_for(kinds, self._services.directory),) if kinds else ()

    def _where_we_were(self, talk: Talk, *remarks: Text) -> Reply:
        """Nothing moved: the choices and the question of the last answer still stand."""
        # Translators: Shown with the same choices as before, after something we could not use.
        text = remarks or (_("Please choose, or type your answer."),)
        return Reply(text, talk.buttons or (self._way_back,), expects=talk.expects)

    def _marked(self, reply: Reply, message: Message) -> Reply:
        """In a demo every message says so; the web chat says it at the top of the page."""
        if not self._demo or message.address.channel == "web":
            return reply
        # Translators: The last line of every message while the service is only shown, not used.
        return replace(reply, text=[*reply.paragraphs, _("Demo: this is sample content.")])

    def _in_group(self, message: Message) -> Answer:
        """One polite line, to administrators only: a group is not where a resident is served."""
        language = self._renderer.match(message.language_hint)
        if not message.from_admin:
            return Answer(_SILENCE, language)
        # Translators: Said to an administrator who added the bot to a group chat.
        line = _("I cannot serve groups yet. Please write to me in a private chat.")
        return Answer((Reply([line, safety.EMERGENCY]),), language)

    def _apology(self, message: Message) -> Answer:
        reference = secrets.token_hex(3).upper()
        metrics.handler_errors.inc()
        log.exception("message_failed", reference=reference, channel=message.address.channel)
        # Translators: {reference} is a code for our records, such as 4F2A9C.
        sorry = _(
            "Sorry, something went wrong on our side, and your last message was not dealt with. "
            "Please try again later. If you tell us about it, give this code: {reference}",
            reference=reference,
        )
        language = self._renderer.match(message.language_hint)
        return Answer((Reply([sorry, safety.EMERGENCY]),), language)

    def _is_repeat(self, message: Message) -> bool:
        if not message.update:
            return False
        key = (message.address.channel, message.update)
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


def _fold(words: str) -> str:
    """Words as people type them back: without case, marks and end punctuation."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return " ".join(re.findall(r"\w+", plain))
