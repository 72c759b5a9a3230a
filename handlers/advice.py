"""/advice: this week's advice, all of it by topic, and a search in the reader's language."""

from collections.abc import Sequence

from bot import bulletin
from bot.conversation import Button, Context, Reply, Router
from bot.model import Advice, Topic
from bot.text import Text, _, _n, _p
from bot.topics import NAMES, THEMES
from handlers import buttons

router = Router()

_BY_NUMBER = {str(number): topic for number, topic in enumerate(Topic)}
_NUMBER = {topic: number for number, topic in _BY_NUMBER.items()}

# Translators: A button that lists the topics of advice. Max 30
_TOPICS = Button(_p("button", "Advice by topic"), "advice.topics")
# Translators: A button that asks for a word to look for in all advice. Max 30
_SEARCH = Button(_p("button", "Search advice"), "advice.search")
# Translators: A button that shows the advice chosen for this week. Max 30
_THIS_WEEK = Button(_p("button", "This week's advice"), "advice")
_WAYS_ON = (_TOPICS, _SEARCH, buttons.HELP)


@router.command(_p("command", "advice"), menu=_("Get advice on staying safe"))
@router.choice("advice")
async def show(ctx: Context) -> Reply:
    if ctx.args:
        return _found(ctx, ctx.args)
    this_week = await ctx.services.advice.this_week(ctx.resident)
    if this_week is None:
        return Reply(
            _("You have had all our advice on your topics lately. You can read it again by topic."),
            _WAYS_ON,
            expects="advice.word",
        )
    return _screen(*this_week)


@router.choice("advice.read")
async def read(ctx: Context) -> Reply:
    given = ctx.services.advice.read("".join(ctx.choice), ctx.resident)
    if given is None:
        return Reply(_("That advice is not here any more."), _WAYS_ON, expects="advice.word")
    return _screen(given)


@router.choice("advice.topics")
async def list_topics(ctx: Context) -> Reply:
    there = ctx.services.advice.topics()
    return Reply(
        _("What would you like advice on?"),
        (
            *(
                # Translators: A button with the name of a topic, "Road safety". Max 30
                Button(_p("button", "{topic}", topic=NAMES[topic]), f"advice.on:{_NUMBER[topic]}")
                for theme in THEMES
                for topic in theme.topics
                if topic in there
            ),
            _SEARCH,
            buttons.back("advice"),
        ),
        expects="advice.word",
    )


@router.choice("advice.on")
async def list_topic(ctx: Context) -> Reply:
    topic = _BY_NUMBER.get("".join(ctx.choice))
    found = ctx.services.advice.about(topic, ctx.resident) if topic else []
    if not found:
        return await list_topics(ctx)
    return _list(_("Here is our advice. Which would you like to read?"), found)


@router.choice("advice.search")
async def ask_word(ctx: Context) -> Reply:
    return Reply(
        # Translators: Put a word that your readers may look for in place of "bike".
        _("Type a word, such as bike. I will look for it in all our advice."),
        (_TOPICS, buttons.back("advice")),
        expects="advice.word",
    )


@router.answer("advice.word")
async def receive_word(ctx: Context) -> Reply:
    return _found(ctx, ctx.message.text)


@router.choice("advice.useful")
async def praise(ctx: Context) -> Reply:
    return await _thank(ctx, useful=True)


@router.choice("advice.useless")
async def dispraise(ctx: Context) -> Reply:
    return await _thank(ctx, useful=False)


async def _thank(ctx: Context, *, useful: bool) -> Reply:
    counted = await ctx.services.advice.vote("".join(ctx.choice), useful=useful)
    if not counted:
        return await read(ctx)
    return Reply(
        [_("Thank you. I count what people think, but not who said so.")],
        (_THIS_WEEK, *_WAYS_ON),
        expects="advice.word",
    )


def _found(ctx: Context, words: str) -> Reply:
    found = ctx.services.advice.search(words, ctx.resident)
    if not found:
        return Reply(
            _("I found no advice with that word. Try another word, or choose a topic."),
            _WAYS_ON,
            expects="advice.word",
        )
    if len(found) == 1:
        return _screen(found[0])
    # Translators: {count} is how many pieces of advice were found, such as 3.
    text = _n(
        "I found {count} piece of advice. Which would you like to read?",
        "I found {count} pieces of advice. Which would you like to read?",
        len(found),
    )
    return _list(text, found)


def _list(text: Text, found: Sequence[Advice]) -> Reply:
    return Reply(
        text,
        (
            *(
                # Translators: A button with the title of some advice, "Keep your bike safe".
                Button(_p("button", "{title}", title=each.title), f"advice.read:{each.article}")
                for each in found
            ),
            *_WAYS_ON[:-1],
            buttons.back("advice"),
        ),
        expects="advice.word",
    )


def _screen(given: Advice, reason: Text | None = None) -> Reply:
    return Reply(
        [Text("<b>{title}</b>", {"title": given.title}), *bulletin.advice(given, reason)],
        (
            *([buttons.HIDE] if given.sensitive else []),
            # Translators: A button: this advice helped me. Max 30
            Button(_p("button", "Useful"), f"advice.useful:{given.article}"),
            # Translators: A button: this advice did not help me. Max 30
            Button(_p("button", "Not useful"), f"advice.useless:{given.article}"),
            *_WAYS_ON,
        ),
        expects="advice.word",
    )
