"""Conversations: one file each, and a line below."""

from bot.conversation import Router
from handlers import (
    advice,
    alerts,
    concern,
    contact,
    follow,
    forget,
    frequency,
    help,
    hide,
    language,
    mydata,
    news,
    pause,
    places,
    privacy,
    quiet,
    start,
    stop,
    team,
    topics,
    verify,
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
    advice,
    language,
    contact,
    news,
    help,
    stop,
    concern,
    privacy,
    mydata,
    forget,
    hide,
    verify,
)


def router() -> Router:
    """Every conversation, joined."""
    joined = Router()
    for conversation in CONVERSATIONS:
        joined.include(conversation.router)
    return joined
