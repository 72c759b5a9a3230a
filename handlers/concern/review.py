"""The whole concern before it is sent, any answer of which can still be changed; then, sent."""

from bot import safety
from bot.conversation import Button, Context, Reply, Router
from bot.errors import UserError
from bot.model import Draft
from bot.text import Text, _, _p
from handlers import buttons
from handlers.concern.answers import shown_when
from handlers.concern.files import described
from handlers.concern.steps import CANCEL, asks, with_draft
from handlers.concern.subject import NAMES

router = Router(private=True)

# Translators: A button that sends a concern to the police team. One verb. Max 30
_SEND = Button(_p("button", "Send"), "concern.send")
_CHANGES = (
    # Translators: A button: change what is said in a concern. Max 30
    (_p("button", "Change the words"), "what"),
    # Translators: A button: change where it is. Max 30
    (_p("button", "Change the place"), "where"),
    # Translators: A button: change when it was. Max 30
    (_p("button", "Change the time"), "when"),
    # Translators: A button: change whether it still goes on. Max 30
    (_p("button", "Change if it goes on"), "still"),
    # Translators: A button: change what a concern is about. Max 30
    (_p("button", "Change the subject"), "theme"),
    # Translators: A button: add or take out photos and videos. Max 30
    (_p("button", "Change photos and videos"), "files"),
    # Translators: A button: change whether the team may answer. Max 30
    (_p("button", "Change the answer"), "answer"),
)
_EXACT = _("<b>Point:</b> exactly where you put it on the map")
_ROUNDED = _("<b>Point:</b> on the map, to about 100 metres")
_STILL = _("<b>Still going on:</b> yes")
_NO_MORE = _("<b>Still going on:</b> no")
_MAY_ANSWER = _("<b>Answer:</b> the team may answer you here")
_MAY_NOT_ANSWER = _("<b>Answer:</b> you want no answer")


@asks("review")
async def show(ctx: Context, draft: Draft) -> Reply:
    draft.reviewing = True
    return Reply(
        [
            _("<b>Please check. Nothing has been sent yet.</b>"),
            *_answers(draft),
            *_warnings(draft),
        ],
        (
            _SEND,
            *(Button(label, f"concern.ask:{name}") for label, name in _CHANGES),
            CANCEL,
            buttons.HIDE,
        ),
        expects="concern.review",
    )


@router.answer("concern.review")
@with_draft
async def receive_review(_ctx: Context, _draft: Draft) -> Reply:
    # Translators: {send} is the label of the button "Send".
    raise UserError(
        _("Nothing has been sent yet. Press {send}, or choose what to change.", send=_SEND.label)
    )


@router.choice("concern.send")
@with_draft
async def send(ctx: Context, draft: Draft) -> Reply:
    """The receipt is shown only after the concern was sealed and stored."""
    if draft.is_empty:
        raise UserError(_("Please say what it is about first, or add a photo or a video."))
    address = ctx.message.address
    with ctx.services.limits.concern(address):
        code = await ctx.services.concerns.send(draft.concern(ctx.resident.language or ""))
    ctx.services.drafts.finish(address)
    return Reply(
        [
            _(
                "<b>Your concern is saved.</b> I now pass it on to the team. I keep trying until "
                "it is there."
            ),
            # Translators: {code} is the receipt code, XXXXXX-XXXXXX-XXXXXX.
            _("Your receipt code: <code>{code}</code>", code=code),
            _("Keep this code. It is the only way back to your concern, and I cannot recover it."),
            _("Whoever has the code can read the answer. Keep it where nobody else looks."),
            # Translators: {check} is the label of the button "Check for a reply". Keep /status.
            _(
                "Press {check} here, or send /status and your code from any chat.",
                check=buttons.CHECK,
            ),
            safety.EMERGENCY,
        ],
        buttons.of_receipt(code),
    )


def _answers(draft: Draft) -> list[Text]:
    """What was said, a line for each answer; a skipped one has none."""
    lines: list[Text] = []
    if draft.text:
        # Translators: A line of a list to check. {words} are what the person wrote.
        lines.append(_("<b>What:</b> {words}", words=draft.text))
    if draft.where:
        # Translators: A line of a list to check. {words} are a place in the person's words.
        lines.append(_("<b>Where:</b> {words}", words=draft.where))
    if draft.area is not None:
        # Translators: A line of a list to check. {area} is the name of an area.
        lines.append(_("<b>Area:</b> {area}", area=draft.area.label))
    if draft.exact is not None:
        lines.append(_EXACT if draft.wants_exact else _ROUNDED)
    if draft.when:
        # Translators: A line of a list to check. {words} is a time, "Yesterday".
        lines.append(_("<b>When:</b> {words}", words=shown_when(draft)))
    if draft.still_happening is not None:
        lines.append(_STILL if draft.still_happening else _NO_MORE)
    if draft.theme is not None:
        # Translators: A line of a list to check. {subject} is for example "Noise".
        lines.append(_("<b>About:</b> {subject}", subject=NAMES[draft.theme]))
    return [*lines, *described(draft), _MAY_ANSWER if draft.answer_wanted else _MAY_NOT_ANSWER]


def _warnings(draft: Draft) -> list[Text]:
    if not draft.urgent:
        return []
    return [
        _("Your words speak of danger, so the team gets this marked as urgent."),
        safety.EMERGENCY,
        safety.NOT_WATCHED,
    ]
