"""/pause: no news for some days; urgent alerts still come."""

from datetime import date

from bot.conversation import Button, Context, Reply, Router
from bot.text import Text, _, _n, _p
from handlers import buttons

router = Router()

_DAYS = (1, 3, 7, 30)


@router.command(_p("command", "pause"), menu=_("Pause your news"))
@router.choice("pause")
async def show(ctx: Context) -> Reply:
    if ctx.args:
        return await _pause_until(ctx, ctx.args)
    paused_until = (await ctx.services.preferences.of(ctx.resident)).paused_until
    text = [
        _("How long do you want no news? Urgent alerts still come."),
        # Translators: Keep the date in a form that your readers would type.
        _("Choose, or type the day on which news should come again, such as 5 December."),
    ]
    if paused_until is None:
        return _ask(*text)
    return _ask(_paused(paused_until), *text, ending=True)


@router.answer("pause.until")
async def receive_day(ctx: Context) -> Reply:
    return await _pause_until(ctx, ctx.message.text)


@router.choice("pause.days")
async def receive_days(ctx: Context) -> Reply:
    days = {str(days): days for days in _DAYS}.get("".join(ctx.choice))
    if days is None:
        return await show(ctx)
    return _done(_paused(await ctx.services.preferences.pause_for(ctx.resident, days)))


@router.choice("pause.end")
async def end(ctx: Context) -> Reply:
    await ctx.services.preferences.end_pause(ctx.resident)
    return _done(_("You have no pause. News comes as you have set it."))


async def paused(ctx: Context) -> list[Text]:
    """The line that tells of a pause under way, for other screens."""
    until = (await ctx.services.preferences.of(ctx.resident)).paused_until
    return [] if until is None else [_paused(until)]


async def _pause_until(ctx: Context, words: str) -> Reply:
    locale = next(
        (each.babel for each in ctx.services.languages if each.code == ctx.language),
        "en_GB",
    )
    day = await ctx.services.preferences.pause_until(ctx.resident, words, locale)
    if day is None:
        return _ask(
            # Translators: Keep the dates in forms that your readers would type.
            _("Please type a day within a year from now, such as 5 December or 5/12."),
        )
    return _done(_paused(day))


def _paused(until: date) -> Text:
    # Translators: {day} is a date, "5 December 2026".
    return _("Your news is paused. It comes again on {day}.", day=until)


def _ask(*text: Text, ending: bool = False) -> Reply:
    # Translators: A button that ends a pause, so that news comes again. Max 30
    end = [Button(_p("button", "End the pause"), "pause.end")] if ending else []
    return Reply(
        text,
        (*map(_offer, _DAYS), *end, buttons.back("places")),
        expects="pause.until",
    )


def _offer(days: int) -> Button:
    # Translators: A button: no news for so many days. {count} is for example 3. Max 30
    label = _n("{count} day", "{count} days", days)
    return Button(label, f"pause.days:{days}")


def _done(text: Text) -> Reply:
    return Reply(
        [text, _("Urgent alerts still come at any time.")],
        (buttons.back("pause"), buttons.PLACES, buttons.HELP),
        expects="choose",
    )
