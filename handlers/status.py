"""/status: what became of a concern, for whoever holds its receipt code, from any chat."""

from bot import bulletin, safety
from bot.conversation import Button, Context, Reply, Router
from bot.errors import UserError
from bot.model import ConcernState, Draft, Mailbox, TeamReply
from bot.text import Text, _, _n, _p
from handlers import buttons
from handlers.concern.answers import hint
from handlers.concern.files import take

router = Router(private=True)

CODE_BYTES = 20  # eighteen symbols and two hyphens

# Translators: A button that deletes a concern and its answers. Max 30
_DELETE = _p("button", "Delete now")
# Translators: A button: this chat is no longer told when an answer comes. Max 30
_PUSH_OFF = _p("button", "Stop telling me")
# Translators: A button that leaves a concern as it is. Max 30
_KEEP = _p("button", "Keep it")


@router.command(_p("command", "status"), menu=_("Check for a reply"))
async def ask(ctx: Context) -> Reply:
    return await _look(ctx, ctx.args) if ctx.args else _ask_code()


@router.choice("status")
async def check(ctx: Context) -> Reply:
    return await _look(ctx, _code(ctx)) if ctx.choice else _ask_code()


@router.answer("status.code")
async def receive_code(ctx: Context) -> Reply:
    return await _look(ctx, ctx.message.text)


@router.choice("status.add")
async def ask_more(ctx: Context) -> Reply:
    ctx.services.drafts.begin(ctx.message.address, Draft(adds_to=_code(ctx)))
    return _adding(
        _code(ctx),
        _("What would you like to add? Write it here, or send a photo or a video."),
        _("I send it to the team as soon as you have written it."),
    )


@router.answer("status.more")
async def receive_more(ctx: Context) -> Reply:
    """Words and files go at once: there is nothing to review but what was just written."""
    drafts, address = ctx.services.drafts, ctx.message.address
    draft = drafts.of(address)
    if draft is None or not draft.adds_to:
        return _nothing_added(ctx)
    draft.text, draft.urgent = ctx.message.text.strip(), ctx.danger
    refused = [why for each in ctx.message.attachments if (why := await take(ctx, draft, each))]
    if refused:  # the words may mean little without the file
        draft.text, draft.files = "", []
    if draft.is_empty:
        return _adding(draft.adds_to, *refused, _("Nothing was added yet. Write it, or cancel."))
    noticed = hint(ctx, draft, draft.text)
    concern = draft.concern(ctx.resident.language or "")
    with ctx.services.limits.concern(address):
        known = await ctx.services.concerns.add(draft.adds_to, concern)
    drafts.finish(address)
    if known is None:
        return _not_known()
    return Reply(
        [
            _("Added. I now pass it on to the team, and try until it is there."),
            *noticed,
            safety.EMERGENCY,
        ],
        buttons.of_receipt(draft.adds_to),
    )


@router.choice("status.leave")
async def leave(ctx: Context) -> Reply:
    ctx.services.drafts.finish(ctx.message.address)
    return _nothing_added(ctx)


@router.choice("status.delete")
async def ask_to_delete(ctx: Context) -> Reply:
    code = _code(ctx)
    return Reply(
        [
            _("Delete this concern and its answers from here? You cannot undo it."),
            _("What the police already have stays with them. What is still on its way is stopped."),
        ],
        (
            # Translators: A button that deletes a concern for good. Max 30
            Button(_p("button", "Yes, delete it"), f"status.erase:{code}"),
            Button(_KEEP, f"status:{code}"),
        ),
        expects="status.sure",
    )


@router.answer("status.sure")
async def not_sure(_ctx: Context) -> Reply:
    raise UserError(_("Nothing was deleted. Please choose one of these."))


@router.choice("status.erase")
async def erase(ctx: Context) -> Reply:
    ctx.services.limits.take_code(ctx.message.address)
    if not await ctx.services.concerns.erase(_code(ctx)):
        return _not_known()
    return Reply(
        [
            _("Deleted. The code opens nothing any more."),
            # Translators: {hide} is the label of the button "Hide".
            _("To clear this chat too, press {hide}.", hide=buttons.HIDE.label),
        ],
        (buttons.HIDE, buttons.CONCERN, buttons.HELP),
    )


@router.choice("status.push")
async def ask_to_push(ctx: Context) -> Reply:
    code = _code(ctx)
    return Reply(
        [
            _("<b>Shall I write here when the team answers?</b>"),
            _(
                "Then I must keep the number of this chat with your concern, encrypted, for up to "
                "30 days. Whoever got hold of my data and my keys could find you by it."
            ),
            _("Who sees your screen may see the message. It does not say what it is about."),
            _("Without this, nothing here leads to you. You can check with your code at any time."),
        ],
        (
            # Translators: A button: yes, write here when an answer comes. Max 30
            Button(_p("button", "Yes, tell me here"), f"status.tell:{code}"),
            # Translators: A button: do not write here when an answer comes. Max 30
            Button(_p("button", "No, I will check"), f"status:{code}"),
        ),
        expects="status.sure",
    )


@router.choice("status.tell")
async def push_on(ctx: Context) -> Reply:
    ctx.services.limits.take_code(ctx.message.address)
    address = ctx.message.address
    if not await ctx.services.concerns.push_on(_code(ctx), address.channel, address.id):
        return _not_known()
    return await _look(ctx, _code(ctx))


@router.choice("status.quiet")
async def push_off(ctx: Context) -> Reply:
    ctx.services.limits.take_code(ctx.message.address)
    if not await ctx.services.concerns.push_off(_code(ctx)):
        return _not_known()
    return await _look(ctx, _code(ctx))


async def _look(ctx: Context, typed: str) -> Reply:
    ctx.services.limits.take_code(ctx.message.address)
    found = await ctx.services.concerns.look(typed)
    if found is None:
        return _not_known()
    code, mailbox = found
    mailbox = await ctx.services.concerns.in_language(mailbox, ctx.language)
    area = await ctx.services.places.area(mailbox.area) if mailbox.area else None
    # Translators: {area} is the name of an area, such as "Abbey (Reading)".
    head = [_("Your concern about {area}.", area=area.label)] if area else []
    quiet = Button(_PUSH_OFF, f"status.quiet:{code}")
    return Reply(
        [
            *head,
            *_state(mailbox),
            *(text for reply in mailbox.replies for text in _reply(reply)),
            *_clock(ctx, mailbox),
            *_pushed(mailbox),
            *await _outcomes(ctx, mailbox),
            safety.EMERGENCY,
        ],
        (
            buttons.check(code),
            buttons.add(code),
            quiet if mailbox.push else buttons.push(code),
            Button(_DELETE, f"status.delete:{code}"),
            buttons.HIDE,
            buttons.HELP,
        ),
    )


def _code(ctx: Context) -> str:
    """The code on a pressed button; of a forged one only as much as our own buttons can hold."""
    return ":".join(ctx.choice).encode()[:CODE_BYTES].decode(errors="ignore")


def _ask_code() -> Reply:
    return Reply(
        [_("Please type your receipt code. It has 18 letters and digits."), safety.EMERGENCY],
        (buttons.HIDE, buttons.HELP),
        expects="status.code",
    )


def _not_known() -> Reply:
    """The same for a wrong code, one that is too old, and one that was deleted."""
    return Reply(
        [
            _(
                "This code opens nothing. It may be mistyped, deleted, or older than I keep "
                "concerns. Please check it and type it again."
            ),
            safety.EMERGENCY,
        ],
        (buttons.CONCERN, buttons.HIDE, buttons.HELP),
        expects="status.code",
    )


def _adding(code: str, *text: Text) -> Reply:
    return Reply(
        text,
        # Translators: A button that leaves without adding anything. Max 30
        (Button(_p("button", "Cancel"), f"status.leave:{code}"), buttons.HIDE),
        expects="status.more",
        takes_files=True,
    )


def _nothing_added(ctx: Context) -> Reply:
    code = _code(ctx)
    return Reply(
        [
            _("Nothing was added, and nothing was sent."),
            safety.EMERGENCY,
            safety.report(ctx.services.directory.force.report_url),
        ],
        (*([buttons.check(code)] if code else []), buttons.HIDE, buttons.HELP),
    )


def _state(mailbox: Mailbox) -> list[Text]:
    match mailbox.state:
        case ConcernState.SAVED:
            text = [_("It is saved, but not delivered yet. I keep trying.")]
        case ConcernState.DELIVERED:
            text = [_("It is delivered: the team's mailbox has it.")]
        case ConcernState.WORKING:
            text = [_("The team says that it is working on it.")]
        case ConcernState.REFERRED:
            text = [_("The team says that it passed it on.")]
        case ConcernState.CLOSED:
            text = [_("The team says that it is closed.")]
        case ConcernState.UNDELIVERED:
            return [_("I could not deliver it, so I gave up. To tell the police, call 101.")]
    if mailbox.waiting and mailbox.state is not ConcernState.SAVED:
        text.append(
            # Translators: {count} is a number of messages, such as 2.
            _n(
                "{count} message of yours is not delivered yet. I keep trying.",
                "{count} messages of yours are not delivered yet. I keep trying.",
                mailbox.waiting,
            )
        )
    if mailbox.lost:
        text.append(
            # Translators: {count} is a number of messages, such as 2.
            _n(
                "I could not deliver {count} message of yours, so I gave up on it. To tell the "
                "police, call 101.",
                "I could not deliver {count} messages of yours, so I gave up on them. To tell the "
                "police, call 101.",
                mailbox.lost,
            )
        )
    if not mailbox.replies:
        text.append(
            _("There is no answer yet.")
            if mailbox.answer_wanted
            else _("You asked for no answer, so none comes.")
        )
    return text


def _reply(reply: TeamReply) -> list[Text]:
    """What a team answered, a computer's translation of it first, what they wrote beneath."""
    words, reason = (
        translated or written
        for translated, written in zip(reply.translated, (reply.words, reply.reason), strict=True)
    )
    lines = _said(reply, words, reason)
    if not any(reply.translated):
        return lines
    return [*lines, safety.MACHINE_LABEL, *_as_written(reply)]


def _as_written(reply: TeamReply) -> list[Text]:
    """The words of an officer that a computer translated, in the order of the translation."""
    pairs = zip(reply.translated, (reply.words, reply.reason), strict=True)
    return [
        # Translators: Stands under a computer's translation. {words} is what the police team
        # wrote, in English.
        _("<b>What they wrote, in English:</b> {words}", words=written)
        for translated, written in pairs
        if translated
    ]


def _said(reply: TeamReply, words: str, reason: str) -> list[Text]:
    lines: list[Text] = []
    if words:
        # Translators: An answer of the police team. {day} is a date, {words} what they wrote.
        lines.append(_("<b>The team, {day}:</b> {words}", day=reply.day, words=words))
    if reply.state is ConcernState.WORKING:
        # Translators: {day} is a date, "5 December 2026".
        lines.append(_("{day}: the team is working on it.", day=reply.day))
    if reply.state is ConcernState.REFERRED:
        # Translators: {day} is a date; {whom} is whom it went to, in their words, "the council".
        lines.append(_("{day}: passed on. To: {whom}", day=reply.day, whom=reason))
    if reply.state is ConcernState.CLOSED:
        # Translators: {day} is a date; {reason} is why, in the team's words.
        lines.append(_("{day}: closed. Why: {reason}", day=reply.day, reason=reason))
    return lines


def _clock(ctx: Context, mailbox: Mailbox) -> list[Text]:
    """The 72 hours, and what to do when they pass without an answer."""
    if mailbox.answered is not None or not mailbox.answer_wanted:
        return []
    return [
        # Translators: The name stays in English. {day} is a date, "5 December 2026".
        _(
            "The Neighbourhood Policing Guarantee promises an answer within 72 hours. That is by "
            "the end of {day}.",
            day=mailbox.clock_ends,
        ),
        # Translators: {url} is the address for complaints. {number} is 101. {add} is the label of
        # the button "Add more".
        _(
            "If none came by then: ask again with {add}, call {number}, or "
            '<a href="{url}">complain to the force</a>.',
            add=buttons.ADD,
            number=ctx.services.directory.line("non_emergency").number,
            url=ctx.services.directory.report_url("feedback"),
        ),
    ]


def _pushed(mailbox: Mailbox) -> list[Text]:
    if not mailbox.push:
        return []
    # Translators: {stop} is the label of the button "Stop telling me".
    told = _("A chat is told when the team answers. To end that, press {stop}.", stop=_PUSH_OFF)
    return [told]


async def _outcomes(ctx: Context, mailbox: Mailbox) -> list[Text]:
    """What the team has done since on this subject in this area."""
    force = ctx.services.directory.force.name
    found = await ctx.services.concerns.about(mailbox, ctx.language)
    told = [text for post, words in found for text in bulletin.alone(post, words, force).paragraphs]
    return [_("<b>This may be about what you raised:</b>"), *told] if told else []
