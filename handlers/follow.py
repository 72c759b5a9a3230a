"""/follow: hear the news of an area, found by postcode, by location or by name."""

from bot import safety
from bot.conversation import Button, Context, Reply, Router
from bot.errors import UserError
from bot.model import Area, Found, Frequency, Ground, Level, Place, Topic
from bot.text import Text, _, _p
from handlers import alerts, area_list, buttons, frequency, pause, topics
from handlers.puzzled import puzzled

router = Router()


@router.command(_p("command", "follow"), menu=_("Follow an area"))
async def ask(ctx: Context) -> Reply:
    if ctx.args:
        return await _follow_words(ctx, ctx.args)
    return _again(_where())


@router.choice("follow")
async def ask_again(ctx: Context) -> Reply:
    return await ask(ctx)


@router.choice("follow.list")
async def choose_from_list(ctx: Context) -> Reply:
    return await area_list.show(ctx)


@router.answer("follow.where")
async def receive_where(ctx: Context) -> Reply:
    return await _follow_words(ctx, ctx.message.text)


@router.choice("follow.area")
async def receive_area(ctx: Context) -> Reply:
    area = await ctx.services.places.area(":".join(ctx.choice))
    return _not_known() if area is None else await follow(ctx, area)


@router.answer("choose")
async def receive_none_of_these(ctx: Context) -> Reply:
    """Words that are none of the choices on a screen: a postcode or a point is still taken."""
    found = await _find(ctx, ctx.message.text)
    if found.ground is Ground.NOT_A_POSTCODE:
        raise UserError(_("I did not understand that. Please choose one of these."))
    return await offer(ctx)


@router.fallback
async def offer(ctx: Context) -> Reply:
    """Words that nothing asked for: a postcode or a point is offered, the rest gets help."""
    found = await _find(ctx, ctx.message.text)
    if found.area is not None:
        return Reply(
            [
                # Translators: {area} is the name of an area, such as "Abbey (Reading)".
                _("That is in {area}. Would you like to follow it?", area=found.area.label),
                *_standin(found.area),
            ],
            (
                # Translators: A button. {area} is the name of an area, such as "Abbey (Reading)".
                Button(_p("button", "Follow {area}", area=found.area.label), _choice(found.area)),
                buttons.HELP,
            ),
        )
    if found.ground in {Ground.OUTSIDE, Ground.UNKNOWN}:
        return Reply(_not_here(ctx, found), (buttons.FOLLOW, buttons.HELP))
    if ctx.danger:
        return puzzled(ctx, _after_help())
    reply = Reply(
        [
            _("I am a computer and did not understand that. Please use the buttons, or /help."),
            safety.EMERGENCY,
        ],
        (buttons.FOLLOW, buttons.PLACES, buttons.HELP),
    )
    return puzzled(ctx, reply)


def introduce(ctx: Context) -> Reply:
    """The one screen that says what this is and is not, and asks for a postcode."""
    return Reply(
        [
            # Translators: {force} is a police force, "Thames Valley Police".
            _(
                "Follow your area to stay in touch with neighbourhood policing by {force}.",
                force=ctx.services.directory.force.name,
            ),
            safety.EMERGENCY,
            safety.NOT_WATCHED,
            _where(),
        ],
        (area_list.OPEN, buttons.CONTACT, buttons.LANGUAGE, buttons.HELP),
        expects="follow.where",
        asks_where=True,
    )


async def _follow_words(ctx: Context, words: str) -> Reply:
    found = await _find(ctx, words)
    if found.area is not None:
        return await follow(ctx, found.area, found)
    if found.ground is not Ground.NOT_A_POSTCODE:
        return _again(*_not_here(ctx, found))
    named = await ctx.services.places.named(words)
    districts = await ctx.services.places.districts_named(words)
    if len(named) == 1 and not districts:
        return await follow(ctx, named[0])
    if len(districts) == 1 and not named:
        return await area_list.show_district(ctx, districts[0])
    if named or districts:
        return area_list.ask_which(named, districts)
    return puzzled(ctx, _after_help() if ctx.danger else _not_known())


def _after_help() -> Reply:
    """What follows on whom to call, which was said already to who wrote of danger."""
    return Reply([safety.NOT_WATCHED], (buttons.CONTACT, buttons.CONCERN, buttons.HELP))


async def _find(ctx: Context, words: str) -> Found:
    if ctx.message.point is not None:
        return await ctx.services.places.find_point(ctx.message.point)
    return await ctx.services.places.find(words)


async def follow(
    ctx: Context, area: Area, found: Found | None = None, **chosen: Topic | Frequency | Level
) -> Reply:
    """Follow an area, with what is ``chosen`` for it, and say what that switches on."""
    await ctx.services.places.follow(ctx.resident, area.id)
    if ctx.resident.language is None:  # news shall come in the language of these words
        await ctx.services.residents.choose_language(ctx.resident, ctx.language)
    if chosen:
        await ctx.services.preferences.choose(ctx.resident, area.id, **chosen)
    mine = await ctx.services.places.of(ctx.resident)
    place = next((place for place in mine if place.area.id == area.id), Place(area))
    text = [
        # Translators: {area} is the name of an area, such as "Abbey (Reading)".
        _("You now follow {area}.", area=area.label)
    ]
    if found is not None and found.ended is not None:
        text.append(
            # Translators: {year} is a year in digits, such as "1996".
            _(
                "That postcode went out of use in {year}; this is the area where it was.",
                year=str(found.ended.year),
            )
        )
    return Reply(
        [
            *text,
            *_standin(area),
            topics.told(place),
            *frequency.told(place),
            alerts.told(place),
            *await pause.paused(ctx),
            _("I did not keep your postcode or location."),
            safety.STOP,
        ],
        (
            topics.topics_button(place),
            frequency.frequency_button(place),
            buttons.PLACES,
            buttons.FOLLOW,
            buttons.HELP,
        ),
    )


def _where() -> Text:
    return _(
        "What is your postcode? I use it to find your area, then I forget it. You can also send "
        "your location or type the name of your area."
    )


def _not_known() -> Reply:
    return _again(
        _("I do not know that postcode. Please try again."),
        _("You can also type the name of your area, or choose it from a list."),
    )


def _again(*text: Text) -> Reply:
    ways_on = (area_list.OPEN, buttons.PLACES, buttons.HELP)
    return Reply(text, ways_on, expects="follow.where", asks_where=True)


def _not_here(ctx: Context, found: Found) -> tuple[Text, ...]:
    """Not ours, or not known to be ours: either way police.uk knows whose it is."""
    force = ctx.services.directory.force.name
    if found.ground is Ground.OUTSIDE:
        # Translators: {force} is a police force, "Thames Valley Police".
        first = _(
            "That is outside the area of {force}, so I cannot follow it for you.", force=force
        )
    else:
        # Translators: {force} is a police force, "Thames Valley Police".
        first = _(
            "I do not know that postcode in the area of {force}. Please check it, or type the "
            "name of your area.",
            force=force,
        )
    return (
        first,
        # Translators: {url} is the address of the page of police.uk that finds your police.
        _(
            'Your own police force is at <a href="{url}">www.police.uk</a>.',
            url=ctx.services.directory.find_force_url,
        ),
        _("I did not keep what you sent, and you follow nothing new."),
    )


def _standin(area: Area) -> list[Text]:
    if not area.standin:
        return []
    return [
        _(
            "This is an electoral ward. It stands in for the police neighbourhood until the "
            "force's own map is loaded."
        )
    ]


def _choice(area: Area) -> str:
    return f"follow.area:{area.id}"
