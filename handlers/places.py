"""/places: the areas a resident follows, what is set for each, and leaving one of them."""

import re
from collections.abc import Sequence

from bot.conversation import Button, Context, Reply, Router
from bot.model import Frequency, Level, Place, Topic
from bot.text import Text, _, _p
from handlers import alerts, buttons, frequency, topics
from handlers.follow import follow
from handlers.pause import paused
from handlers.place_choice import openings

router = Router()

_WAYS_ON = (buttons.QUIET, buttons.PAUSE, buttons.TEAM, buttons.FOLLOW)
_PACKED = re.compile(r"[0-9a-f]{1,4}[1-3][1-3]")  # topics, frequency and alerts of a place


@router.command(_p("command", "places"), menu=_("See the areas you follow"))
@router.choice("places")
async def show(ctx: Context) -> Reply:
    places = await ctx.services.places.of(ctx.resident)
    if not places:
        return Reply(_("You do not follow any area yet."), (buttons.FOLLOW, buttons.HELP))
    for place in places:
        if place.was is not None:
            return _changed(place, place.was)
    if len(places) == 1:
        return await _screen(ctx, places[0], _WAYS_ON)
    return Reply(
        [*_followed(places), *await paused(ctx)],
        (*openings(places, "place"), *_WAYS_ON, buttons.HELP),
        expects="choose",
    )


@router.choice("place")
async def show_one(ctx: Context) -> Reply:
    """A place's own screen; for one that is not followed, or the only one, the list itself."""
    places = await ctx.services.places.of(ctx.resident)
    place = _pressed(ctx, places)
    if place is None or len(places) == 1:
        return await show(ctx)
    return await _screen(ctx, place, (buttons.back("places"),))


@router.choice("places.leave")
async def leave(ctx: Context) -> Reply:
    places = await ctx.services.places.of(ctx.resident)
    place = _pressed(ctx, places)
    if place is None or await ctx.services.places.leave(ctx.resident, place.area.id) is None:
        return await show(ctx)
    return Reply(
        # Translators: {area} is the name of an area, such as "Abbey (Reading)".
        _("You no longer follow {area}.", area=place.area.label),
        (
            # Translators: A button that takes back what was just done. Max 30
            Button(_p("button", "Undo"), _undo(place)),
            buttons.PLACES,
            buttons.FOLLOW,
            buttons.HELP,
        ),
    )


@router.choice("undo")
async def follow_again(ctx: Context) -> Reply:
    """Follow a place again as it was set: nothing is kept of one that is left but this button."""
    packed, *rest = ctx.choice or ("",)
    area = await ctx.services.places.area(":".join(rest))
    if area is None or not _PACKED.fullmatch(packed):
        return await show(ctx)
    return await follow(
        ctx,
        area,
        topics=Topic(int(packed[:-2], 16)),
        frequency=Frequency(int(packed[-2])),
        alerts=Level(int(packed[-1])),
    )


@router.choice("places.settle")
async def settle(ctx: Context) -> Reply:
    await ctx.services.places.settle(ctx.resident, ":".join(ctx.choice))
    return await show(ctx)


def _pressed(ctx: Context, places: Sequence[Place]) -> Place | None:
    """The place whose area a button names, while it is still followed."""
    return next((place for place in places if place.area.id == ":".join(ctx.choice)), None)


def _changed(place: Place, was: str) -> Reply:
    """The force redrew its map: say what became of an area, and ask where two are as likely."""
    # Translators: {was} and {area} are names of areas, such as "Abbey (Reading)".
    text: list[Text] = [
        _("The force has redrawn its map. {was} is now {area}.", was=was, area=place.area.label)
    ]
    choices = [place.area]
    if place.other is not None:
        text.append(_("Part of it went to another area. Which of these is yours?"))
        choices.append(place.other)
    return Reply(
        text,
        (
            *(
                # Translators: A button that keeps an area. {area} is its name.
                Button(_p("button", "Follow {area}", area=area.label), f"places.settle:{area.id}")
                for area in choices
            ),
            Button(
                # Translators: A button. {area} is the name of an area, such as "Abbey (Reading)".
                _p("button", "Stop following {area}", area=place.area.label),
                _leave(place),
            ),
            buttons.HELP,
        ),
        expects="choose",
    )


async def _screen(ctx: Context, place: Place, ways_on: Sequence[Button]) -> Reply:
    return Reply(
        [
            *_followed([place]),
            topics.told(place),
            *frequency.told(place),
            alerts.told(place),
            *await paused(ctx),
        ],
        (
            topics.topics_button(place),
            frequency.frequency_button(place),
            alerts.alerts_button(place),
            # Translators: A button. {area} is the name of an area, such as "Abbey (Reading)".
            Button(_p("button", "Stop following {area}", area=place.area.label), _leave(place)),
            *ways_on,
            buttons.HELP,
        ),
        expects="choose",
    )


def _followed(places: Sequence[Place]) -> list[Text]:
    # Translators: {areas} is a list of area names, "Abbey (Reading) and Headington".
    text = [_("You follow {areas}.", areas=[place.area.label for place in places])]
    if any(place.area.standin for place in places):
        text.append(
            _("Electoral wards stand in for police neighbourhoods until the force's map is loaded.")
        )
    return text


def _undo(place: Place) -> str:
    packed = f"{int(place.topics):x}{int(place.frequency)}{int(place.alerts)}"
    return f"undo:{packed}:{place.area.id}"


def _leave(place: Place) -> str:
    return f"places.leave:{place.area.id}"
