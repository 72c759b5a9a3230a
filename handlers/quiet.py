"""/quiet: the hours in which nothing but urgent alerts comes."""

from datetime import time

from bot.conversation import Button, Context, Reply, Router
from bot.model import QuietHours
from bot.text import Text, _, _p
from handlers import buttons

router = Router()

_OFFERED = (
    QuietHours(time(22), time(7)),
    QuietHours(time(21), time(8)),
    QuietHours(time(23), time(6)),
)


@router.command(_p("command", "quiet"), menu=_("Set your quiet hours"))
@router.choice("quiet")
async def show(ctx: Context) -> Reply:
    if ctx.args:
        return await _set(ctx, ctx.args)
    chosen = await ctx.services.preferences.of(ctx.resident)
    return _ask(
        _told(chosen.quiet),
        _("Urgent alerts still come in quiet hours."),
        # Translators: Keep both examples in forms that your readers would type.
        _("Choose your hours, or type them, such as 9pm to 7am or 21:30-06:45."),
    )


@router.answer("quiet.hours")
async def receive_words(ctx: Context) -> Reply:
    return await _set(ctx, ctx.message.text)


@router.choice("quiet.set")
async def receive_choice(ctx: Context) -> Reply:
    return await _set(ctx, ":".join(ctx.choice))


@router.choice("quiet.none")
async def receive_none(ctx: Context) -> Reply:
    await ctx.services.preferences.be_quiet_never(ctx.resident)
    return _done(None)


async def _set(ctx: Context, words: str) -> Reply:
    hours = await ctx.services.preferences.be_quiet(ctx.resident, words)
    if hours is None:
        return _ask(_("I did not understand those hours. Please type them like 21:30-06:45."))
    return _done(hours)


def _done(hours: QuietHours | None) -> Reply:
    return Reply(
        [_told(hours), _("Urgent alerts still come at any hour.")],
        (buttons.back("quiet"), buttons.PLACES, buttons.HELP),
        expects="choose",
    )


def _told(hours: QuietHours | None) -> Text:
    if hours is None:
        return _("You have no quiet hours. News may come at any hour.")
    # Translators: {start} and {end} are times of day, "22:00" and "07:00".
    return _(
        "Your quiet hours are from {start} to {end}. News waits until they end.",
        start=hours.start,
        end=hours.end,
    )


def _ask(*text: Text) -> Reply:
    return Reply(
        text,
        (
            *(_offer(hours) for hours in _OFFERED),
            # Translators: A button: messages may come at any hour. Max 30
            Button(_p("button", "No quiet hours"), "quiet.none"),
            buttons.back("places"),
        ),
        expects="quiet.hours",
    )


def _offer(hours: QuietHours) -> Button:
    # Translators: A button. {start} and {end} are times of day, "22:00" and "07:00". Max 30
    label = _p("button", "{start} to {end}", start=hours.start, end=hours.end)
    return Button(label, f"quiet.set:{hours.start:%H:%M}-{hours.end:%H:%M}")
