"""What a concern is about, and who else can help with that, beside the team."""

from collections.abc import Mapping

from bot import safety
from bot.conversation import Button, Context, Reply, Router
from bot.errors import UserError
from bot.model import Draft, Theme
from bot.text import Text, _, _p
from handlers.concern.steps import asks, go_on, question, with_draft

router = Router(private=True)

NAMES: Mapping[Theme, Text] = {
    # Translators: A button: what a concern is about. One word. Max 30
    Theme.NOISE: _p("button", "Noise"),
    # Translators: A button: what a concern is about: rubbish left in the street. Max 30
    Theme.FLY_TIPPING: _p("button", "Dumped rubbish"),
    # Translators: A button: what a concern is about. Max 30
    Theme.ANTI_SOCIAL_BEHAVIOUR: _p("button", "Anti-social behaviour"),
    # Translators: A button: what a concern is about. Max 30
    Theme.VANDALISM: _p("button", "Damage or graffiti"),
    # Translators: A button: what a concern is about. One word. Max 30
    Theme.DRUG_DEALING: _p("button", "Drugs"),
    # Translators: A button: what a concern is about. One word. Max 30
    Theme.SPEEDING: _p("button", "Speeding"),
    # Translators: A button: what a concern is about. One word. Max 30
    Theme.PARKING: _p("button", "Parking"),
    # Translators: A button: what a concern is about: theft of or from cars. Max 30
    Theme.VEHICLE_CRIME: _p("button", "Vehicle crime"),
    # Translators: A button: what a concern is about: breaking into a home. One word. Max 30
    Theme.BURGLARY: _p("button", "Burglary"),
    # Translators: A button: what a concern is about. Max 30
    Theme.SHOP_THEFT: _p("button", "Theft from shops"),
    # Translators: A button: what a concern is about: crime on farms and in the country. Max 30
    Theme.RURAL_CRIME: _p("button", "Rural crime"),
    # Translators: A button: what a concern is about. One word. Max 30
    Theme.WEAPONS: _p("button", "Weapons"),
    # Translators: A button: what a concern is about: crime against people for who they are. Max 30
    Theme.HATE_CRIME: _p("button", "Hate crime"),
    # Translators: A button: what a concern is about: harm by a partner or the family. Max 30
    Theme.DOMESTIC_ABUSE: _p("button", "Harm at home"),
    # Translators: A button: what a concern is about: people made to work or kept. Max 30
    Theme.EXPLOITATION: _p("button", "Someone being used"),
    # Translators: A button: what a concern is about: being tricked out of money. Max 30
    Theme.FRAUD: _p("button", "Fraud or scams"),
    # Translators: A button: a concern is about none of the other things. Max 30
    Theme.OTHER: _p("button", "Something else"),
}

_AT_RISK = {Theme.WEAPONS, Theme.DOMESTIC_ABUSE, Theme.EXPLOITATION, Theme.HATE_CRIME}
_COUNCIL = {Theme.NOISE, Theme.FLY_TIPPING, Theme.PARKING}
_CRIMESTOPPERS = {Theme.DRUG_DEALING, Theme.WEAPONS, Theme.EXPLOITATION, Theme.SHOP_THEFT}
_CRIMES = {Theme.BURGLARY, Theme.VEHICLE_CRIME, Theme.SHOP_THEFT, Theme.RURAL_CRIME}


@asks("theme")
async def ask_theme(_ctx: Context, draft: Draft) -> Reply:
    return question(
        "theme",
        draft,
        [_("<b>What is it about?</b>")],
        [Button(name, f"concern.theme:{theme}") for theme, name in NAMES.items()],
    )


@router.answer("concern.theme")
@with_draft
async def receive_theme(_ctx: Context, _draft: Draft) -> Reply:
    # Translators: Shown above the same buttons as before. Keep /cancel.
    raise UserError(_("Please choose one of these, or type Skip. To leave, send /cancel."))


@router.choice("concern.theme")
@with_draft
async def choose_theme(ctx: Context, draft: Draft) -> Reply:
    chosen = next((each for each in Theme if ctx.choice == (each,)), Theme.OTHER)
    draft.theme = chosen
    return await go_on(ctx, draft, "theme", *other_help(ctx, chosen))


def other_help(ctx: Context, theme: Theme) -> list[Text]:
    """Who else can help; it never takes the way to the team away."""
    found = [*_risk(theme), *_council(ctx, theme), *_forms(ctx, theme), *_lines(ctx, theme)]
    if theme in _CRIMESTOPPERS:
        found.append(safety.ANONYMOUS)
    if found:
        found.append(_("You can still tell your team here. Nothing has been sent yet."))
    return found


def _risk(theme: Theme) -> list[Text]:
    if theme not in _AT_RISK:
        return []
    if theme is not Theme.DOMESTIC_ABUSE:
        return [safety.EMERGENCY]
    return [
        _("If someone may see this chat, read it and then press Hide."),
        safety.EMERGENCY,
        safety.SILENT,
    ]


def _council(ctx: Context, theme: Theme) -> list[Text]:
    page = ctx.services.directory.page("local_council")
    if theme not in _COUNCIL or page is None:
        return []
    # Translators: {url} is the address of the page that finds the local council.
    council = _(
        'Your council can often act on this. You can tell it too: <a href="{url}">find your '
        "council</a>.",
        url=page.url,
    )
    return [council]


def _forms(ctx: Context, theme: Theme) -> list[Text]:
    directory = ctx.services.directory
    if theme in _CRIMES:
        # Translators: {url} is the address of the police's online form. {number} is 101.
        crime = _(
            'Was it a crime against you? <a href="{url}">Report it online</a> or call {number}. '
            "Then it gets a crime number, which a concern does not.",
            url=directory.report_url("crime"),
            number=directory.line("non_emergency").number,
        )
        return [crime]
    if theme is Theme.HATE_CRIME:
        # Translators: {url} is the address of the police's online form.
        hate = _(
            'You can also <a href="{url}">report hate crime online</a>.',
            url=directory.report_url("hate_crime"),
        )
        return [hate]
    return []


def _lines(ctx: Context, theme: Theme) -> list[Text]:
    names = {
        Theme.DOMESTIC_ABUSE: ("domestic_abuse", "mens_advice"),
        Theme.EXPLOITATION: ("modern_slavery", "nspcc"),
        Theme.FRAUD: ("report_fraud",),
    }
    found: list[Text] = []
    if theme is Theme.FRAUD:
        found.append(_("If money or bank details are gone, call your bank first."))
    for name in names.get(theme, ()):
        line = ctx.services.directory.line(name)
        found.append(
            # Translators: {line} is a service, "Report Fraud"; {number} is the number to call.
            _(
                'You can call <a href="{url}">{line}</a> on {number}.',
                line=line.name,
                number=line.number,
                url=line.url,
            )
        )
    return found
