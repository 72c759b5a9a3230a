"""/alerts: which alerts of a place come, from all of them to the urgent ones only."""

from collections.abc import Mapping

from bot.conversation import Button, Context, Reply, Router
from bot.model import Level, Place
from bot.text import Text, _, _p
from handlers import buttons
from handlers.place_choice import heading, place_for

router = Router()

# There is no "none": an urgent alert is about danger close by. Who wants none can stop following.
_TOLD: Mapping[Level, Text] = {
    Level.ROUTINE: _("You get all alerts."),
    Level.IMPORTANT: _("You get important and urgent alerts."),
    Level.URGENT: _("You get urgent alerts only."),
}
_LABELS: Mapping[Level, Text] = {
    # Translators: A button: alerts of every level come. Max 30
    Level.ROUTINE: _p("button", "All alerts"),
    # Translators: A button: alerts of the two higher levels come. Max 30
    Level.IMPORTANT: _p("button", "Important and urgent"),
    # Translators: A button: alerts of the highest level alone come. Max 30
    Level.URGENT: _p("button", "Urgent only"),
}


@router.command(_p("command", "alerts"), menu=_("Choose which alerts come"))
@router.choice("alerts")
async def show(ctx: Context) -> Reply:
    place = await place_for(ctx, "alerts", *ctx.choice)
    return place if isinstance(place, Reply) else _screen(place)


@router.choice("alerts.set")
async def receive(ctx: Context) -> Reply:
    number, *area = ctx.choice or ("",)
    lowest = {str(int(level)): level for level in Level}.get(number)
    if lowest is not None:
        await ctx.services.preferences.choose(ctx.resident, ":".join(area), alerts=lowest)
    place = await place_for(ctx, "alerts", *area)
    return place if isinstance(place, Reply) else _screen(place)


def alerts_button(place: Place) -> Button:
    # Translators: A button that opens the choice of alerts of one area. Max 30
    return Button(_p("button", "Alerts"), f"alerts:{place.area.id}")


def told(place: Place) -> Text:
    """Which alerts come."""
    return _TOLD[place.alerts]


def _screen(place: Place) -> Reply:
    return Reply(
        [
            heading(place),
            told(place),
            _("Alerts come at once, however often you get news."),
            _("In quiet hours and in a pause, only urgent alerts come. They always do."),
        ],
        (
            *(
                Button(_LABELS[level], f"alerts.set:{int(level)}:{place.area.id}")
                for level in Level
            ),
            buttons.back(f"place:{place.area.id}"),
        ),
        expects="choose",
    )
