"""What the ends of /contact say: where to turn first, then advice, numbers and pages."""

from collections.abc import Sequence

from bot import safety
from bot.conversation import Button, Context, Reply
from bot.text import Text, _, _p
from handlers import buttons
from handlers.contact.tree import End, Kind
from handlers.help import interpreter

# Translators: A button: to tell Crimestoppers, without a name. Keep the name. Max 30
_CRIMESTOPPERS = Button(_p("button", "Tell Crimestoppers"), "contact.go:crimestoppers")
# Translators: A button: how to reach the neighbourhood police. Max 30
_TEAM = Button(_p("button", "Contact the team"), "contact.go:team")
# Translators: A button that starts the questions again, about another matter. Max 30
_ELSE = Button(_p("button", "Something else"), "contact")
_WAYS_TO_TELL = (buttons.CONCERN, _CRIMESTOPPERS, _TEAM, buttons.VICTIMS)


async def show_end(ctx: Context, name: str, end: End, back: Button) -> Reply:
    """One place to turn to, the line for emergencies, and more ways to pass something on."""
    head = await _head(ctx, end)
    # Where people may be at risk the emergency comes before everything but the neutral first line.
    urgent = end.kind in {Kind.EMERGENCY, Kind.HELPLINE}
    return Reply(
        [
            *head[:1],
            *([safety.EMERGENCY] if urgent else []),
            *(
                [_("If someone may see this chat, read it and then press Hide."), safety.SILENT]
                if end.watched
                else []
            ),
            *head[1:],
            *end.advice,
            *(_line(ctx, line) for line in end.lines),
            *_also_online(ctx, end),
            *_pages(ctx, end.pages),
            *(_portal(ctx) if end.portal else []),
            *([] if urgent else [safety.EMERGENCY]),
        ],
        (
            *([buttons.HIDE] if end.watched else []),
            *(button for button in _WAYS_TO_TELL if button.choice != f"contact.go:{name}"),
            back,
            _ELSE,
            buttons.HELP,
        ),
    )


async def _head(ctx: Context, end: End) -> list[Text]:
    """Where to turn, in words that give nobody away, and what belongs to every end of its kind."""
    directory = ctx.services.directory
    call = directory.line("non_emergency").number
    match end.kind:
        case Kind.EMERGENCY:
            # Translators: {number} is the number to call, 999.
            now = _("Call {number} now.", number=directory.line("emergency").number)
            return [now, safety.SILENT, safety.DEAF, *interpreter(ctx)]
        case Kind.NON_EMERGENCY:
            # Translators: {number} is the number to call, 101.
            police = _("Please call {number}, day or night. That is the police.", number=call)
            return [police, safety.NON_EMERGENCY_TEXT]
        case Kind.FORM:
            # Translators: {url} is the address of a form, {number} the number to call, 101.
            form = _(
                'Please report it with the <a href="{url}">police online form</a>. If you cannot, '
                "call {number}.",
                url=directory.report_url(end.form or ""),
                number=call,
            )
            return [form]
        case Kind.COUNCIL:
            return [
                _("Your council deals with this, not the police."),
                *await _councils(ctx),
                *_pages(ctx, ("local_council",)),
                _("Some places have two councils. That page says what each one does."),
            ]
        case Kind.CRIMESTOPPERS:
            return [_("You can pass this on without giving your name.")]
        case Kind.REPORT_FRAUD:
            return [_("If money or bank details are gone, call your bank first. Then report it.")]
        case Kind.HELPLINE:
            return [_("There is a service for this. Here is how to reach it.")]
        case Kind.TEAM:
            # Translators: {number} is the number to call, 101.
            team = _(
                "Your neighbourhood team can help. Call {number} and ask for them.", number=call
            )
            return [team, *await _areas(ctx)]
        case Kind.ADVICE:
            return [_("Here is what you can do.")]


def _line(ctx: Context, id: str) -> Text:
    """How to reach a line: by call or text, and whether it never closes."""
    line = ctx.services.directory.line(id)
    facts = {"line": line.name, "number": line.number, "url": line.url}
    if line.text and line.day_and_night:
        # Translators: {line} is a service, "Shout", {number} the number to text, "85258".
        return _('Text <a href="{url}">{line}</a> on {number}, day or night.', **facts)
    if line.text:
        # Translators: {line} is a service, {number} the number to text, "61016".
        return _('Text <a href="{url}">{line}</a> on {number}.', **facts)
    if line.day_and_night:
        # Translators: {line} is a service, "Samaritans", {number} the number to call, "116 123".
        return _('Call <a href="{url}">{line}</a> on {number}, day or night.', **facts)
    # Translators: {line} is a service, "Victims First", {number} the number to call.
    return _('Call <a href="{url}">{line}</a> on {number}.', **facts)


def _also_online(ctx: Context, end: End) -> list[Text]:
    if end.form is None or end.kind is Kind.FORM:
        return []
    # Translators: {url} is the address of the police's online form.
    online = _(
        'When you are ready, you can <a href="{url}">tell the police online</a>.',
        url=ctx.services.directory.report_url(end.form),
    )
    return [online]


def _pages(ctx: Context, ids: Sequence[str]) -> list[Text]:
    found = (ctx.services.directory.page(id) for id in ids)
    return [
        # Translators: {page} is the name of a page in English, "Victims' Code"; {url} its address.
        _('See <a href="{url}">{page}</a>.', page=page.name, url=page.url)
        for page in found
        if page
    ]


def _portal(ctx: Context) -> list[Text]:
    """How to follow one's case online, where the force lets victims do so."""
    portal = ctx.services.directory.page("victims_portal")
    call = ctx.services.directory.line("non_emergency").number
    if portal is None:
        # Translators: {number} is the number to call, 101.
        return [_("To ask about a report you have made, call {number}.", number=call)]
    return [
        # Translators: {portal} is a website, "Victim's Portal"; {force} is a police force.
        _(
            "You may be able to follow your case online. After some reports, {force} invites you "
            "to the {portal} by text or e-mail.",
            portal=portal.name,
            force=ctx.services.directory.force.name,
        ),
        # Translators: {number} is 101; {url} is the address of the police force's website.
        _(
            "There you see what has been done, and can write to the officer. If you have no "
            'invitation, call {number} or see <a href="{url}">the police website</a>.',
            number=call,
            url=portal.url,
        ),
    ]


async def _councils(ctx: Context) -> list[Text]:
    places = await ctx.services.places.of(ctx.resident)
    councils = sorted({place.area.district for place in places if place.area.district})
    if not councils:
        return []
    # Translators: {councils} is a list of council names, "Reading and Slough".
    return [_("Council for the areas you follow: {councils}.", councils=councils)]


async def _areas(ctx: Context) -> list[Text]:
    places = await ctx.services.places.of(ctx.resident)
    if not places:
        return []
    # Translators: {areas} is a list of area names, "Abbey (Reading) and Headington".
    return [_("Areas you follow: {areas}.", areas=[place.area.label for place in places])]
