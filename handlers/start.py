"""/start: a language, what this is and is not, and a postcode."""

from bot import safety
from bot.conversation import Context, Reply, Router
from bot.text import _, _p
from handlers import buttons
from handlers.follow import introduce
from handlers.language import picker

router = Router()


@router.command(_p("command", "start"))
async def welcome(ctx: Context) -> Reply:
    if ctx.resident.language is None:
        return Reply(
            [
                # Translators: The very first line. {force} is a police force, "Thames Valley
                # Police".
                _(
                    "Welcome to Beatline, your line to neighbourhood policing by {force}.",
                    force=ctx.services.directory.force.name,
                ),
                safety.EMERGENCY,
                _("Which language would you like?"),
            ],
            picker(ctx),
            expects="language.name",
        )
    places = await ctx.services.places.of(ctx.resident)
    if not places:
        return introduce(ctx)
    return Reply(
        [
            # Translators: {areas} is a list of area names, "Abbey (Reading) and Headington".
            _("Welcome back. You follow {areas}.", areas=[place.area.label for place in places]),
            safety.EMERGENCY,
        ],
        (
            buttons.PLACES,
            buttons.FOLLOW,
            buttons.CONCERN,
            buttons.CONTACT,
            buttons.LANGUAGE,
            buttons.HELP,
        ),
    )
