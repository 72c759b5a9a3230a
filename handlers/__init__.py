"""Conversations: one file each, and a line below."""

from bot.conversation import Router
from handlers import (
    advice,
    alerts,
    concern,
    contact,
    events,
    follow,
    forget,
    frequency,
    help,
    hide,
    language,
    mydata,
    news,
    numbers,
    outcomes,
    pause,
    places,
    privacy,
    quiet,
    start,
    status,
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
    outcomes,
    numbers,
    events,
    team,
    advice,
    language,
    contact,
    news,
    help,
    stop,
    concern,
    status,
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
