"""/contact: a few questions, each of which can be skipped, that end in one place to turn to."""

from bot import safety
from bot.conversation import Button, Context, Reply, Router
from bot.errors import UserError
from bot.text import _, _p
from handlers import buttons
from handlers.contact.ends import show_end
from handlers.contact.tree import ENDS, FIRST, QUESTIONS, before

router = Router()


@router.command(_p("command", "contact"), menu=_("Find who can help, or report something"))
@router.choice("contact")
async def begin(_ctx: Context) -> Reply:
    return _ask(FIRST)


@router.choice("contact.go")
async def go(ctx: Context) -> Reply:
    """A step by its name, so that a button pressed days later still leads there."""
    name = ":".join(ctx.choice)
    if name in ENDS:
        return await show_end(ctx, name, ENDS[name], _back(name))
    return _ask(name if name in QUESTIONS else FIRST)


@router.answer("contact.choice")
async def receive_words(_ctx: Context) -> Reply:
    """Words that are no label; the dispatcher takes a label for a press."""
    # Translators: Shown above the same buttons as before. Keep /cancel.
    raise UserError(_("Please choose one of these, or type Skip. To leave, send /cancel."))


def _ask(name: str) -> Reply:
    question = QUESTIONS[name]
    first = name == FIRST
    return Reply(
        [question.text, *question.hints, *([safety.EMERGENCY] if first else [])],
        (
            *(Button(choice.label, _step(choice.to)) for choice in question.choices),
            # Translators: A button that leaves a question unanswered and goes on. Max 30
            Button(_p("button", "Skip"), _step(question.skip)),
            *([buttons.HIDE] if question.hints else []),
            buttons.VICTIMS if first else _back(name),
            buttons.HELP,
        ),
        expects="contact.choice",
    )


def _back(name: str) -> Button:
    return buttons.back(_step(before(name)))


def _step(name: str) -> str:
    return f"contact.go:{name}"
