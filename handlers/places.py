"""/places: the areas a resident follows, and leaving one of them."""

from bot.conversation import Button, Context, Reply, Router
from bot.model import Place
from bot.text import Text, _, _p
from handlers import buttons

router = Router()


@router.command("places", menu=_("See the areas you follow"))
@router.choice("places")
async def show(ctx: Context) -> Reply:
    places = await ctx.services.places.of(ctx.resident)
    if not places:
        return Reply(_("You do not follow any area yet."), (buttons.FOLLOW, buttons.HELP))
    for place in places:
        if place.was is not None:
            return _changed(place, place.was)
    text = [
        # Translators: {areas} is a list of area names, "Abbey (Reading) and Headington".
        _("You follow {areas}.", areas=[place.area.label for place in places])
    ]
    if any(place.area.standin for place in places):
        text.append(
            _("Electoral wards stand in for police neighbourhoods until the force's map is loaded.")
        )
    leave = [
        # Translators: A button. {area} is the name of an area, such as "Abbey (Reading)".
        Button(_p("button", "Stop following {area}", area=place.area.label), _leave(place))
        for place in places
    ]
    return Reply(text, (*leave, buttons.FOLLOW, buttons.HELP))


@router.choice("places.leave")
async def leave(ctx: Context) -> Reply:
    area = await ctx.services.places.leave(ctx.resident, ":".join(ctx.choice))
    if area is None:
        return await show(ctx)
    return Reply(
        # Translators: {area} is the name of an area, such as "Abbey (Reading)".
        _("You no longer follow {area}.", area=area.label),
        (
            # Translators: A button that takes back what was just done. Max 30
            Button(_p("button", "Undo"), f"follow.area:{area.id}"),
            buttons.PLACES,
            buttons.FOLLOW,
            buttons.HELP,
        ),
    )


@router.choice("places.settle")
async def settle(ctx: Context) -> Reply:
    await ctx.services.places.settle(ctx.resident, ":".join(ctx.choice))
    return await show(ctx)


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
        ),
    )


def _leave(place: Place) -> str:
    return f"places.leave:{place.area.id}"
