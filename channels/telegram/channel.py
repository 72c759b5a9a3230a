"""Receiving from Telegram and answering there; python-telegram-bot is the transport only."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast
from urllib.parse import urlencode

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ChatMemberStatus, ParseMode
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError

from bot.conversation import Address, Command, File, OnMessage, Reply
from bot.errors import DeliveryError, InDoubt, Rejected, TryLater
from bot.ports import Rendered, RenderedPicture, Renderer, Sent
from channels.telegram.drawing import keyboard, messages
from channels.telegram.reading import ALLOWED_UPDATES, Heard, read
from channels.telegram.recent import Recent
from channels.telegram.transport import READ_SECONDS, AiohttpRequest, Flooded, delivery_error

T = TypeVar("T")
Call: TypeAlias = Callable[[], Awaitable[T]]
Raw: TypeAlias = dict[str, Any]
_log = structlog.get_logger()

_ADMINS = {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# Updates of one chat in hand at a time: no more than the marks kept of it, or those whose marks
# are gone would be answered again after a sudden end (bot/services/conversations.py, SEEN_KEPT).
AT_ONCE = 8
_NO_ANSWER_YET = "Telegram has not answered yet."
_STOPPED = "Telegram is not being received."
_MENU_LINE = 256  # core.telegram.org/bots/api#botcommand
_BRITISH = "en_GB"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram should deliver: an unguessable HTTPS address and its secret header."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds.

    ``first`` and ``most`` bound the pause after a failure, which doubles and is jittered;
    ``poll`` is one long poll; ``hand`` how long the updates in hand may hold up the next ones,
    and the stop; ``draw`` how long one message of an answer may wait for its turn, in ``tries``;
    ``remind`` how often a lasting problem is logged; ``trust`` how long an admin stays one.
    """

    first: float = 1
    most: float = 60
    poll: int = 50
    hand: float = 10
    draw: float = 60
    tries: int = 3
    remind: float = 60
    trust: float = 60


class TelegramChannel:
    """The Telegram bot behind one token.

    An update counts as received only once its answer is drawn: a process that dies before that
    is given the update again. Chats are served side by side, each in its own order.
    """

    name = "telegram"

    def __init__(
        self,
        token: str,
        api_url: str,
        renderer: Renderer,
        menu: Sequence[Command],
        *,
        webhook: Webhook | None = None,
        patience: Patience | None = None,
        paid: bool = False,
    ) -> None:
        self._request = AiohttpRequest()
        self._bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )
        self._renderer = renderer
        self._menu = [(command.name, command.menu) for command in menu if command.menu is not None]
        self._webhook = webhook
        self._patience = patience or Patience()
        self._on_message: OnMessage | None = None
        self._username = ""
        self._offset = 0
        self._confirmed = 0
        self._lanes: dict[int, asyncio.Task[None]] = {}  # the newest task of each chat
        self._in_hand: set[asyncio.Task[None]] = set()
        self._admins: dict[tuple[int, int], tuple[float, bool]] = {}
        self._recent = Recent()
        self._problem: str | None = _NO_ANSWER_YET
        self._reminded = float("-inf")
        # None where it is not paid for, so that the parameter stays away from the request.
        self._paid = True if paid else None
        self._drawn = 0

    @property
    def problem(self) -> str | None:
        return self._problem

    async def run(self, on_message: OnMessage) -> None:
        """Receive until cancelled; should it ever fail, it can be called again."""
        self._problem = _NO_ANSWER_YET
        menus: asyncio.Task[None] | None = None
        try:
            self._username = (await self._insist(self._bot.get_me)).username or ""
            menus = asyncio.create_task(self._offer_menus())
            if self._webhook is None:
                await self._insist(self._bot.delete_webhook)
                _log.info("telegram.receiving", mode="polling")
                await self._poll(on_message)
            else:
                self._on_message = on_message
                await self._insist(partial(self._set_webhook, self._webhook))
                _log.info("telegram.receiving", mode="webhook")
                await asyncio.Event().wait()
        finally:
            self._on_message = None
            self._problem = _STOPPED
            if menus is not None:
                menus.cancel()
            try:
                await self._finish()
            finally:
                await self.close()

    async def receive(self, body: bytes) -> None:
        """Take one delivery to the webhook; returns once its answer is drawn.

        The caller has checked the secret. Raises TryLater while not running, so that Telegram
        keeps the update and delivers it again.
        """
        if self._on_message is None:
            raise TryLater("not receiving", after=self._patience.first)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raw = None
        heard = self._heard(raw)
        if heard is not None:
            await self._take([heard], self._on_message, self._patience.hand)

    async def send(self, to: Address, what: Rendered) -> Sent:
        numbers = await self._deliver(self._calls(int(to.id), what, paid=self._paid))
        return Sent(to, ",".join(map(str, numbers)))

    async def edit(self, sent: Sent, what: Rendered) -> None:
        """Redraw a delivered message.

        One that was sent in several parts is redrawn part by part; a part no longer needed is
        deleted, and one there was no message for follows as a new message.
        """
        numbers = [int(number) for number in sent.reference.split(",")]
        calls = list(self._calls(int(sent.to.id), what, redraw=numbers))
        for call in calls[: len(numbers)]:  # may all be done again without harm
            await _delivered(call)
        await self._deliver(calls[len(numbers) :])
        await self._delete(int(sent.to.id), numbers[len(calls) :])

    async def delete(self, sent: Sent) -> None:
        await self._delete(int(sent.to.id), map(int, sent.reference.split(",")))

    def spacing(self, to: Address) -> float:
        """A message a second, and twenty a minute in a group, whose number is below zero."""
        return 3.0 if to.id.startswith("-") else 1.0

    @property
    def drawn(self) -> int:
        return self._drawn

    async def close(self) -> None:
        """Close the connections; a process that only sends calls this when it ends."""
        await self._request.shutdown()

    # Receiving

    async def _poll(self, on_message: OnMessage) -> None:
        loop = asyncio.get_running_loop()
        until = 0.0
        whole = True
        while True:
            raws = await self._insist(self._fetch)
            if whole:  # the parts of a burst share one wait, so that it holds up nobody for longer
                until = loop.time() + self._patience.hand
            batch, whole = self._next(raws)
            await self._take(batch, on_message, until - loop.time())

    def _next(self, raws: Iterable[Raw]) -> tuple[list[Heard], bool]:
        """What to answer now, and whether that is all; the next poll confirms it.

        It ends before a chat has more than AT_ONCE in hand. The rest comes again with the next
        poll, because Telegram confirms updates only up to a number, never one by one.
        """
        batch: list[Heard] = []
        chats: Counter[int] = Counter()
        for raw in raws:
            heard = self._heard(raw)
            if heard is not None:
                chats[heard.chat.id] += 1
                if chats[heard.chat.id] > AT_ONCE:
                    return batch, False
                batch.append(heard)
            self._offset = raw["update_id"] + 1
        return batch, True

    async def _fetch(self, *, seconds: int | None = None) -> list[Raw]:
        """Poll once. Telegram takes all updates before the offset as received.

        Not the library's ``get_updates``: that one fails as a whole, and logs every word, when
        it cannot read a single update.
        """
        seconds = self._patience.poll if seconds is None else seconds
        offset = self._offset
        query = urlencode(
            {"offset": offset, "timeout": seconds, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        )
        raws = await self._request.post(
            f"{self._bot.base_url}/getUpdates?{query}", read_timeout=seconds + READ_SECONDS
        )
        updates = _updates(raws)
        self._confirmed = offset
        return updates

    async def _set_webhook(self, webhook: Webhook) -> None:
        await self._bot.set_webhook(
            webhook.url, secret_token=webhook.secret, allowed_updates=ALLOWED_UPDATES
        )

    async def _take(self, batch: Iterable[Heard], on_message: OnMessage, seconds: float) -> None:
        """Answer these; a slow one goes on behind the next ones after this long."""
        tasks = [self._begin(heard, on_message) for heard in batch]
        if tasks:
            await asyncio.wait(tasks, timeout=max(0, seconds))

    def _heard(self, raw: object) -> Heard | None:
        try:
            return read(Update.de_json(cast("Raw", raw), None), self._username)
        except Exception as error:  # one update that cannot be read must not hold up the others
            _log.warning("telegram.update_unreadable", error=type(error).__name__)
            return None

    def _begin(self, heard: Heard, on_message: OnMessage) -> asyncio.Task[None]:
        chat = heard.chat.id
        before = self._lanes.get(chat)
        task = asyncio.create_task(self._after(before, heard, on_message))
        self._lanes[chat] = task
        self._in_hand.add(task)
        task.add_done_callback(partial(self._leave_lane, chat))
        return task

    def _leave_lane(self, chat: int, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        if self._lanes.get(chat) is task:
            del self._lanes[chat]

    async def _after(
        self, before: asyncio.Task[None] | None, heard: Heard, on_message: OnMessage
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            await asyncio.gather(self._stop_spinner(heard), self._answer(heard, on_message))
        except DeliveryError as error:
            _log.warning("telegram.answer_not_drawn", error=type(error).__name__, reason=str(error))
        except Exception as error:  # a bug in one answer must not stop the chats beside it
            _log.error("telegram.answer_failed", error=type(error).__name__, exc_info=True)

    async def _finish(self) -> None:
        """Let what is in hand end, then tell Telegram that it need not come again."""
        tasks = list(self._in_hand)
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._patience.hand)
        finally:
            late = [task for task in tasks if not task.done()]
            for task in late:
                task.cancel()
        if late:
            await asyncio.wait(late)
            _log.warning("telegram.stopped_early", count=len(late))
            self._offset = self._confirmed  # not answered: whoever runs next is given them again
        elif self._confirmed != self._offset:
            with suppress(TelegramError):
                await self._fetch(seconds=0)

    async def _insist(self, step: Call[T]) -> T:
        """Repeat a step until Telegram agrees, with growing pauses; till then, a problem."""
        pause = self._patience.first
        while True:
            try:
                result = await _read(step)
            except TelegramError as error:
                self._note(_explained(error))
                await asyncio.sleep(self._pause_after(error, pause))
                pause = min(2 * pause, self._patience.most)
            else:
                self._problem = None
                return result

    def _pause_after(self, error: TelegramError, pause: float) -> float:
        if isinstance(error, Flooded):
            return error.after
        if isinstance(error, InvalidToken):
            pause = self._patience.most
        return pause * random.uniform(0.5, 1)  # noqa: S311  # spreads load, guards nothing

    def _note(self, problem: str) -> None:
        now = asyncio.get_running_loop().time()
        if problem != self._problem or now - self._reminded >= self._patience.remind:
            _log.warning("telegram.not_receiving", reason=problem)
            self._reminded = now
        self._problem = problem

    # Answering

    async def _stop_spinner(self, heard: Heard) -> None:
        if heard.query is not None:
            with suppress(TelegramError):  # too old a press is answered all the same
                await self._bot.answer_callback_query(heard.query)

    async def _answer(self, heard: Heard, on_message: OnMessage) -> None:
        message = heard.message
        if message.group:
            message = replace(message, from_admin=await self._is_admin(heard))
        for number in (heard.written, heard.pressed):
            self._note_recent(heard.chat.id, number)
        answer = await on_message(message)
        if any(reply.hide for reply in answer.replies):
            await self._take_back(heard.chat.id)
        for reply in answer.replies:
            await self._draw(heard, reply, self._renderer.reply(reply, answer.language))
        if any(reply.new_language for reply in answer.replies):
            await self._set_menu(answer.language, BotCommandScopeChat(heard.chat.id))

    async def _draw(self, heard: Heard, reply: Reply, what: Rendered) -> None:
        chat, thread = heard.chat.id, heard.thread
        if reply.replace and heard.pressed is not None:
            try:
                await self._carry_out(self._calls(chat, what, redraw=[heard.pressed]))
            except Rejected:  # deleted meanwhile, or too old to be edited: say it anew
                pass
            else:
                return
        await self._carry_out(self._calls(chat, what, thread=thread))

    async def _carry_out(self, calls: Iterable[Call[int]]) -> None:
        for call in calls:
            self._drawn += 1
            try:
                await self._patiently(call)
            except InDoubt:  # it may have arrived: twice would be worse than a look back
                _log.warning("telegram.answer_in_doubt")

    async def _deliver(self, calls: Iterable[Call[int]]) -> list[int]:
        """Carry out all calls. Raises as ``send``.

        Once a part has arrived, TryLater would be untrue and have it sent twice: so the other
        parts are waited for, and given up in doubt.
        """
        numbers: list[int] = []
        for call in calls:
            try:
                numbers.append(await (self._patiently(call) if numbers else _delivered(call)))
            except TryLater as error:
                if numbers:
                    raise InDoubt("only the first parts arrived") from error
                raise
        return numbers

    async def _patiently(self, call: Call[T]) -> T:
        """Wait and try again while Telegram says later, within bounds. Raises as ``send``."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience.draw
        tries = self._patience.tries
        while True:
            try:
                return await _delivered(call)
            except TryLater as error:
                tries -= 1
                pause = error.after * random.uniform(1, 1.5)  # noqa: S311  # spreads load only
                if not tries or loop.time() + pause > deadline:
                    raise
                await asyncio.sleep(pause)

    async def _take_back(self, chat: int) -> None:
        """Delete what was said here lately; what fails stays noted for another try."""
        numbers = self._recent.take(chat)
        try:
            if numbers:
                await self._delete_all(chat, numbers)
        except DeliveryError as error:
            _log.warning("telegram.not_hidden", error=type(error).__name__, reason=str(error))
            for number in numbers:
                self._note_recent(chat, number)

    async def _delete_all(self, chat: int, numbers: Sequence[int]) -> None:
        try:
            await self._patiently(partial(self._bot.delete_messages, chat, numbers))
        except Rejected:  # one of them is too old, and then Telegram deletes none
            for number in numbers:
                with suppress(Rejected):
                    await self._patiently(partial(self._bot.delete_message, chat, number))

    def _note_recent(self, chat: int, number: int | None) -> None:
        if number is not None and chat > 0:  # groups are numbered below zero; nothing hides there
            self._recent.note(chat, number)

    async def _is_admin(self, heard: Heard) -> bool:
        if heard.person is None:
            return True
        now = asyncio.get_running_loop().time()
        key = (heard.chat.id, heard.person.id)
        self._admins = {who: known for who, known in self._admins.items() if known[0] > now}
        if key not in self._admins:
            try:
                member = await self._bot.get_chat_member(*key)
            except TelegramError:
                return False
            self._admins[key] = (now + self._patience.trust, member.status in _ADMINS)
        return self._admins[key][1]

    # Drawing

    def _calls(
        self,
        chat: int,
        what: Rendered,
        *,
        redraw: Sequence[int] = (),
        thread: int | None = None,
        paid: bool | None = None,
    ) -> Iterator[Call[int]]:
        """One call for each message a reply makes; buttons go under the last of the words."""
        if what.picture is not None and not redraw:
            yield partial(self._show, chat, what.picture, thread)
        parts = messages(what)
        for index, html in enumerate(parts):
            markup = keyboard(what.buttons) if index == len(parts) - 1 else None
            if index < len(redraw):
                yield partial(self._rewrite, chat, redraw[index], html, markup)
            else:
                yield partial(self._write, chat, html, markup, thread, paid)
        if what.file is not None:
            yield partial(self._hand_over, chat, what.file, thread)

    async def _write(
        self,
        chat: int,
        html: str,
        markup: InlineKeyboardMarkup | None,
        thread: int | None,
        paid: bool | None,
    ) -> int:
        sent = await self._bot.send_message(
            chat,
            html,
            parse_mode=ParseMode.HTML,
            link_preview_options=_NO_PREVIEW,
            reply_markup=markup,
            message_thread_id=thread,
            allow_paid_broadcast=paid,
        )
        self._note_recent(chat, sent.message_id)
        return sent.message_id

    async def _show(self, chat: int, picture: RenderedPicture, thread: int | None) -> int:
        photo = InputFile(picture.data, filename="picture.png")
        sent = await self._bot.send_photo(
            chat, photo, caption=picture.caption, message_thread_id=thread
        )
        self._note_recent(chat, sent.message_id)
        return sent.message_id

    async def _hand_over(self, chat: int, file: File, thread: int | None) -> int:
        document = InputFile(file.data, filename=file.name)
        sent = await self._bot.send_document(chat, document, message_thread_id=thread)
        self._note_recent(chat, sent.message_id)
        return sent.message_id

    async def _rewrite(
        self, chat: int, number: int, html: str, markup: InlineKeyboardMarkup | None
    ) -> int:
        try:
            await self._bot.edit_message_text(
                html,
                chat,
                number,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=markup,
            )
        except BadRequest as error:
            if "message is not modified" not in error.message.lower():
                raise
        return number

    async def _delete(self, chat: int, numbers: Iterable[int]) -> None:
        for number in numbers:
            try:
                await _delivered(partial(self._bot.delete_message, chat, number))
            except Rejected as error:
                if "not found" not in str(error):
                    raise

    async def _offer_menus(self) -> None:
        """The menu in British English, then in each language Telegram has a code for."""
        await self._set_menu(_BRITISH, BotCommandScopeDefault())
        for language in self._renderer.offered:
            if language.telegram is not None:
                await self._set_menu(language.code, BotCommandScopeDefault(), language.telegram)

    async def _set_menu(
        self, language: str, scope: BotCommandScope, code: str | None = None
    ) -> None:
        commands = [
            BotCommand(name, self._renderer.plain(line, language)[:_MENU_LINE])
            for name, line in self._menu
        ]
        try:
            await self._patiently(partial(self._bot.set_my_commands, commands, scope, code))
        except DeliveryError as error:  # a menu is a convenience: typing works without it
            _log.warning("telegram.menu_not_set", error=type(error).__name__, reason=str(error))


async def _delivered(call: Call[T]) -> T:
    try:
        return await _read(call)
    except TelegramError as error:
        raise delivery_error(error) from error


async def _read(call: Call[T]) -> T:
    """Make a call. The library trips over an answer of a wrong shape: that is an error as well."""
    try:
        return await call()
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise TelegramError("an answer that cannot be read") from error


def _updates(result: object) -> list[Raw]:
    """The updates of an answer, in order. Raises TelegramError where it holds none to go on by.

    One without a number is passed over: the numbers of those beside it confirm it.
    """
    if not isinstance(result, list):
        raise TelegramError("not a list of updates")
    updates = [raw for raw in result if isinstance(raw, dict) and _is_number(raw.get("update_id"))]
    if len(updates) < len(result):
        _log.warning("telegram.updates_without_number", count=len(result) - len(updates))
        if not updates:
            raise TelegramError("updates without a number")
    return sorted(updates, key=lambda raw: cast("int", raw["update_id"]))


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _explained(error: TelegramError) -> str:
    match error:
        case InvalidToken():
            return "Telegram refuses the token: check TELEGRAM_BOT_TOKEN."
        case Conflict():
            return "Another process receives with the same token: stop one of the two."
        case Flooded():
            return "Telegram asks us to wait, because its flood limit is reached."
        case _:
            return "Telegram cannot be reached, or it answers with errors."
