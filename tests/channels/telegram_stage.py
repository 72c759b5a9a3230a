"""A stage for the Telegram tests: a renderer of few words, and a channel that runs for a while."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from bot.conversation import Answer, Button, Command, Context, Message, OnMessage, Reply
from bot.ports import Language, Pictures, Rendered, RenderedButton, Span, Words
from bot.text import Text, _, _p
from channels.telegram import Patience, TelegramChannel, Webhook
from channels.telegram.photos import no_pictures
from tests.fakes.botapi import TOKEN, BotApi

QUICK = Patience(first=0.01, most=0.05, poll=20, hand=5, draw=5, remind=0.05)


def _language(code: str, telegram: str | None) -> Language:
    return Language(code, code, code, "Latn", "ltr", code, telegram, None, "reviewed")


class FewWords:
    """The Renderer port: English words as they are, those of another language marked with it."""

    offered: Sequence[Language] = (
        _language("en_GB", "en"),
        _language("pl", "pl"),
        _language("zh_Hant", None),
    )

    def language(self, code: str) -> Language:
        return next((one for one in self.offered if one.code == code), self.offered[0])

    def match(self, hint: str | None) -> str:
        return self.language(hint or "en_GB").code

    def reply(self, reply: Reply, language: str) -> Rendered:
        return Rendered(
            tuple(self.words(text, language) for text in reply.paragraphs),
            language,
            "ltr",
            tuple(
                RenderedButton(self.plain(button.label, language), button.choice)
                for button in reply.buttons
            ),
            reply.file,
        )

    def words(self, text: Text, language: str) -> Words:
        return (Span(self.plain(text, language)),)

    def plain(self, text: Text, language: str) -> str:
        words = text.message.format(**text.values)
        return words if language == "en_GB" else f"{words} ({language})"


async def _nothing(_: Context) -> Reply:
    return Reply(())


MENU = (
    Command(_p("command", "start"), _nothing, _("Begin")),
    Command(_p("command", "stop"), _nothing, _("Stop all messages")),
    Command(_p("command", "secret"), _nothing, None),
)


def channel_for(
    server: BotApi,
    *,
    token: str = TOKEN,
    webhook: Webhook | None = None,
    patience: Patience = QUICK,
    pictures: Pictures = no_pictures,
) -> TelegramChannel:
    return TelegramChannel(
        token,
        server.url,
        FewWords(),
        MENU,
        webhook=webhook,
        patience=patience,
        pictures=pictures,
    )


@asynccontextmanager
async def running(channel: TelegramChannel, on_message: OnMessage) -> AsyncIterator[None]:
    """Run the channel for as long as the block lasts, then stop it as the app does."""
    task = asyncio.create_task(channel.run(on_message))
    try:
        yield
    finally:
        await stopped(task)


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def says(*texts: str, language: str = "en_GB") -> Answer:
    return Answer(tuple(Reply(_("{words}", words=text)) for text in texts), language)


class Listener:
    """An on_message that remembers what it heard and answers as told."""

    def __init__(self, answer: Callable[[Message], Awaitable[Answer]] | None = None) -> None:
        self.heard: list[Message] = []
        self._answer = answer

    async def __call__(self, message: Message) -> Answer:
        self.heard.append(message)
        if self._answer is not None:
            return await self._answer(message)
        return says(f"You said: {message.text or message.choice}")


def button(label: str, choice: str) -> Button:
    return Button(_("{words}", words=label), choice)
