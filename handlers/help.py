"""/help: what can be done here, and whom to call. /cancel: out of any dialogue."""

from bot import safety
from bot.conversation import Context, Reply, Router
from bot.text import Text, _, _p
from handlers import buttons

router = Router()


@router.command(_p("command", "help"), menu=_("See what I can do"))
@router.choice("help")
async def show(ctx: Context) -> Reply:
    force = ctx.services.directory.force
    text: list[Text] = [
        safety.EMERGENCY,
        safety.SILENT,
        safety.DEAF,
        safety.report(force.report_url),
        safety.NON_EMERGENCY_TEXT,
        safety.ANONYMOUS,
        *interpreter(ctx),
        # Translators: A list of commands; keep each as it is.
        _("To find out who can help, or to report something: /contact. Your team: /team."),
        # Translators: Keep /advice.
        _("How to stay safe: /advice."),
        # Translators: A list of commands; keep each as it is.
        _("To tell your team something without your name: /concern. To read the answer: /status."),
        # Translators: A list of commands; keep each as it is.
        _("What was done in your area: /outcomes. What you can come to: /events."),
        # Translators: A list of commands; keep each as it is.
        _("Crime figures for your area: /numbers. To check that a message is ours: /verify."),
        # Translators: A list of commands; keep each as it is.
        _(
            "Your areas: /follow, /places. Your news: /topics, /frequency, /alerts, /quiet, "
            "/pause. Your language: /language."
        ),
        # Translators: A list of commands; keep each as it is.
        _(
            "Your data: /privacy, /mydata, /forget. To clear recent messages: /hide. To leave a "
            "question: /cancel."
        ),
        safety.STOP,
    ]
    return Reply(
        text,
        (
            buttons.CONCERN,
            buttons.CONTACT,
            buttons.VICTIMS,
            buttons.FOLLOW,
            buttons.PLACES,
            buttons.LANGUAGE,
            buttons.STOP,
        ),
    )


@router.command(_p("command", "cancel"))
async def cancel(_ctx: Context) -> Reply:
    return Reply(
        _("Cancelled. Nothing was changed."), (buttons.FOLLOW, buttons.PLACES, buttons.HELP)
    )


def interpreter(ctx: Context) -> list[Text]:
    """For those who read another language: how to say so on 999."""
    for language in ctx.services.languages:
        if language.code == ctx.language and language.english != "English":
            return [safety.interpreter(language.english)]
    return []
