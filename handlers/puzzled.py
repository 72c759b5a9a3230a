"""What is added where somebody's words were not understood: a way into the language they wrote."""

from dataclasses import replace

from bot.conversation import Context, Reply
from bot.text import _
from handlers import buttons


def puzzled(ctx: Context, reply: Reply) -> Reply:
    """The reply, and the question whether to go on in the language the words seem to be in.

    Nothing is switched: a press of a button does that.
    """
    proposals = ctx.services.detection.proposals(ctx.message.text, ctx.resident.language)
    if not proposals:
        return reply
    ask = _("Which language would you like?")
    if len(proposals) == 1:
        # Translators: {language} is a language in its own words, such as "Polski".
        ask = _("Shall I write to you in {language}?", language=proposals[0].native)
        ask = replace(ask, language=proposals[0].code)
    choices = [
        buttons.language(each.native, each.code, is_draft=each.status == "draft")
        for each in proposals
    ]
    return replace(reply, text=[*reply.paragraphs, ask], buttons=(*choices, *reply.buttons))
