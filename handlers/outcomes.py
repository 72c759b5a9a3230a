"""/outcomes: what residents of an area raised, what was done about it, and what is still open."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot import bulletin
from bot.conversation import Button, Context, Reply, Router
from bot.model import AreaOutcomes, LocalPriority, Place, Posted
from bot.text import Text, _, _p, written
from handlers import buttons
from handlers.place_choice import place_for

router = Router()

PAGE = 3


@router.command(_p("command", "outcomes"), menu=_("See what was done in your area"))
@router.choice("outcomes")
async def show(ctx: Context) -> Reply:
    return await _show(ctx, 0, *ctx.choice)


@router.choice("outcomes.more")
async def go_on(ctx: Context) -> Reply:
    start, *area = ctx.choice or ("0",)
    return await _show(ctx, int(start) if start.isdecimal() and len(start) < 4 else 0, *area)


async def _show(ctx: Context, start: int, *area: str) -> Reply:
    place = await place_for(ctx, "outcomes", *area)
    if isinstance(place, Reply):
        return place
    found = await ctx.services.outcomes.of(place.area.id)
    items = [] if found is None else _items(found)
    page = items[start : start + PAGE]
    if found is None or not page:
        return _nothing(place, more=bool(items))
    # Translators: Stands above a list. {area} is the name of an area, such as "Abbey (Reading)".
    heading = _("<b>What was done in {area}</b>", area=place.area.label)
    more = (_more(place, start + PAGE),) if len(items) > start + PAGE else ()
    return Reply(
        [
            heading,
            *bulletin.late(found),
            *(text for item in page for text in item),
            *_licences(found),
        ],
        (*more, buttons.EVENTS, buttons.TEAM, buttons.PLACES, buttons.HELP),
    )


def _items(found: AreaOutcomes) -> list[Sequence[Text]]:
    """What is shown of an area, each as its paragraphs; what was done comes first."""
    return [
        *(tuple(_priority(each)) for each in found.done),
        *(tuple(_result(each)) for each in found.results),
        *(tuple(_priority(each)) for each in found.open),
    ]


def _priority(priority: LocalPriority) -> Iterator[Text]:
    yield from bulletin.answer(priority.said, priority.did, priority.language)
    source = bulletin.source(replace(priority.origin, licence="", published=None))
    yield Text("<i>{stages} {source}</i>", {"stages": bulletin.stages(priority), "source": source})


def _result(posted: Posted) -> Iterator[Text]:
    # Translators: Stands above a result of a court, or other news of what was done. {title} is the
    # heading of the news.
    words = posted.words
    yield _("<b>Result:</b> {title}", title=written(words.title, words.language))
    yield written(words.body, words.language)
    if posted.post.origin:
        source = bulletin.source(replace(posted.post.origin, licence=""))
        yield Text("<i>{source}</i>", {"source": source})


def _licences(found: AreaOutcomes) -> list[Text]:
    """Each licence once, since a list would repeat them at every item."""
    origins = [
        *(each.origin for each in (*found.done, *found.open)),
        *(each.post.origin for each in found.results if each.post.origin),
    ]
    licences = dict.fromkeys(origin.licence for origin in origins if origin.licence)
    return [Text("{licence}", {"licence": each}) for each in licences]


def _nothing(place: Place, *, more: bool) -> Reply:
    if more:
        text = _("There is no more to show.")
    else:
        # Translators: {area} is the name of an area, such as "Abbey (Reading)".
        text = _("Nothing has been published for {area} so far.", area=place.area.label)
    return Reply(text, (buttons.EVENTS, buttons.TEAM, buttons.PLACES, buttons.HELP))


def _more(place: Place, start: int) -> Button:
    # Translators: A button that shows the next part of a list. Max 30
    return Button(_p("button", "Show more"), f"outcomes.more:{start}:{place.area.id}")
