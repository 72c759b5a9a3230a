"""Use cases. ``Services`` is the frozen bag that handlers receive."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports import Language
from bot.services.advisor import Advisor
from bot.services.conversations import Conversations
from bot.services.directory import Directory
from bot.services.places import Places
from bot.services.posts import Posts
from bot.services.preferences import ResidentPreferences
from bot.services.records import Records
from bot.services.residents import Residents


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler may ask for."""

    residents: Residents
    conversations: Conversations
    records: Records
    places: Places
    preferences: ResidentPreferences
    posts: Posts
    advice: Advisor
    directory: Directory
    languages: Sequence[Language]
