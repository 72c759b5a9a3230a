"""/topics: what a resident hears of in a place, by the themes of the Police and Crime Plan."""

from dataclasses import replace

from bot.conversation import Button, Context, Reply, Router
from bot.model import ALL_TOPICS, SENSITIVE_TOPICS, Place, Topic
from bot.text import Text, _, _n, _p
from bot.topics import NAMES, THEMES, Theme
from handlers import buttons
from handlers.place_choice import heading, place_for

router = Router()

_BY_NUMBER = {str(number): topic for number, topic in enumerate(Topic)}
_NUMBER = {topic: number for number, topic in _BY_NUMBER.items()}
# Whom to turn to on the topics that start off: ids of lines in the directory of helplines.
_LINES = ("domestic_abuse", "sexual_abuse", "modern_slavery")


@router.command(_p("command", "topics"), menu=_("Choose your topics"))
@router.choice("topics")
async def show(ctx: Context) -> Reply:
    place = await place_for(ctx, "topics", *ctx.choice)
    return place if isinstance(place, Reply) else _overview(place)


@router.choice("topics.all")
async def turn_all_on(ctx: Context) -> Reply:
    return await _turn_everything(ctx, on=True)


@router.choice("topics.none")
async def turn_all_off(ctx: Context) -> Reply:
    return await _turn_everything(ctx, on=False)


@router.choice("topics.in")
async def show_theme(ctx: Context) -> Reply:
    number, *area = ctx.choice or ("",)
    theme = {str(number): theme for number, theme in enumerate(THEMES)}.get(number)
    place = await place_for(ctx, "topics", *area)
    if isinstance(place, Reply):
        return place
    return _overview(place) if theme is None else _within(ctx, place, theme)


@router.choice("topics.on")
async def turn_on(ctx: Context) -> Reply:
    return await _turn_one(ctx, on=True)


@router.choice("topics.off")
async def turn_off(ctx: Context) -> Reply:
    return await _turn_one(ctx, on=False)


def topics_button(place: Place) -> Button:
    # Translators: A button that opens the choice of topics of one area. Max 30
    return Button(_p("button", "Topics"), f"topics:{place.area.id}")


def told(place: Place) -> Text:
    """How many topics are on, in one neutral line."""
    # Translators: {on} is how many topics a person gets, {count} how many there are: 13 and 16.
    return _n(
        "{on} of {count} topic is on.",
        "{on} of {count} topics are on.",
        len(Topic),
        on=place.topics.bit_count(),
    )


async def _turn_everything(ctx: Context, *, on: bool) -> Reply:
    area = ":".join(ctx.choice)
    changed = await ctx.services.preferences.turn(ctx.resident, area, ALL_TOPICS, on=on)
    return replace(await show(ctx), replace=changed)


async def _turn_one(ctx: Context, *, on: bool) -> Reply:
    """Buttons say which way, so that a stale one, or one pressed twice, does what it says.

    A screen that would look the same is not redrawn but sent again, or nothing would be seen.
    """
    number, *area = ctx.choice or ("",)
    topic = _BY_NUMBER.get(number)
    changed = topic is not None and await ctx.services.preferences.turn(
        ctx.resident, ":".join(area), topic, on=on
    )
    place = await place_for(ctx, "topics", *area)
    if isinstance(place, Reply):
        return place
    theme = next((theme for theme in THEMES if topic in theme.topics), None)
    screen = _overview(place) if theme is None else _within(ctx, place, theme)
    return replace(screen, replace=changed)


def _overview(place: Place) -> Reply:
    return Reply(
        [heading(place), told(place), _("Open a theme to turn its topics on or off.")],
        (
            *(
                Button(theme.name, f"topics.in:{number}:{place.area.id}")
                for number, theme in enumerate(THEMES)
            ),
            # Translators: A button that turns all topics of news on. Max 30
            Button(_p("button", "All on"), f"topics.all:{place.area.id}"),
            # Translators: A button that turns all topics of news off. Max 30
            Button(_p("button", "All off"), f"topics.none:{place.area.id}"),
            buttons.back(f"place:{place.area.id}"),
        ),
        expects="choose",
    )


def _within(ctx: Context, place: Place, theme: Theme) -> Reply:
    text = [heading(place), told(place), _("Press a topic to turn it on or off.")]
    if any(topic in SENSITIVE_TOPICS for topic in theme.topics):
        text += _signposts(ctx)
    return Reply(
        text,
        (
            *(_switch(place, topic) for topic in theme.topics),
            buttons.back(f"topics:{place.area.id}"),
        ),
        expects="choose",
    )


def _switch(place: Place, topic: Topic) -> Button:
    if topic in place.topics:
        return Button(
            # Translators: A button that turns a topic off. {topic} is its name, "Road safety".
            # Max 30 with the longest name.
            _p("button", "{topic}: on", topic=NAMES[topic]),
            f"topics.off:{_NUMBER[topic]}:{place.area.id}",
        )
    return Button(
        # Translators: A button that turns a topic on. {topic} is its name, "Road safety". Max 30
        # with the longest name.
        _p("button", "{topic}: off", topic=NAMES[topic]),
        f"topics.on:{_NUMBER[topic]}:{place.area.id}",
    )


def _signposts(ctx: Context) -> list[Text]:
    """For the topics that may touch a reader themselves: why they start off, and who listens."""
    lines = (ctx.services.directory.line(id) for id in _LINES)
    return [
        _("Some topics here stay off until you turn them on."),
        # Translators: {lines} is a list of helplines with their numbers.
        _(
            "If you want to talk to someone, you can call {lines}.",
            lines=[
                # Translators: One helpline in a list. {line} is its name and {number} its number:
                # "Childline (0800 1111)".
                _p("helpline", "{line} ({number})", line=line.name, number=line.number)
                for line in lines
            ],
        ),
    ]
