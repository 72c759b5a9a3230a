"""Conversations: one file each, and a line below."""

from bot.conversation import Router
from handlers import concern, follow, help, language, places, start, stop

CONVERSATIONS = (start, follow, places, language, help, stop, concern)


def router() -> Router:
    """Every conversation, joined."""
    joined = Router()
    for conversation in CONVERSATIONS:
        joined.include(conversation.router)
    return joined
