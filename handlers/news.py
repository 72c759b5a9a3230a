"""The news that reached this chat lately, opened from a digest that could not hold it all."""

from bot import bulletin
from bot.conversation import Context, Reply, Router
from bot.text import Text, _
from handlers import buttons

router = Router()

PAGE = 5
_LONGEST_CODE = 20
_NO_MORE = _("There is no more news.")


@router.choice("news")
async def show(ctx: Context) -> Reply:
    return await _page(ctx, as_written=False)


@router.choice("news.written")
async def show_as_written(ctx: Context) -> Reply:
    """The same without a computer's translations."""
    return await _page(ctx, as_written=True)


@router.choice("original")
async def show_original(ctx: Context) -> Reply:
    """One post as it was written."""
    code = "".join(ctx.choice)[:_LONGEST_CODE]
    post = await ctx.services.posts.find(code)
    if post is None or post.cancelled_at is not None:
        gone = _("It was cancelled. Please do not rely on it.") if post else _NO_MORE
        return Reply(gone, (buttons.PLACES, buttons.HELP))
    newest = await ctx.services.posts.newest(post)
    said = bulletin.alone(post, newest.variants[0], ctx.services.directory.force.name)
    return Reply(said.paragraphs, (buttons.PLACES, buttons.HELP))


async def _page(ctx: Context, *, as_written: bool) -> Reply:
    received = await ctx.services.posts.received(ctx.resident, as_written=as_written)
    words = ctx.choice[0] if ctx.choice else "0"
    start = int(words) if words.isdecimal() and len(words) < 4 else 0
    page = received[::-1][start : start + PAGE]
    if not page:
        return Reply(_NO_MORE, (buttons.PLACES, buttons.HELP))
    force = ctx.services.directory.force.name
    text: list[Text] = []
    for post, words_of_it in page:
        text += bulletin.alone(post, words_of_it, force).paragraphs
        if words_of_it.picture is not None:
            text.append(bulletin.told(words_of_it.picture.alt))
    ways_on = []
    if len(received) > start + PAGE:
        ways_on.append(bulletin.more(start + PAGE, as_written=as_written))
    if any(said.by_machine for _post, said in page):
        ways_on.append(bulletin.show_news_as_written(start))
    return Reply(text, (*ways_on, buttons.PLACES, buttons.HELP))
