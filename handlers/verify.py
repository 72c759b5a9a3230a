"""/verify: did this service send that post?"""

import re
import unicodedata

from bot import bulletin
from bot.conversation import Context, Reply, Router
from bot.model import Post
from bot.text import Text, _, _p
from handlers import buttons

router = Router()

_POST_ID = re.compile(r"P-?([23456789ABCDEFGHJKMNPQRSTUVWXYZ]{6})")


@router.command(_p("command", "verify"), menu=_("Check a message from us"))
async def verify(ctx: Context) -> Reply:
    return await _answer(ctx, ctx.args)


@router.answer("verify.id")
async def receive_id(ctx: Context) -> Reply:
    return await _answer(ctx, ctx.message.text)


async def _answer(ctx: Context, typed: str) -> Reply:
    if found := _POST_ID.fullmatch(unicodedata.normalize("NFKC", typed).strip().upper()):
        post = await ctx.services.posts.find(f"P-{found[1]}")
        if post is not None:
            return _sent(ctx, post)
        return Reply([_("No post with that id was sent by this service."), _unsure(ctx)], _WAYS_ON)
    shape = _(
        "Every post of ours has an id: P, a hyphen, then six letters or digits, such as P-7KX3QD. "
        "Please type the id."
    )
    return Reply([shape, _unsure(ctx)], _WAYS_ON, expects="verify.id")


def _sent(ctx: Context, post: Post) -> Reply:
    # Translators: {id} is the number of a message, P-7KX3QD; {time} a day and time.
    sent = _("{id} was sent by this service on {time}.", id=post.code, time=post.send_at or "")
    text = [sent]
    if post.cancelled_at is not None:
        text.append(_("It was cancelled. Please do not rely on it."))
    elif post.corrected_by is not None:
        text.append(_("It was wrong and has been corrected."))
    elif not post.live:
        text.append(_("It is over."))
    text.append(_("This is what it said:"))
    words = post.words(ctx.language)
    said = bulletin.alone(post, words, ctx.services.directory.force.name)
    picture = [bulletin.told(words.picture.alt)] if words.picture else []
    return Reply([*text, *said.paragraphs, *picture], (*said.buttons, *_WAYS_ON))


def _unsure(ctx: Context) -> Text:
    # Translators: {number} is the number of the police for what is not an emergency, 101.
    return _(
        "If a message says it is from the police and you are not sure, call {number}.",
        number=ctx.services.directory.line("non_emergency").number,
    )


_WAYS_ON = (buttons.PLACES, buttons.HELP)
