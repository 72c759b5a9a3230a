"""Where it is: a postcode, a point, an area, or a place in words."""

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import Button, Context, Reply, Router
from bot.model import Area, Draft, Found, Ground, Point
from bot.text import Text, _, _p
from handlers import area_list
from handlers.concern.steps import ask, asks, go_on, question, with_draft

router = Router(private=True)

_LONGEST_PLACE = 300
_CHOOSING = area_list.Purpose(
    "concern", "concern.ask:where", _("Where is it?"), _("Which of these areas do you mean?")
)
# Translators: A button that sends the place on the map as it is, not rounded. Max 30
_EXACT = Button(_p("button", "Send the exact point"), "concern.exact")


@asks("where")
async def ask_where(ctx: Context, draft: Draft) -> Reply:
    return question(
        "where",
        draft,
        [
            _(
                "<b>Where is it?</b> Send a postcode, the name of the area, a place in words, or a "
                "point on the map."
            ),
            _(
                "I use a postcode to find the area, then I forget it. I round a point to about 100 "
                "metres, unless you choose the exact one."
            ),
        ],
        await _areas(ctx),
        asks_where=True,
    )


@asks("area")
async def ask_area(ctx: Context, draft: Draft) -> Reply:
    """After a place in words: everything else says which area it is in."""
    text = _("<b>Which area is that in?</b> It tells me which team to send it to.")
    return question(
        "where", draft, [text], await _areas(ctx), expects="concern.area", asks_where=True
    )


@router.answer("concern.where")
@with_draft
async def receive_where(ctx: Context, draft: Draft) -> Reply:
    if ctx.message.point is not None:
        draft.where = ""
        return await _receive_point(ctx, draft, ctx.message.point)
    words = ctx.message.text.strip()
    if (known := await _area_of(ctx, draft, words)) is not None:
        return known
    draft.where, draft.area, draft.exact = words[:_LONGEST_PLACE], None, None
    return await ask(ctx, draft, "area")


@router.answer("concern.area")
@with_draft
async def receive_area_words(ctx: Context, draft: Draft) -> Reply:
    if ctx.message.point is not None:
        return await _receive_point(ctx, draft, ctx.message.point)
    known = await _area_of(ctx, draft, ctx.message.text.strip())
    return known or await ask(
        ctx, draft, "area", _("I do not know that area. Please choose it from a list, or skip.")
    )


@router.choice("concern.area")
@with_draft
async def choose_area(ctx: Context, draft: Draft) -> Reply:
    area = await ctx.services.places.area(":".join(ctx.choice))
    if area is None:
        return await ask(ctx, draft, "where", _("That area is no longer on the map."))
    return await _settled(ctx, draft, area)


@router.choice("concern.list")
@with_draft
async def choose_from_list(ctx: Context, _draft: Draft) -> Reply:
    return await area_list.show(ctx, _CHOOSING)


@router.choice("concern.exact")
@with_draft
async def send_exact(ctx: Context, draft: Draft) -> Reply:
    if draft.exact is None:
        return await ask(ctx, draft, "where")
    draft.wants_exact = True
    return await go_on(ctx, draft, "where", _("I will send the exact point."))


async def _receive_point(ctx: Context, draft: Draft, point: Point) -> Reply:
    found = await ctx.services.places.find_point(point)
    if found.area is None:
        return await _elsewhere(ctx, draft, found)
    draft.exact, draft.wants_exact = point, False
    rounded = _("I rounded your point to about 100 metres.")
    reply = await _settled(ctx, draft, found.area, rounded)
    return replace(reply, buttons=(_EXACT, *reply.buttons))


async def _area_of(ctx: Context, draft: Draft, words: str) -> Reply | None:
    """What follows where words name an area or hold a postcode; None for any other words."""
    found = await ctx.services.places.find(words)
    if found.area is not None:
        rest = ctx.services.places.without_postcode(words)
        draft.where, draft.exact = rest[:_LONGEST_PLACE], None
        return await _settled(ctx, draft, found.area)
    if found.ground is not Ground.NOT_A_POSTCODE:
        return await _elsewhere(ctx, draft, found)
    named = await ctx.services.places.named(words)
    districts = await ctx.services.places.districts_named(words)
    if len(named) == 1 and not districts:
        return await _settled(ctx, draft, named[0])
    if named or districts:
        return area_list.ask_which(named, districts, _CHOOSING)
    return None


async def _settled(ctx: Context, draft: Draft, area: Area, *first: Text) -> Reply:
    draft.area = area
    # Translators: {area} is the name of an area, such as "Abbey (Reading)".
    found = _("That is in {area}.", area=area.label)
    return await go_on(ctx, draft, "where", found, *first)


async def _elsewhere(ctx: Context, draft: Draft, found: Found) -> Reply:
    force = ctx.services.directory.force.name
    if found.ground is Ground.UNKNOWN:
        # Translators: {force} is a police force, "Thames Valley Police".
        text = _(
            "I do not know that postcode in the area of {force}. Please check it, or describe the "
            "place in words.",
            force=force,
        )
    else:
        # Translators: {force} is a police force, "Thames Valley Police". {url} is the address of
        # the page of police.uk that finds your police.
        text = _(
            "That is outside the area of {force}, so I cannot pass it on there. Your own police "
            'force is at <a href="{url}">www.police.uk</a>.',
            force=force,
            url=ctx.services.directory.find_force_url,
        )
    return await ask(ctx, draft, "where", text)


async def _areas(ctx: Context) -> Sequence[Button]:
    """The areas that the resident follows, and the list of all."""
    followed = await ctx.services.places.of(ctx.resident)
    return (
        *(_CHOOSING.button(place.area.label, place.area) for place in followed),
        _CHOOSING.opening,
    )
