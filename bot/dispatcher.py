"""Message to state to handler to answer, with the safeguarding check and the error boundary."""

import asyncio
import re
import secrets
import traceback
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
from bot.vocabulary import Vocabulary

LONGEST_TEXT = 4096  # what one Telegram message can hold; more is not read
UPDATES_REMEMBERED = 10_000

log = structlog.get_logger()

_COMMAND = re.compile(r"/([^\s@]*)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_SILENCE: tuple[Reply, ...] = ()
_TAKEN_AS_FILES = {"photo", "video", "document"}

# Translators: Shown after a command or a button that does not exist. Keep /help.
_UNKNOWN = _("I do not know that. Send /help to see what I can do.")
# Translators: Shown when the words typed are the name of two of the buttons.
_WHICH = _("More than one choice has that name. Please type its number: 1 is the first.")
# Translators: Shown with the same choices as before, after something we could not use.
_CHOOSE = _("Please choose, or type your answer.")
# Translators: Shown when someone changes a message they had already sent.
_EDITED = _("I only read new messages. Please send it again.")
# Translators: Shown when someone changes a message while they write to their police team.
_EDITED_PRIVATELY = _(
    "I only read new messages. A change to an old message is not passed on. Please send it as a "
    "new message, or add it to your concern."
)
_LEFT = _("Your concern was not sent. I deleted your draft.")
_TIMED_OUT = _("I lost your draft. Nothing was sent. I keep a draft for 30 minutes only.")
_LOST = _(
    "I had to start again. If you were writing a concern, I lost your draft. Nothing was sent, "
    "unless you got a receipt code."
)
_UNSENT = _("Your concern was not sent. Your draft is still here.")
# Translators: Said after someone hid a chat in a hurry. It must not tell what was hidden.
_NOTHING_SENT = _("Nothing was sent.")
# Translators: Said in a group chat, where others read along. Keep /concern.
_NOT_IN_A_GROUP = _(
    "I never take a concern in a group, where others can read it. Nothing was sent. Write to me "
    "in a private chat: /concern"
)
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
        self._vocabulary = Vocabulary(router.commands, renderer)
        self._safeguarding = safeguarding
        self._way_back = way_back
        self._demo_channels = demo_channels
        # What is stored of a talk that is nobody's business, hidden or private.
        self._resting = Reply((_CHOOSE,), (way_back,))
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
            first = self._help_now(message)
            async with self._turn(message.address):
                return await self._take(message, first)
        except Exception as error:
            sorry = self._apology(message.address, error)
            return Answer((*first, sorry), await self._language_of(message))

    async def welcome(self, language: str) -> Answer:
        """What a visitor sees who has done nothing yet. Nothing is stored."""
        message = Message(Address("web", ""), "/start", language_hint=language)
        resident = Subscriber(None, "web")
        reply = await self._router.commands["start"].handler(
            Context(message, resident, self._services, language)
        )
        return Answer((reply,), language)

    async def recall(self, address: Address) -> Answer | None:
        """The last answer given to a chat, for a channel that has lost what it showed."""
        resident = await self._services.residents.find(address)
        talk = self._services.drafts.talk(address)
        if talk is None and resident is not None:
            talk = await self._services.conversations.load(resident)
        if talk is None or not talk.replies:
            return None
        return Answer(talk.replies, (resident and resident.language) or self._renderer.match(None))

    async def hush(self, address: Address) -> None:
        """Keep nothing of the last answer given to a chat; the question in it stays open.

        What was said in private is forgotten as a whole.
        """
        self._services.drafts.drop(address)
        resident = await self._services.residents.find(address)
        if resident is not None:
            talk = await self._services.conversations.load(resident)
            await self._services.conversations.save(resident, replace(talk, replies=()))

    async def _take(self, message: Message, first: tuple[Reply, ...]) -> Answer:
        services, address = self._services, message.address
        known = await services.residents.find(address)
        language = (known and known.language) or self._renderer.match(message.language_hint)
        stored = await services.conversations.load(known) if known else Talk()
        mark = None
        if message.update:
            mark = services.conversations.mark(address.channel, message.update)
            if mark in stored.seen:
                # The process that took this update died before the provider knew. If it was the
                # last one its answer may be lost: an answer twice is better than none.
                again = (*first, *stored.replies) if mark == stored.seen[-1] else _SILENCE
                return Answer(again, language)
        lost = self._is_lost(message, stored)
        private = services.drafts.talk(address)
        talk = private or stored
        first, danger = (*first, *_remarks(message, talk)), bool(first)
        reply, resident = await self._reply(message, known, talk, language, danger=danger)
        if reply.private:
            await self._keep_private(address, reply, stored, resident)
            # A press that comes too late is told by its own handler.
            told = (*first, *lost) if message.choice is None else first
            return Answer((*told, reply), language)
        if services.drafts.drop(address):
            lost = (self._not_sent(_LEFT),)
        if reply.new_language:
            renewed = await services.residents.find(address)
            language = (renewed and renewed.language) or language
        # The help of a safeguarding match is never stored: it would tell who needed it. Nor is
        # the mark of what ends a private talk.
        kept = self._resting if reply.hide else reply
        await services.conversations.save(resident, stored.went_on(kept, None if private else mark))
        if reply.hide and lost:  # whoever reads what is left shall not learn what was hidden
            reply, lost = replace(reply, text=[*reply.paragraphs, _NOTHING_SENT]), ()
        return Answer((*first, *lost, reply), language)

    async def _reply(
        self,
        message: Message,
        known: Subscriber | None,
        talk: Talk,
        language: str,
        *,
        danger: bool,
    ) -> tuple[Reply, Subscriber]:
        """The reply, and the resident it is for; a private one makes no record of them."""
        resident = known or Subscriber(None, message.address.channel)
        handler = None
        try:
            handler, context = self._route(message, resident, talk, language)
            if known is None and handler not in self._router.private_handlers:
                resident = await self._services.residents.meet(message.address)
            reply = await handler(replace(context, resident=resident, danger=danger))
        except UserError as error:
            reply = self._where_we_were(talk, error.text)
        is_private = reply.private or handler in self._router.private_handlers
        return replace(reply, private=is_private), resident

    async def _keep_private(
        self, address: Address, reply: Reply, stored: Talk, resident: Subscriber
    ) -> None:
        """Remember in memory where a private talk stands.

        What is stored becomes what a hidden talk rests on: after a restart, words are then taken
        for the answer to no older question, and nothing tells what was going on.
        """
        if stored.expects is not None or stored.replies != (self._resting,):
            resting = Talk(None, (self._resting,), stored.seen)
            await self._services.conversations.save(resident, resting)
        self._services.drafts.keep(address, Talk(reply.expects, (reply,)))

    def _is_lost(self, message: Message, stored: Talk) -> tuple[Reply, ...]:
        """What to say to somebody whose draft is gone, or may be, without their doing."""
        drafts = self._services.drafts
        if drafts.timed_out(message.address):
            return (self._not_sent(_TIMED_OUT),)
        is_free = message.choice is None and not _COMMAND.fullmatch(message.text.strip())
        is_resting = stored.expects is None and stored.replies == (self._resting,)
        if is_free and is_resting and drafts.is_young and drafts.talk(message.address) is None:
            return (self._not_sent(_LOST),)
        return ()

    def _not_sent(self, why: Text) -> Reply:
        report = safety.report(self._services.directory.force.report_url)
        return Reply([why, safety.EMERGENCY, report])

    def _route(
        self, message: Message, resident: Subscriber, talk: Talk, language: str
    ) -> tuple[Handler, Context]:
        """A command wins over a choice, a choice over the expected words.

        Raises UserError for a command or a choice that does not exist, and for what is not read.
        """
        router = self._router
        context = Context(message, resident, self._services, language)
        words = message.text.strip()
        takes_files = message.attachments and _takes_files(talk)
        if message.edited:
            raise UserError(_EDITED_PRIVATELY if _is_private(talk) else _EDITED)
        if message.attachments and not words and not takes_files:
            raise UserError(_CHOOSE)
        if called := _COMMAND.fullmatch(words):
            command = self._vocabulary.find(called[1], language, in_any=True)
            args = (called[2] or "").strip()
            return _known(command.handler if command else None), replace(context, args=args)
        if takes_files:
            return _known(router.answers.get(talk.expects or "")), context
        choice = message.choice
        if choice is None:
            choice = self._typed_choice(words, talk, language)
        if choice is not None:
            route, *arguments = choice.split(":")
            return _known(router.choices.get(route)), replace(context, choice=tuple(arguments))
        if command := self._vocabulary.find(words, language, in_any=talk.expects is None):
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

    def _where_we_were(self, talk: Talk, remark: Text) -> Reply:
        """Nothing moved: the choices and the question of the last answer still stand."""
        return Reply(
            (remark,),
            talk.buttons or (self._way_back,),
            expects=talk.expects,
            asks_where=any(reply.asks_where for reply in talk.replies),
            private=_is_private(talk),
            takes_files=_takes_files(talk),
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

        Words of danger are answered whoever says them, without telling the others why. A concern
        is turned away whoever begins one.
        """
        language = self._renderer.match(message.language_hint)
        called = _COMMAND.match(message.text.strip())
        command = self._vocabulary.find(called[1], language, in_any=True) if called else None
        if command and command.handler in self._router.private_handlers:
            return Answer((Reply([_NOT_IN_A_GROUP, safety.EMERGENCY], hide=True),), language)
        if not message.from_admin and not self._help_now(message):
            return Answer(_SILENCE, language)
        # Translators: Said to an administrator who added the bot to a group chat.
        line = _("I cannot serve groups yet. Please write to me in a private chat.")
        return Answer((Reply([line, safety.EMERGENCY]),), language)

    def _apology(self, address: Address, error: Exception) -> Reply:
        reference = secrets.token_hex(3).upper()
        metrics.handler_errors.inc()
        drafts = self._services.drafts
        # What an error says may quote what was said; in private, only where it passed is kept.
        told: dict[str, object] = {"exc_info": error}
        if drafts.talk(address) is not None:
            told = {
                "error": type(error).__name__,
                "exception": "".join(traceback.format_tb(error.__traceback__)),
            }
        log.error("message_failed", reference=reference, channel=address.channel, **told)
        # Translators: {reference} is a code for our records, such as 4F2A9C.
        sorry = _(
            "Sorry, something went wrong on our side, and your last message was not dealt with. "
            "Please try again later. If you tell us about it, give this code: {reference}",
            reference=reference,
        )
        unsent = [_UNSENT] if drafts.of(address) else []
        return Reply([sorry, *unsent, safety.EMERGENCY], (self._way_back,))

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


def _is_private(talk: Talk) -> bool:
    return any(reply.private for reply in talk.replies)


def _takes_files(talk: Talk) -> bool:
    return any(reply.takes_files for reply in talk.replies)


def _remarks(message: Message, talk: Talk) -> tuple[Reply, ...]:
    """What we say about things we cannot take in."""
    kinds = {attachment.kind for attachment in message.attachments}
    takes_files = _takes_files(talk)
    if not kinds or (takes_files and kinds <= _TAKEN_AS_FILES):
        return ()
    if "live location" in kinds:
        # Translators: Shown when someone shares a location that goes on moving.
        return (Reply(_("I do not follow live locations. Send one fixed point instead.")),)
    if takes_files and kinds & {"voice", "audio"}:
        return (
            Reply(_("I take no voice notes: a voice can show who you are. I did not keep it.")),
        )
    if takes_files:
        return (Reply(_("I can take photos and videos only. I did not keep what you sent.")),)
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
