"""The steps of a concern: their order, the draft they write in, and what every question shares."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import TypeAlias

from bot import safety
from bot.conversation import Button, Context, Handler, Reply
from bot.model import Draft
from bot.text import Text, _, _p
from handlers import buttons

Asker: TypeAlias = Callable[[Context, Draft], Awaitable[Reply]]

ORDER = ("what", "where", "when", "still", "theme", "files", "answer", "review")

# Translators: A button that leaves a concern without sending it. Max 30
CANCEL = Button(_p("button", "Cancel"), "concern.leave")
# Translators: A button that starts telling the local police team about something. Max 30
_AGAIN = Button(_p("button", "Start again"), "concern")
# Translators: A button that leaves a question unanswered and goes on. Max 30
SKIP = _p("button", "Skip")

_askers: dict[str, Asker] = {}


def asks(name: str) -> Callable[[Asker], Asker]:
    """Makes a function the one that asks this step's question."""

    def register(asker: Asker) -> Asker:
        _askers[name] = asker
        return asker

    return register


def with_draft(handler: Asker) -> Handler:
    """A handler that works on the draft of the chat; without one it says what that means."""

    @wraps(handler)
    async def handle(ctx: Context) -> Reply:
        draft = ctx.services.drafts.of(ctx.message.address)
        if draft is None or draft.adds_to:
            return lost(ctx)
        draft.urgent |= ctx.danger
        return await handler(ctx, draft)

    return handle


async def ask(ctx: Context, draft: Draft, name: str, *first: Text) -> Reply:
    """The question of a step, after something to be said first."""
    reply = await _askers[name if name in _askers else ORDER[0]](ctx, draft)
    return replace(reply, text=[*first, *reply.paragraphs])


async def go_on(ctx: Context, draft: Draft, done: str, *first: Text) -> Reply:
    """The next question; once all were asked, the whole again."""
    name = "review" if draft.reviewing else ORDER[ORDER.index(done) + 1]
    return await ask(ctx, draft, name, *first)


def question(
    name: str,
    draft: Draft,
    text: Sequence[Text],
    options: Sequence[Button] = (),
    *,
    expects: str = "",
    skip: Text = SKIP,
    asks_where: bool = False,
    takes_files: bool = False,
) -> Reply:
    """A question that can be skipped, with the ways back and out.

    ``expects`` is the step where its answer is taken otherwise than under its name.
    """
    before = "review" if draft.reviewing else ORDER[max(0, ORDER.index(name) - 1)]
    back = [] if before == name else [buttons.back(f"concern.ask:{before}")]
    return Reply(
        text,
        (*options, Button(skip, f"concern.skip:{name}"), *back, CANCEL),
        expects=expects or f"concern.{name}",
        asks_where=asks_where,
        takes_files=takes_files,
    )


def lost(ctx: Context) -> Reply:
    """For a button of a draft that is gone."""
    return Reply(
        [
            _("I lost your draft. Nothing was sent, unless you got a receipt code."),
            safety.EMERGENCY,
            safety.report(ctx.services.directory.force.report_url),
        ],
        (_AGAIN, buttons.HELP),
    )
