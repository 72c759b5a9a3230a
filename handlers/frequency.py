"""/frequency: how often the news of a place comes, at which hour, and how much on one day."""

from collections.abc import Mapping
from datetime import time

from bot.conversation import Button, Context, Reply, Router
from bot.model import Frequency, Place
from bot.text import Text, _, _n, _p
from handlers import buttons
from handlers.alerts import alerts_button
from handlers.place_choice import heading, place_for

router = Router()

_HOURS = (8, 12, 18, 20)
_CAPS = (3, 5, 10)

_TOLD: Mapping[Frequency, Text] = {
    Frequency.AT_ONCE: _("News comes as it happens, one message for each piece of news."),
    Frequency.DAILY: _("News comes once a day: at most one message a day."),
    Frequency.WEEKLY: _("News comes once a week, on Friday: at most one message a week."),
}
_LABELS: Mapping[Frequency, Text] = {
    # Translators: A button: each piece of news is sent when it is new. Max 30
    Frequency.AT_ONCE: _p("button", "As it happens"),
    # Translators: A button: all news of a day comes in one message. Max 30
    Frequency.DAILY: _p("button", "Once a day"),
    # Translators: A button: all news of a week comes in one message. Max 30
    Frequency.WEEKLY: _p("button", "Once a week"),
}


@router.command(_p("command", "frequency"), menu=_("Choose how often news comes"))
@router.choice("frequency")
async def show(ctx: Context) -> Reply:
    place = await place_for(ctx, "frequency", *ctx.choice)
    return place if isinstance(place, Reply) else await _screen(ctx, place)


@router.choice("often")
async def receive(ctx: Context) -> Reply:
    number, *area = ctx.choice or ("",)
    frequency = {str(int(each)): each for each in Frequency}.get(number)
    if frequency is not None:
        await ctx.services.preferences.choose(ctx.resident, ":".join(area), frequency=frequency)
    place = await place_for(ctx, "frequency", *area)
    return place if isinstance(place, Reply) else await _screen(ctx, place)


@router.choice("frequency.hour")
async def show_hours(ctx: Context) -> Reply:
    if ctx.choice:
        return await _set_hour(ctx, ":".join(ctx.choice))
    chosen = await ctx.services.preferences.of(ctx.resident)
    return _ask_hour(
        # Translators: {time} is a time of day, "18:00".
        _("Daily and weekly news comes at {time}.", time=time(chosen.digest_hour)),
        # Translators: Keep 6pm in the form that your readers would type.
        _("Choose an hour, or type one, such as 6pm."),
    )


@router.answer("frequency.hour")
async def receive_hour(ctx: Context) -> Reply:
    return await _set_hour(ctx, ctx.message.text)


@router.choice("frequency.cap")
async def show_caps(ctx: Context) -> Reply:
    if ctx.choice:
        return await _set_cap(ctx, "".join(ctx.choice))
    chosen = await ctx.services.preferences.of(ctx.resident)
    return _ask_cap(_capped(chosen.daily_cap), _("How many messages a day are enough?"))


@router.answer("frequency.cap")
async def receive_cap(ctx: Context) -> Reply:
    return await _set_cap(ctx, ctx.message.text)


def frequency_button(place: Place) -> Button:
    # Translators: A button that opens the choice of how often news comes. Max 30
    return Button(_p("button", "How often"), f"frequency:{place.area.id}")


def told(place: Place) -> tuple[Text, Text]:
    """How often news comes, and roughly how many messages that brings."""
    return (
        _TOLD[place.frequency],
        _("I cannot say how much news there will be: that is up to your team."),
    )


async def _screen(ctx: Context, place: Place) -> Reply:
    chosen = await ctx.services.preferences.of(ctx.resident)
    present, unknown = told(place)
    text = [
        heading(place),
        present,
        # Translators: Compares the three buttons "As it happens", "Once a day", "Once a week".
        _(
            "As it happens brings one message for each piece of news. Once a day brings at most 7 "
            "messages a week, and once a week brings 1, on Friday."
        ),
        unknown,
    ]
    if place.frequency is not Frequency.AT_ONCE:
        # Translators: {time} is a time of day, "18:00".
        text.append(_("Daily and weekly news comes at {time}.", time=time(chosen.digest_hour)))
    # Translators: {time} is a time of day, "18:00".
    advice = _(
        "Advice comes at most once a week, on Friday at {time}.", time=time(chosen.digest_hour)
    )
    return Reply(
        [*text, advice, _capped(chosen.daily_cap)],
        (
            *(Button(_LABELS[each], f"often:{int(each)}:{place.area.id}") for each in Frequency),
            # Translators: A button that opens the choice of the hour of daily news. Max 30
            Button(_p("button", "Change the hour"), "frequency.hour"),
            # Translators: A button that opens the choice of how many messages a day. Max 30
            Button(_p("button", "Messages a day"), "frequency.cap"),
            alerts_button(place),
            buttons.back(f"place:{place.area.id}"),
        ),
        expects="choose",
    )


def _capped(messages: int) -> Text:
    # Translators: {count} is a number of messages, such as 5.
    return _n(
        "You get at most {count} message a day in all. Urgent alerts come as well.",
        "You get at most {count} messages a day in all. Urgent alerts come as well.",
        messages,
    )


async def _set_hour(ctx: Context, words: str) -> Reply:
    hour = await ctx.services.preferences.gather_at(ctx.resident, words)
    if hour is None:
        return _ask_hour(_("Please type a full hour, such as 6pm or 18:00."))
    # Translators: {time} is a time of day, "18:00".
    return _done(_("Daily and weekly news now comes at {time}.", time=time(hour)))


async def _set_cap(ctx: Context, words: str) -> Reply:
    messages = await ctx.services.preferences.limit(ctx.resident, words)
    if messages is None:
        return _ask_cap(_("Please type a number from 1 to 20."))
    return _done(_capped(messages))


def _ask_hour(*text: Text) -> Reply:
    return Reply(
        text,
        (
            *(
                # Translators: A button with a time of day, "18:00". Max 30
                Button(_p("button", "{time}", time=time(hour)), f"frequency.hour:{hour}:00")
                for hour in _HOURS
            ),
            buttons.back("frequency"),
        ),
        expects="frequency.hour",
    )


def _ask_cap(*text: Text) -> Reply:
    return Reply(
        text,
        (
            *(
                # Translators: A button with a number of messages a day, "5". Max 30
                Button(_p("button", "{number}", number=cap), f"frequency.cap:{cap}")
                for cap in _CAPS
            ),
            buttons.back("frequency"),
        ),
        expects="frequency.cap",
    )


def _done(text: Text) -> Reply:
    return Reply(text, (buttons.back("frequency"), buttons.PLACES, buttons.HELP), expects="choose")
