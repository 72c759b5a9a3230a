"""The plain questions of a concern: what, when, is it still going on, may the team answer."""

from bot import safety
from bot.conversation import Button, Context, Reply, Router
from bot.errors import UserError
from bot.model import Draft
from bot.text import Text, _, _p
from handlers.concern.steps import asks, go_on, question, with_draft

router = Router(private=True)

_LONGEST_WHEN = 300
_ENGLISH = "en_GB"

# Translators: A button that answers a question with yes. Max 30
_YES = _p("button", "Yes")
# Translators: A button that answers a question with no. Max 30
_NO = _p("button", "No")
_WHEN = (
    # Translators: A button that says when something happened. One word. Max 30
    _p("button", "Today"),
    # Translators: A button that says when something happened. One word. Max 30
    _p("button", "Yesterday"),
    # Translators: A button that says when something happened. Max 30
    _p("button", "In the last week"),
    # Translators: A button that says when something happened. Max 30
    _p("button", "Longer ago"),
)


@asks("what")
async def ask_what(ctx: Context, draft: Draft) -> Reply:
    return question(
        "what",
        draft,
        [
            _("<b>What would you like to tell your team?</b> Write it in your own words."),
            safety.NOT_A_REPORT,
            safety.PRIVACY,
            *await _of_languages(ctx),
        ],
    )


async def _of_languages(ctx: Context) -> list[Text]:
    """Whether the team will be able to read what is written; only where a computer may help."""
    language = ctx.resident.language or _ENGLISH
    reads = None if language == _ENGLISH else await ctx.services.concerns.reads(language)
    if reads is None:
        return []
    if reads:
        return [safety.OWN_LANGUAGE]
    names = [each.native for each in ctx.services.languages if each.code == language]
    return [safety.cannot_read(name) for name in names]


@router.answer("concern.what")
@with_draft
async def receive_what(ctx: Context, draft: Draft) -> Reply:
    words = ctx.message.text.strip()
    if not words:
        raise UserError(
            _("Please write it in words. You can send a place, a photo or a video next.")
        )
    draft.text = words
    return await go_on(ctx, draft, "what", *hint(ctx, draft, words))


@asks("when")
async def ask_when(_ctx: Context, draft: Draft) -> Reply:
    return question(
        "when",
        draft,
        [_("<b>When was it?</b> Choose, or type it: last night, or every Friday evening.")],
        [Button(label, f"concern.when:{number}") for number, label in enumerate(_WHEN)],
    )


@router.answer("concern.when")
@with_draft
async def receive_when(ctx: Context, draft: Draft) -> Reply:
    draft.when = ctx.message.text.strip()[:_LONGEST_WHEN]
    return await go_on(ctx, draft, "when")


@router.choice("concern.when")
@with_draft
async def choose_when(ctx: Context, draft: Draft) -> Reply:
    known = {str(number): label.message for number, label in enumerate(_WHEN)}
    draft.when = known.get("".join(ctx.choice), draft.when)
    return await go_on(ctx, draft, "when")


@asks("still")
async def ask_still(_ctx: Context, draft: Draft) -> Reply:
    return question(
        "still",
        draft,
        [_("<b>Does it still go on?</b>")],
        [Button(_YES, "concern.still:yes"), Button(_NO, "concern.still:no")],
    )


@router.answer("concern.still")
@with_draft
async def receive_still(_ctx: Context, _draft: Draft) -> Reply:
    raise _choose()


@router.choice("concern.still")
@with_draft
async def choose_still(ctx: Context, draft: Draft) -> Reply:
    draft.still_happening = ctx.choice == ("yes",)
    first = [safety.EMERGENCY] if draft.still_happening else []
    return await go_on(ctx, draft, "still", *first)


@asks("answer")
async def ask_answer(_ctx: Context, draft: Draft) -> Reply:
    return question(
        "answer",
        draft,
        [
            _("<b>May the team answer you here?</b> They are not told who you are."),
            _(
                "You read the answer with your receipt code, from any chat. Without the code, "
                "nobody can read it here."
            ),
            _(
                "I do not tell you by myself that an answer came. You can switch that on after "
                "sending, but then I must keep the number of this chat."
            ),
        ],
        [
            # Translators: A button: the police team may answer the person. Max 30
            Button(_p("button", "Yes, they may answer"), "concern.answer:yes"),
            # Translators: A button: the police team shall not answer the person. Max 30
            Button(_p("button", "No answer, please"), "concern.answer:no"),
        ],
    )


@router.answer("concern.answer")
@with_draft
async def receive_answer(_ctx: Context, _draft: Draft) -> Reply:
    raise _choose()


@router.choice("concern.answer")
@with_draft
async def choose_answer(ctx: Context, draft: Draft) -> Reply:
    draft.answer_wanted = ctx.choice != ("no",)
    return await go_on(ctx, draft, "answer")


def shown_when(draft: Draft) -> Text | str:
    """The time as it was chosen, in the reader's language, or typed."""
    return next((label for label in _WHEN if label.message == draft.when), draft.when)


def hint(ctx: Context, draft: Draft, words: str) -> list[Text]:
    """A word about what may tell who wrote it: once for each draft, and never in the way."""
    found = [] if draft.hinted else ctx.services.drafts.hints(words)
    if not found:
        return []
    draft.hinted = True
    # Translators: {things} is a list such as "a phone number and a name".
    seen = _(
        "Your words seem to hold this: {things}. It could show who you are. You can change your "
        "words before you send them.",
        things=found,
    )
    return [seen]


def _choose() -> UserError:
    # Translators: Shown above the same buttons as before. Keep /cancel.
    return UserError(_("Please choose one of these, or type Skip. To leave, send /cancel."))
