"""Conversations: one file each, and a line below."""

from bot.conversation import Router
from handlers import (
    alerts,
    concern,
    contact,
    follow,
    frequency,
    help,
    language,
    pause,
    places,
    quiet,
    start,
    stop,
    team,
    topics,
)

CONVERSATIONS = (
    start,
    follow,
    places,
    topics,
    frequency,
    alerts,
    quiet,
    pause,
    team,
    language,
    contact,
    help,
    stop,
    concern,
)


def router() -> Router:
    """Every conversation, joined."""
    joined = Router()
    for conversation in CONVERSATIONS:
        joined.include(conversation.router)
    return joined
