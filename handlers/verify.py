"""/verify: did this service send that post?"""

import re
import unicodedata

from bot.conversation import Context, Reply, Router
from bot.text import Text, _
from handlers import buttons

router = Router()

_POST_ID = re.compile(r"P-?[23456789ABCDEFGHJKMNPQRSTUVWXYZ]{6}")


@router.command("verify", menu=_("Check a message from us"))
async def verify(ctx: Context) -> Reply:
    return _answer(ctx, ctx.args)


@router.answer("verify.id")
async def receive_id(ctx: Context) -> Reply:
    return _answer(ctx, ctx.message.text)


def _answer(ctx: Context, typed: str) -> Reply:
    if _POST_ID.fullmatch(unicodedata.normalize("NFKC", typed).strip().upper()):
        # Nothing can be sent to many yet, so there is no post that it could be.
        return Reply([_("No post with that id was sent by this service."), _unsure(ctx)], _WAYS_ON)
    shape = _(
        "Every post of ours has an id: P, a hyphen, then six letters or digits, such as P-7KX3QD. "
        "Please type the id."
    )
    return Reply([shape, _unsure(ctx)], _WAYS_ON, expects="verify.id")


def _unsure(ctx: Context) -> Text:
    # Translators: {number} is the number of the police for what is not an emergency, 101.
    return _(
        "If a message says it is from the police and you are not sure, call {number}.",
        number=ctx.services.directory.line("non_emergency").number,
    )


_WAYS_ON = (buttons.PLACES, buttons.HELP)
