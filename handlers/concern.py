"""/concern: closed until concerns can be sealed and delivered; says so, and where to turn."""

from bot import safety
from bot.conversation import Context, Reply, Router
from bot.text import _
from handlers import buttons

router = Router()


@router.command("concern")
async def closed(ctx: Context) -> Reply:
    return Reply(
        [
            _("Sending a concern from here is not open yet. Nothing was sent."),
            safety.EMERGENCY,
            safety.report(ctx.services.directory.force.report_url),
            safety.ANONYMOUS,
        ],
        (buttons.HELP,),
    )
