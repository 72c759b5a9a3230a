"""/stop: no more messages, in one step, from anywhere."""

from bot.conversation import Context, Reply, Router
from bot.text import _, _p
from handlers import buttons

router = Router()


@router.command(_p("command", "stop"), menu=_("Stop all messages"))
@router.choice("stop")
async def stop(ctx: Context) -> Reply:
    await ctx.services.residents.stop(ctx.resident)
    await ctx.services.push_links.forget(ctx.message.address)
    return Reply(
        _(
            "Stopped. I will send you no more messages, and you follow no area. What is left of "
            "your record is erased after 30 days."
        ),
        (buttons.FOLLOW, buttons.HELP),
    )
