"""/hide: take back what can be taken back of the recent talk. Its words give nothing away."""

from bot.conversation import Context, Reply, Router
from bot.text import Text, _, _p
from handlers import buttons

router = Router()


@router.command(_p("command", "hide"), menu=_("Clear the recent messages"))
@router.choice("hide")
async def hide(ctx: Context) -> Reply:
    return Reply([_("Done."), still_there(ctx)], (buttons.HELP,), hide=True)


def still_there(ctx: Context) -> Text:
    """What may be left on the person's screen, and how they remove it themselves."""
    if ctx.resident.channel == "web":
        return _(
            "This page is empty now, and nothing of it is kept. Your browser may still list it: "
            "remove this page from its history."
        )
    return _(
        "Messages older than 48 hours may still be here, and some from before my last restart. To "
        "remove everything, open the menu of this chat and delete the chat."
    )
