"""The promise of /concern and its limits, all of them, on one screen."""

from bot import safety
from bot.conversation import Context
from bot.text import Text, _
from handlers import buttons


def limits(ctx: Context) -> list[Text]:
    """What is promised and what is not, in the order of the threat model."""
    on_web = ctx.resident.channel == "web"
    return [
        _("<b>Tell your local team something, without your name</b>"),
        safety.EMERGENCY,
        safety.NOT_WATCHED,
        _(
            "<b>Your name.</b> Your local team is not told your name, number or username. I do not "
            "store them with your concern."
        ),
        *(_on_this_page() if on_web else _in_a_chat(ctx)),
        _(
            "<b>Your words.</b> What you write or show can identify you: names, the view from your "
            "window, your voice, details only you know."
        ),
        *(_left_in_the_browser() if on_web else _left_on_the_phone()),
        _(
            "<b>Your code.</b> After sending you get a receipt code. It is the only way back to "
            "your concern. I cannot recover it."
        ),
        _at_risk(ctx, on_web=on_web),
        _("<b>Afterwards.</b> Once it is delivered, the police keep it under their own rules."),
    ]


def _on_this_page() -> list[Text]:
    return [
        _(
            "<b>Telegram.</b> In a Telegram chat, Telegram knows who wrote and can read it. A "
            "court may order it to say so. This web page avoids that."
        )
    ]


def _in_a_chat(ctx: Context) -> list[Text]:
    # Translators: {platform} is the messenger, such as "Telegram". {url} is the address of the
    # web page.
    known = _(
        "<b>{platform}.</b> {platform} knows that you wrote to me and can read it. A court may "
        "order it to say so. The web page avoids that: {url}",
        platform=_platform(ctx),
        url=ctx.services.web_url,
    )
    return [known]


def _left_in_the_browser() -> list[Text]:
    # Translators: {hide} is the label of the button "Hide".
    left = _(
        "<b>Your device.</b> Your browser may list this page. Press {hide} to take the words off "
        "it.",
        hide=buttons.HIDE.label,
    )
    return [left]


def _left_on_the_phone() -> list[Text]:
    # Translators: {hide} is the label of the button "Hide".
    left = _(
        "<b>Your phone.</b> A copy may stay on your phone. Press {hide} to delete what I can: only "
        "messages under 48 hours old.",
        hide=buttons.HIDE.label,
    )
    return [left]


def _at_risk(ctx: Context, *, on_web: bool) -> Text:
    if on_web:
        return _(
            "<b>Danger to life.</b> If a life is at risk, the police may lawfully try to trace you "
            "through your network. I hold nothing to give them."
        )
    # Translators: {platform} is the messenger, such as "Telegram".
    return _(
        "<b>Danger to life.</b> If a life is at risk, the police may lawfully try to trace you "
        "through {platform} or your network. I hold nothing to give them.",
        platform=_platform(ctx),
    )


def _platform(ctx: Context) -> str:
    return ctx.resident.channel.capitalize()
