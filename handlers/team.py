"""/team: who looks after the areas a resident follows, and how to reach and report to them."""

from collections.abc import Iterator
from itertools import chain

from bot import safety
from bot.conversation import Context, Reply, Router
from bot.model import Area, Officer
from bot.text import Text, _, _n, _p
from handlers import buttons

router = Router()

_SHOWN = 8  # officers of one area

_CONTACTS = {
    # Translators: Stands before an e-mail address of a police team.
    "email": _p("contact", "Email"),
    # Translators: Stands before a phone number of a police team.
    "telephone": _p("contact", "Phone"),
    # Translators: Stands before a number of a mobile phone of a police team.
    "mobile": _p("contact", "Mobile"),
    # Translators: A link to the page of a police team.
    "web": _p("contact", "Web page"),
    "facebook": Text("Facebook"),
    "twitter": Text("X (Twitter)"),
    "instagram": Text("Instagram"),
    "youtube": Text("YouTube"),
}


@router.command(_p("command", "team"), menu=_("See who looks after your area"))
@router.choice("team")
async def show(ctx: Context) -> Reply:
    force = ctx.services.directory.force
    places = await ctx.services.places.of(ctx.resident)
    received = await ctx.services.posts.received(ctx.resident)
    teams = [await _team(ctx, place.area) for place in places]
    return Reply(
        [
            *_whose([place.area.label for place in places], force.name, is_silent=not received),
            *chain.from_iterable(teams),
            safety.EMERGENCY,
            safety.report(force.report_url),
            *([] if teams and all(teams) else [_elsewhere(ctx)]),
            # Translators: {url} is the address of the website of {force}, a police force, such as
            # "Thames Valley Police".
            _(
                'News of {force} is on <a href="{url}">their website</a>.',
                force=force.name,
                url=force.website,
            ),
        ],
        (buttons.CONTACT, buttons.NUMBERS, buttons.PLACES, buttons.FOLLOW, buttons.HELP),
    )


async def _team(ctx: Context, area: Area) -> list[Text]:
    """Whom the force names for an area; nothing where it names nobody."""
    roster = await ctx.services.rosters.of(area.id)
    if roster is None:
        return []
    # Translators: Stands above a list of police officers. {area} is the name of an area.
    text = [_("<b>The team of {area}</b>", area=area.label)]
    text += [_officer(each) for each in roster.officers[:_SHOWN]]
    if more := len(roster.officers[_SHOWN:]):
        # Translators: {count} is how many more police officers there are in a team.
        text.append(_n("And {count} more officer.", "And {count} more officers.", more))
    text += _contacts(roster.contacts)
    if ctx.services.rosters.is_sample:
        return [*text, _("This team is made up, to show how this works.")]
    text.append(
        # Translators: {date} is a day, such as "12 June 2026".
        _(
            "Names and contacts are as data.police.uk had them on {date}. They may have changed.",
            date=roster.read_at.date(),
        )
    )
    return text


def _officer(officer: Officer) -> Text:
    """Rank and name, then how to reach them, as one paragraph."""
    lines = [
        Text("{name}", {"name": f"{officer.rank} {officer.name}".strip()}),
        *_contacts(officer.contacts),
    ]
    names = [f"line{number}" for number in range(len(lines))]
    return Text("\n".join(f"{{{name}}}" for name in names), dict(zip(names, lines, strict=True)))


def _contacts(contacts: tuple[tuple[str, str], ...]) -> Iterator[Text]:
    for kind, where in contacts:
        name = _CONTACTS.get(kind)
        if name is None:
            continue
        if where.startswith("https://"):
            yield Text('<a href="{url}">{kind}</a>', {"url": where, "kind": name})
        else:
            # Translators: How to reach a police team. {kind} is "Email", "Phone" or "Mobile";
            # {where} is the address or number.
            yield _("{kind}: {where}", kind=name, where=where)


def _elsewhere(ctx: Context) -> Text:
    # Translators: {url} is the address of the page of police.uk that finds your team.
    return _(
        'I do not know the names of the officers yet. <a href="{url}">www.police.uk</a> '
        "shows them: type your postcode there.",
        url=ctx.services.directory.find_force_url,
    )


def _whose(areas: list[str], force: str, *, is_silent: bool) -> list[Text]:
    if not areas:
        return [
            # Translators: {force} is a police force, "Thames Valley Police".
            _(
                "A neighbourhood team of {force} looks after each area. Follow yours to hear its "
                "news here.",
                force=force,
            )
        ]
    text = [
        # Translators: {areas} is a list of area names, "Abbey (Reading) and Headington". {force}
        # is a police force, "Thames Valley Police".
        _("{areas}: looked after by neighbourhood officers of {force}.", areas=areas, force=force)
    ]
    if is_silent:
        text.append(_("News of your areas will come here. Nothing has been sent so far."))
    return text
