"""/team: who looks after the areas a resident follows, and how to reach and report to them."""

from bot import safety
from bot.conversation import Context, Reply, Router
from bot.text import Text, _
from handlers import buttons

router = Router()


@router.command("team", menu=_("See who looks after your area"))
@router.choice("team")
async def show(ctx: Context) -> Reply:
    force = ctx.services.directory.force
    places = await ctx.services.places.of(ctx.resident)
    return Reply(
        [
            *_whose([place.area.label for place in places], force.name),
            safety.EMERGENCY,
            safety.report(force.report_url),
            # Translators: {url} is the address of the page of police.uk that finds your team.
            _(
                'I do not know the names of the officers yet. <a href="{url}">www.police.uk</a> '
                "shows them: type your postcode there.",
                url=ctx.services.directory.find_force_url,
            ),
            # Translators: {url} is the address of the website of {force}, a police force, such as
            # "Thames Valley Police".
            _(
                'News of {force} is on <a href="{url}">their website</a>.',
                force=force.name,
                url=force.website,
            ),
        ],
        (buttons.CONTACT, buttons.PLACES, buttons.FOLLOW, buttons.HELP),
    )


def _whose(areas: list[str], force: str) -> list[Text]:
    if not areas:
        return [
            # Translators: {force} is a police force, "Thames Valley Police".
            _(
                "A neighbourhood team of {force} looks after each area. Follow yours to hear its "
                "news here.",
                force=force,
            )
        ]
    return [
        # Translators: {areas} is a list of area names, "Abbey (Reading) and Headington". {force}
        # is a police force, "Thames Valley Police".
        _("{areas}: looked after by neighbourhood officers of {force}.", areas=areas, force=force),
        _("News of your areas will come here. Nothing has been sent so far."),
    ]
