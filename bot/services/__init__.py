"""Use cases. ``Services`` is the frozen bag that handlers receive."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports import Language
from bot.services.advisor import Advisor
from bot.services.concerns import Concerns
from bot.services.conversations import Conversations
from bot.services.detection import Detection
from bot.services.directory import Directory
from bot.services.drafts import Drafts
from bot.services.gate import Gate
from bot.services.limits import Limits
from bot.services.media import Cleaner
from bot.services.meetings import Meetings
from bot.services.numbers import Numbers
from bot.services.outcomes import Outcomes
from bot.services.places import Places
from bot.services.posts import Posts
from bot.services.preferences import ResidentPreferences
from bot.services.push_links import PushLinks
from bot.services.records import Records
from bot.services.residents import Residents
from bot.services.rosters import Rosters
from bot.services.teams import Teams


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler may ask for. ``web_url`` is the address of the web chat."""

    residents: Residents
    conversations: Conversations
    drafts: Drafts
    concerns: Concerns
    push_links: PushLinks
    limits: Limits
    media: Cleaner
    records: Records
    places: Places
    preferences: ResidentPreferences
    posts: Posts
    teams: Teams
    gate: Gate
    outcomes: Outcomes
    meetings: Meetings
    numbers: Numbers
    rosters: Rosters
    advice: Advisor
    directory: Directory
    languages: Sequence[Language]
    detection: Detection
    web_url: str
