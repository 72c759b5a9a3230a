"""Which of the places a setting is for: the one on the button, the only one, or a question."""

from bot.conversation import Button, Context, Reply
from bot.model import Place
from bot.text import Text, _, _p
from handlers import buttons


async def place_for(ctx: Context, route: str, *area: str) -> Place | Reply:
    """The place whose area a button names, or the only one there is.

    Otherwise the question which one, whose buttons lead to ``route``.
    """
    places = await ctx.services.places.of(ctx.resident)
    if not places:
        return Reply(_("You do not follow any area yet."), (buttons.FOLLOW, buttons.HELP))
    named = [place for place in places if place.area.id == ":".join(area)]
    if named or len(places) == 1:
        return (named or places)[0]
    return Reply(
        _("Which area is this for?"),
        (*openings(places, route), buttons.back("places")),
        expects="choose",
    )


def openings(places: list[Place], route: str) -> list[Button]:
    """A button for each place, which leads to ``route`` for it."""
    return [
        # Translators: A button with the name of an area, "Abbey (Reading)".
        Button(_p("button", "{area}", area=place.area.label), f"{route}:{place.area.id}")
        for place in places
    ]


def heading(place: Place) -> Text:
    """The neutral first line of every screen about one place."""
    # Translators: The first line of a screen of settings. {area} is the name of an area, such as
    # "Abbey (Reading)".
    return _("These settings are for {area}.", area=place.area.label)
