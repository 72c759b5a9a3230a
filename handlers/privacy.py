"""/privacy: what is kept of a resident, for how long, who answers for it, and their rights.

Whoever changes the words of the notice raises ``NOTICE`` in bot/services/places.py.
"""

from bot.conversation import Context, Reply, Router
from bot.text import Text, _, _p
from handlers import buttons

router = Router()


@router.command(_p("command", "privacy"), menu=_("See what I keep about you"))
@router.choice("privacy")
async def show(ctx: Context) -> Reply:
    return Reply(
        notice(ctx),
        (buttons.MY_DATA, buttons.FORGET, buttons.STOP, buttons.HIDE, buttons.PLACES, buttons.HELP),
    )


def notice(ctx: Context) -> list[Text]:
    """The notice, in the order in which people ask: what, how long, who, who else, my rights."""
    force = ctx.services.directory.force.name
    complaints = ctx.services.directory.line("information_commissioner")
    return [
        # Translators: {version} is the number of this privacy notice, such as 2.
        _("<b>Your privacy</b> (notice {version})", version=ctx.services.places.notice),
        _(
            "I keep the number of this chat, encrypted, so that I can write to you. I keep a code "
            "made from it, so that I know you again."
        ),
        _(
            "I keep your language, your areas and your settings. I keep my last answer to you, so "
            "that we can go on from there. I keep the days on which you first wrote, first "
            "followed an area, or stopped."
        ),
        _(
            "I do not keep your name, your postcode, your location or the words you write. I do "
            "not note when you last wrote."
        ),
        # Translators: Keep /concern.
        _(
            "I do not keep who sent a /concern, nor anything that leads back to them. I keep its "
            "words sealed. They are erased 3 days after the team's mailbox has them, or after 14 "
            "days if I cannot deliver them."
        ),
        _(
            "Your receipt code opens a concern's answers. They are erased 90 days after the last "
            "activity, or when you delete them."
        ),
        _(
            "If you ask me to tell you of answers, I keep the number of this chat with the "
            "concern. That ends when it is closed, or after 30 days."
        ),
        _(
            "For 90 days I keep which news and alerts I sent you. After that I keep only how many "
            "people each one reached."
        ),
        _(
            "For 7 days I keep where they stand in your chat, so that I can correct them. For 2 "
            "days I keep how many you got in a day."
        ),
        _(
            "For 400 days I keep which advice I sent you, so that none comes again too soon. If "
            "you say that advice was useful, I count it. I do not keep who said so."
        ),
        _("I use what I keep only to do what you ask me here."),
        # Translators: Keep /stop.
        _(
            "I keep the rest until you erase it. After /stop, or if you never follow an area, I "
            "erase it after 30 days."
        ),
        _(
            "When you erase it, one code stays for 15 days. It makes sure that no safety copy "
            "brings you back. Safety copies are encrypted and can be used for 14 days."
        ),
        # Translators: {force} is a police force, "Thames Valley Police".
        _(
            "{force} answers for how your data is used (it is the controller). The operator who "
            "runs this service for the force may use your data for nothing else.",
            force=force,
        ),
        _(
            "Telegram can read what is written in a Telegram chat, and knows who you are. The web "
            "chat does not go through Telegram."
        ),
        # Translators: Keep /hide.
        _(
            "On Telegram I know for 48 hours which messages /hide can take back. That is never "
            "saved."
        ),
        _(
            "The web chat puts one cookie in your browser, so that it knows your chat again. The "
            "page shows your words for up to 12 hours; they are never saved."
        ),
        # Translators: Keep /mydata, /forget and /stop.
        _(
            "Your rights: /mydata gives you a copy of it all. /forget erases it. /stop ends all "
            "messages. You can change your areas, settings and language here."
        ),
        # Translators: {force} is a police force; {url} leads to its website. {office} is the
        # Information Commissioner's Office, {number} its telephone number.
        _(
            'To ask or complain about your data, turn to <a href="{url}">{force}</a>. If that '
            "does not help, call the {office}: {number}.",
            url=ctx.services.directory.force.website,
            force=force,
            office=complaints.name,
            number=complaints.number,
        ),
    ]
