"""/mydata: everything kept of this chat, at once, as a file."""

from bot.conversation import Context, Reply, Router
from bot.text import _, _p
from handlers import buttons

router = Router()


@router.command(_p("command", "mydata"), menu=_("Get a copy of your data"))
@router.choice("mydata")
async def give(ctx: Context) -> Reply:
    return Reply(
        [
            _(
                "Here is everything I hold about this chat, as a file. The words in it are in "
                "English."
            ),
            _("It lists the news and alerts that I sent you in the last 90 days."),
            _("It holds no concerns, because I keep nothing that says who sent one."),
        ],
        (buttons.PRIVACY, buttons.FORGET, buttons.HIDE, buttons.HELP),
        file=await ctx.services.records.of(ctx.resident),
    )
