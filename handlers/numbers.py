"""/numbers: what was recorded in an area in a month, and how the police plan is judged."""

from bot import figures
from bot.conversation import Button, Context, Reply, Router
from bot.measures import MEASURES, PLAN
from bot.model import Place, Topic
from bot.offences import AreaNumbers, category_name
from bot.text import Text, _, _p
from bot.topics import NAMES, THEMES, Theme
from handlers import buttons
from handlers.place_choice import place_for

router = Router()

_BY_NUMBER = {str(number): theme for number, theme in enumerate(THEMES)}


@router.command(_p("command", "numbers"), menu=_("See crime figures for your area"))
@router.choice("numbers")
async def show(ctx: Context) -> Reply:
    place = await place_for(ctx, "numbers", *ctx.choice)
    if isinstance(place, Reply):
        return place
    found = await ctx.services.numbers.of(place.area.id)
    ways_on = (_plan_button(place), buttons.TEAM, buttons.PLACES, buttons.HELP)
    if found is None:
        return Reply(_nothing(place), ways_on)
    return Reply(
        [Text("<b>{title}</b>", {"title": figures.title(found)}), *figures.full(found)],
        ways_on,
        picture=ctx.services.numbers.illustration(found),
    )


@router.choice("numbers.plan")
async def show_plan(ctx: Context) -> Reply:
    """The three themes of the plan, each on a button."""
    place = await place_for(ctx, "numbers.plan", *ctx.choice)
    if isinstance(place, Reply):
        return place
    return Reply(
        # Translators: {plan} is the title of the plan, "Police and Crime Plan 2024-2029".
        _(
            "The {plan} has fifteen priorities. For each it says how to tell whether it works. "
            "Choose a theme to see them.",
            plan=PLAN,
        ),
        (
            *(
                Button(theme.name, f"numbers.theme:{number}:{place.area.id}")
                for number, theme in _BY_NUMBER.items()
            ),
            buttons.back(f"numbers:{place.area.id}"),
        ),
        expects="choose",
    )


@router.choice("numbers.theme")
async def show_theme(ctx: Context) -> Reply:
    number, *area = ctx.choice or ("",)
    place = await place_for(ctx, "numbers.plan", *area)
    theme = _BY_NUMBER.get(number)
    if isinstance(place, Reply):
        return place
    if theme is None:
        return await show_plan(ctx)
    return await _theme(ctx, place, theme)


async def _theme(ctx: Context, place: Place, theme: Theme) -> Reply:
    found = await ctx.services.numbers.of(place.area.id)
    topics = [topic for topic in theme.topics if topic in MEASURES]
    text = [paragraph for topic in topics for paragraph in _measure(topic, found)]
    text.append(
        # Translators: {plan} is the title of the plan, "Police and Crime Plan 2024-2029".
        _("The measures are those of the {plan}. It sets no targets in numbers.", plan=PLAN)
    )
    if found is not None and any(MEASURES[topic].category for topic in topics):
        text += [*figures.caveats(found), figures.source(found)]
    return Reply(text, (buttons.back(f"numbers.plan:{place.area.id}"), buttons.HELP))


def _measure(topic: Topic, found: AreaNumbers | None) -> list[Text]:
    measure = MEASURES[topic]
    # Translators: A priority of the police plan and how it is judged. {topic} is such as "Road
    # safety"; {measure} such as "Reductions in the levels of vehicle crime".
    text = [_("<b>{topic}</b>: {measure}.", topic=NAMES[topic], measure=measure.words)]
    if measure.category is None:
        text.append(_("The monthly figures of the police do not count this by itself."))
    elif found is None:
        text.append(_("There are no monthly figures for this area yet."))
    else:
        text.append(
            # Translators: {kind} is a kind of crime, such as "Burglary". {area} is the name of an
            # area, {month} such as "June 2026". {count} is a number, or "fewer than 5".
            _(
                "{kind} in {area}, {month}: {count}.",
                kind=category_name(measure.category),
                area=found.area.label,
                month=figures.month(found),
                count=figures.count(found.newest, measure.category),
            )
        )
    if topic is Topic.RESIDENTIAL_BURGLARY:
        text.append(_("The figure counts every building, not only homes."))
    return text


def _nothing(place: Place) -> list[Text]:
    return [
        # Translators: {area} is the name of an area, such as "Abbey (Reading)".
        _("I have no crime figures for {area} yet.", area=place.area.label),
        _("The police publish them each month, about two months later."),
    ]


def _plan_button(place: Place) -> Button:
    # Translators: A button that opens how the police plan is judged. Max 30
    return Button(_p("button", "How the plan is judged"), f"numbers.plan:{place.area.id}")
