"""/forget: erase everything kept of this chat, after one question."""

from bot.conversation import Button, Context, Reply, Router
from bot.text import Text, _, _p
from handlers import buttons
from handlers.hide import still_there

router = Router()

# Translators: A button that erases all we hold of a person; they may type it too. One verb. Max 30
_ERASE = Button(_p("button", "Erase"), "forget.now")
# Translators: A button that leaves everything as it was. Max 30
_KEEP = Button(_p("button", "Keep my data"), "forget.keep")


@router.command(_p("command", "forget"), menu=_("Erase your data"))
@router.choice("forget")
async def ask(_ctx: Context) -> Reply:
    return _question(
        _(
            "This erases everything I hold about this chat: your areas, settings and language, "
            "and where our talk stands. No more messages will come."
        ),
        _("It also clears the recent messages here, where I can. You cannot undo it."),
    )


@router.answer("forget.confirm")
async def ask_again(_ctx: Context) -> Reply:
    return _question(_("Nothing was erased."))


@router.choice("forget.keep")
async def keep(_ctx: Context) -> Reply:
    return Reply(_("Nothing was erased."), (buttons.PRIVACY, buttons.PLACES, buttons.HELP))


@router.choice("forget.now")
async def forget(ctx: Context) -> Reply:
    """Also for one who is unknown by now: a press that comes again is answered the same."""
    await ctx.services.residents.forget(ctx.message.address)
    await ctx.services.push_links.forget(ctx.message.address)
    return Reply(
        [
            _("Done. I erased everything I held about this chat."),
            _(
                "One code stays for 15 days, so that no safety copy brings you back. If you write "
                "again, I will not know you."
            ),
            still_there(ctx),
        ],
        (buttons.HELP,),
        hide=True,
    )


def _question(*text: Text) -> Reply:
    # Translators: {word} is the label of the button "Erase".
    how = _("To go on, press {word} or type it.", word=_ERASE.label)
    return Reply([*text, how], (_ERASE, _KEEP), expects="forget.confirm")
