"""/language: the language we write in."""

from dataclasses import replace

from bot.conversation import Button, Context, Reply, Router
from bot.safeguarding import fold
from bot.text import _, _p
from handlers import buttons
from handlers.follow import introduce

router = Router()


@router.command(_p("command", "language"), menu=_("Change the language"))
@router.choice("language")
async def ask(ctx: Context) -> Reply:
    return Reply(
        _("Which language would you like?"),
        (*picker(ctx), buttons.HELP),
        expects="language.name",
    )


@router.choice("language.set")
async def receive_choice(ctx: Context) -> Reply:
    return await _choose(ctx, "".join(ctx.choice))


@router.answer("language.name")
async def receive_name(ctx: Context) -> Reply:
    typed = fold(ctx.message.text)
    for language in ctx.services.languages:
        if typed in {fold(name) for name in (language.native, language.english, language.code)}:
            return await _choose(ctx, language.code)
    return Reply(
        # Translators: Shown when someone types a language that is not in the list below.
        _("I do not have that language. Please choose one of these."),
        (*picker(ctx), buttons.HELP),
        expects="language.name",
    )


def picker(ctx: Context) -> list[Button]:
    """One button for each language on offer, in its own name."""
    return [
        buttons.language(each.native, each.code, is_draft=each.status == "draft")
        for each in ctx.services.languages
    ]


async def _choose(ctx: Context, code: str) -> Reply:
    language = next((each for each in ctx.services.languages if each.code == code), None)
    if language is None:
        return await ask(ctx)
    await ctx.services.residents.choose_language(ctx.resident, code)
    # Translators: {language} is the language just chosen, in its own words: "Polski".
    chosen = _("I will write to you in {language}.", language=language.native)
    if await ctx.services.places.of(ctx.resident):
        reply = Reply(chosen, (buttons.PLACES, buttons.FOLLOW, buttons.HELP))
    else:
        introduction = introduce(ctx)
        reply = replace(introduction, text=[chosen, *introduction.paragraphs])
    return replace(reply, new_language=True)
