"""The news that reached this chat lately, opened from a digest that could not hold it all."""

from bot import bulletin
from bot.conversation import Context, Reply, Router
from bot.text import Text, _
from handlers import buttons

router = Router()

PAGE = 5


@router.choice("news")
async def show(ctx: Context) -> Reply:
    received = await ctx.services.posts.received(ctx.resident)
    words = ctx.choice[0] if ctx.choice else "0"
    start = int(words) if words.isdecimal() and len(words) < 4 else 0
    page = received[::-1][start : start + PAGE]
    if not page:
        return Reply(_("There is no more news."), (buttons.PLACES, buttons.HELP))
    force = ctx.services.directory.force.name
    text: list[Text] = []
    for post, words_of_it in page:
        text += bulletin.alone(post, words_of_it, force).paragraphs
        if words_of_it.picture is not None:
            text.append(bulletin.told(words_of_it.picture.alt))
    more = (bulletin.more(start + PAGE),) if len(received) > start + PAGE else ()
    return Reply(text, (*more, buttons.PLACES, buttons.HELP))
