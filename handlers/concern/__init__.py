"""/concern: tell the local team something without a name. Every step lives in memory only.

The order is in ``steps.py``; each step has its own file, small ones share ``answers.py``.
"""

from bot import safety
from bot.conversation import Button, Context, Reply, Router
from bot.errors import UserError
from bot.model import Draft
from bot.text import _, _p
from handlers import buttons
from handlers.concern import answers, files, place, review, subject
from handlers.concern.limits import limits
from handlers.concern.steps import ORDER, ask, go_on, lost, with_draft

router = Router(private=True)
for part in (answers, place, subject, files, review):
    router.include(part.router)

# Translators: A button under the limits of the service: the person has read them. Max 30
_READ = Button(_p("button", "I have read this"), "concern.read")


@router.command(_p("command", "concern"), menu=_("Tell your team something"))
@router.choice("concern")
async def begin(ctx: Context) -> Reply:
    if not await ctx.services.gate.is_open(ctx.message.address.channel):
        return _closed(ctx)
    drafts = ctx.services.drafts
    before = drafts.of(ctx.message.address)
    had_words = before is not None and not before.is_empty
    drafts.begin(ctx.message.address, Draft(text=ctx.args, urgent=ctx.danger))
    return Reply(
        [*([_("I deleted the draft that you had not sent.")] if had_words else []), *limits(ctx)],
        (_READ, buttons.HIDE, buttons.HELP),
        expects="concern.limits",
    )


@router.answer("concern.limits")
@with_draft
async def ask_to_read(_ctx: Context, _draft: Draft) -> Reply:
    # Translators: {word} is the label of the button "I have read this".
    raise UserError(_("Please read this first. Then press {word}, or type it.", word=_READ.label))


@router.choice("concern.read")
@with_draft
async def start(ctx: Context, draft: Draft) -> Reply:
    if draft.text:  # written behind the command
        return await go_on(ctx, draft, "what", *answers.hint(ctx, draft, draft.text))
    return await ask(ctx, draft, ORDER[0])


@router.choice("concern.ask")
@with_draft
async def ask_again(ctx: Context, draft: Draft) -> Reply:
    return await ask(ctx, draft, "".join(ctx.choice))


@router.choice("concern.skip")
@with_draft
async def skip(ctx: Context, draft: Draft) -> Reply:
    name = "".join(ctx.choice)
    return await go_on(ctx, draft, name if name in ORDER[:-1] else ORDER[0])


@router.choice("concern.leave")
async def leave(ctx: Context) -> Reply:
    """Ends the talk as well: what is typed next is for nobody's eyes but an ordinary answer."""
    had_draft = ctx.services.drafts.of(ctx.message.address) is not None
    if not had_draft:
        return lost(ctx)
    ctx.services.drafts.finish(ctx.message.address)
    return Reply(
        [
            _("Your concern was not sent. I deleted your draft."),
            safety.EMERGENCY,
            safety.report(ctx.services.directory.force.report_url),
        ],
        (buttons.CONCERN, buttons.HIDE, buttons.HELP),
    )


def _closed(ctx: Context) -> Reply:
    return Reply(
        [
            _("Sending a concern from here is not open yet. Nothing was sent."),
            safety.EMERGENCY,
            safety.report(ctx.services.directory.force.report_url),
            safety.ANONYMOUS,
        ],
        (buttons.HELP,),
    )
