"""Photos and videos of a concern: made clean as they come, the original only by choice."""

from bot.conversation import Attachment, Button, Context, Reply, Router
from bot.errors import DeliveryError, UserError
from bot.model import Draft, Enclosure
from bot.text import Text, _, _p
from handlers.concern.answers import hint
from handlers.concern.steps import ask, asks, question, with_draft

router = Router(private=True)

MOST_BYTES = 20_000_000

# Translators: A button: all photos are added, go to the next question. Max 30
_GO_ON = _p("button", "Go on")
_NOT_FETCHED = _("I could not fetch that file. It was not added, and nothing was sent.")
_TOO_BIG = _("That file is too big: 20 MB is the most. It was not added, and nothing was sent.")
_NO_ROOM = _("I cannot take another file now. It was not added. What you added before is here.")


@asks("files")
async def ask_files(_ctx: Context, draft: Draft) -> Reply:
    if draft.files:
        return _added(draft)
    return question(
        "files",
        draft,
        [
            _("<b>Would you like to add a photo or a video?</b> Send it here now."),
            _(
                "It can show who you are: faces, your home, the view from your window, a voice. I "
                "take hidden details out of it, such as the place and the time, and the sound."
            ),
        ],
        takes_files=True,
    )


@router.answer("concern.files")
@with_draft
async def receive_files(ctx: Context, draft: Draft) -> Reply:
    if not ctx.message.attachments:
        raise UserError(_("Please send a photo or a video, or type Skip."))
    told = [await take(ctx, draft, each) or _taken(draft) for each in ctx.message.attachments]
    if words := ctx.message.text.strip():
        draft.text = f"{draft.text}\n\n{words}".strip()
        told.append(_("I added the words below the file to your concern."))
        told += hint(ctx, draft, words)
    return await ask(ctx, draft, "files", *told)


@router.choice("concern.unfile")
@with_draft
async def take_out(ctx: Context, draft: Draft) -> Reply:
    draft.files = [each for each in draft.files if ctx.choice != (each.media.name,)]
    return await ask(ctx, draft, "files")


@router.choice("concern.sound")
@with_draft
async def keep_sound(ctx: Context, draft: Draft) -> Reply:
    enclosure = _pressed(ctx, draft)
    if enclosure is None or not _is_video(enclosure):
        return await ask(ctx, draft, "files")
    number = int("".join(filter(str.isdigit, enclosure.media.name.partition(".")[0])))
    enclosure.media = await ctx.services.media.clean(
        enclosure.received,
        as_file=enclosure.media.original is not None,
        keep_sound=True,
        number=number,
        channel=ctx.message.address.channel,
    )
    enclosure.with_sound = True
    return await ask(ctx, draft, "files", _("The sound stays in it. A voice can show who you are."))


@router.choice("concern.original")
@with_draft
async def ask_for_original(ctx: Context, draft: Draft) -> Reply:
    enclosure = _pressed(ctx, draft)
    if enclosure is None or enclosure.media.original is None:
        return await ask(ctx, draft, "files")
    name = enclosure.media.name
    return Reply(
        [
            # Translators: {name} is the name of a file, "photo-1.jpg".
            _("<b>Send the original of {name} too?</b>", name=name),
            _(
                "It can hold the place, the time and the device it was made with, and so lead to "
                "you. As evidence it may be worth more than the clean copy."
            ),
        ],
        (
            # Translators: A button: the unchanged photo goes to the police too. Max 30
            Button(_p("button", "Send the original too"), f"concern.both:{name}"),
            # Translators: A button: only the photo without hidden details is sent. Max 30
            Button(_p("button", "Only the clean copy"), "concern.ask:files"),
        ),
        expects="concern.files",
        takes_files=True,
    )


@router.choice("concern.both")
@with_draft
async def send_original(ctx: Context, draft: Draft) -> Reply:
    enclosure = _pressed(ctx, draft)
    if enclosure is not None and enclosure.media.original is not None:
        enclosure.with_original = True
    return await ask(ctx, draft, "files")


def described(draft: Draft) -> list[Text]:
    """Each file in a line: its name, and the checksum of an original that goes with it."""
    return [_described(each) for each in draft.files]


def _described(enclosure: Enclosure) -> Text:
    name, original = enclosure.media.name, enclosure.media.original
    if original is not None and enclosure.with_original:
        # Translators: {name} is the name of a file, "photo-1.jpg"; {hash} its checksum. Keep
        # SHA-256.
        return _(
            "{name}, and its original. SHA-256 of the original: <code>{hash}</code>",
            name=name,
            hash=original.sha256,
        )
    if _is_video(enclosure) and enclosure.with_sound:
        # Translators: {name} is the name of a file, "video-1.mp4".
        return _("{name}, with its sound", name=name)
    # Translators: {name} is the name of a file, "photo-1.jpg".
    return _("{name}, without hidden details", name=name)


async def take(ctx: Context, draft: Draft, attachment: Attachment) -> Text | None:
    """Fetch a file, make it clean and add it. Returns why not, where it was not added."""
    if attachment.open is None:
        return _NOT_FETCHED
    if attachment.size is not None and attachment.size > MOST_BYTES:
        return _TOO_BIG
    if not ctx.services.drafts.has_room(draft, attachment.size or MOST_BYTES):
        return _NO_ROOM
    try:
        received = await attachment.open()
        media = await ctx.services.media.clean(
            received,
            as_file=attachment.as_file,
            number=_next_number(draft),
            channel=ctx.message.address.channel,
        )
    except DeliveryError:
        return _NOT_FETCHED
    except UserError as error:
        return error.text
    draft.files.append(Enclosure(media, received))
    return None


def _taken(draft: Draft) -> Text:
    # Translators: {name} is the name of a file, "photo-1.jpg".
    return _("I added {name}. Nothing has been sent yet.", name=draft.files[-1].media.name)


def _added(draft: Draft) -> Reply:
    options = []
    shrunk = False
    for each in draft.files:
        name = each.media.name
        shrunk |= each.media.original is None
        if each.media.original is not None and not each.with_original:
            # Translators: A button: also send a photo as it was made. {name} is "photo-1.jpg".
            label = _p("button", "Original of {name} too", name=name)
            options.append(Button(label, f"concern.original:{name}"))
        if _is_video(each) and not each.with_sound:
            # Translators: A button: do not take the sound out. {name} is "video-1.mp4".
            label = _p("button", "Keep the sound of {name}", name=name)
            options.append(Button(label, f"concern.sound:{name}"))
        # Translators: A button: this photo shall not be sent. {name} is "photo-1.jpg".
        label = _p("button", "Take out {name}", name=name)
        options.append(Button(label, f"concern.unfile:{name}"))
    text = [
        _("<b>Your photos and videos</b>"),
        *described(draft),
        _("Send another one, or go on."),
    ]
    if shrunk:
        text.append(
            _(
                "A messenger makes a photo smaller, so there is no original. To give one, send it "
                "as a file."
            )
        )
    return question("files", draft, text, options, skip=_GO_ON, takes_files=True)


def _pressed(ctx: Context, draft: Draft) -> Enclosure | None:
    return next((each for each in draft.files if ctx.choice == (each.media.name,)), None)


def _next_number(draft: Draft) -> int:
    names = {each.media.name.partition(".")[0] for each in draft.files}
    return next(n for n in range(1, 100) if names.isdisjoint({f"photo-{n}", f"video-{n}"}))


def _is_video(enclosure: Enclosure) -> bool:
    return enclosure.media.media_type.startswith("video/")
