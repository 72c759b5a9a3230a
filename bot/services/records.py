"""The record of one resident as they may take it away: plain English names, nothing of ours."""

import json
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from bot.conversation import File
from bot.model import Place, Preferences, Subscriber, Topic
from bot.ports import Clock
from bot.services.conversations import Conversations, Talk
from bot.store import advice, deliveries, listings, places, preferences, subscribers
from bot.store.database import Database
from bot.store.deliveries import Gate
from bot.store.subscribers import Dates
from bot.text import Text, Value

VERSION = 1
"""The version of the file's form; raise it when a name in it goes or changes its meaning."""

_HELD_ENCRYPTED = (
    "The number of this chat, so that we can write to you, and a code made from it, so that we "
    "know you again."
)
_CONCERNS = (
    "None are in this file. We keep nothing that says who sent a concern, so we cannot tell which "
    "ones are yours."
)
_KEPT = (
    "For 90 days we keep which news and alerts we sent you. For 7 days we keep where they stand in "
    "this chat, so that we can correct them. For 400 days we keep which advice we chose for you."
)
_NAME = re.compile(r"{(\w+)}")


class Records:
    """Shows residents what is kept of them."""

    def __init__(self, database: Database, conversations: Conversations, clock: Clock) -> None:
        self._database = database
        self._conversations = conversations
        self._clock = clock

    async def of(self, resident: Subscriber) -> File:
        """Everything kept of one stored resident, as a JSON file."""
        if resident.id is None:
            raise ValueError("nothing is stored of this resident")
        talk = await self._conversations.load(resident)
        async with self._database.read() as connection:
            dates = await subscribers.dates(connection, resident.id)
            followed = await places.of(connection, resident.id)
            chosen = await preferences.of(connection, resident.id)
            reminders = await listings.reminders_of(connection, resident.id)
            sent = await deliveries.codes(connection, resident.id)
            counted = await deliveries.gate(connection, resident.id)
            advised = await advice.of(connection, resident.id)
        record = {
            **_about(resident, dates, self._clock.now().date()),
            "areas": [_area(place) for place in followed],
            "settings": _settings(chosen),
            "reminders": [{"of": title, "at": due} for title, due in reminders],
            "messages_sent_to_you": sent,
            "how_long_these_are_kept": _KEPT,
            "advice_chosen_for_you": [
                {"for_the_week_of": friday, "article": article} for friday, article in advised
            ],
            "messages_counted": _counted(counted),
            "conversation": _conversation(talk),
            "held_encrypted": _HELD_ENCRYPTED,
            "concerns": _CONCERNS,
        }
        words = json.dumps(record, ensure_ascii=False, indent=2, default=_plain)
        return File("beatline-my-data.json", "application/json", words.encode())


def _about(resident: Subscriber, dates: Dates, today: date) -> Mapping[str, Any]:
    return {
        "version": VERSION,
        "what_this_is": "Everything Beatline holds about this chat.",
        "made_on": today,
        "channel": resident.channel,
        "language": resident.language,
        "first_wrote_on": dates.created_on,
        "stopped_on": dates.stopped_on,
        "privacy_notice": {"version": dates.notice, "shown_on": dates.noticed_on},
    }


def _conversation(talk: Talk) -> Mapping[str, Any]:
    return {
        "waiting_for": talk.expects,
        "last_answer": [_english(text) for reply in talk.replies for text in reply.paragraphs],
        "last_buttons": [_english(button.label) for button in talk.buttons],
        "marks_to_know_repeated_messages": len(talk.seen),
    }


def _area(place: Place) -> Mapping[str, Any]:
    return {
        "name": place.area.name,
        "district": place.area.district or None,
        "topics": [_words(topic) for topic in Topic if topic in place.topics],
        "how_often": _words(place.frequency),
        "alerts_from_level": _words(place.alerts),
        "was_before_the_map_changed": place.was,
        "or_this_area": place.other and place.other.label,
    }


def _settings(preferences: Preferences) -> Mapping[str, Any]:
    quiet = preferences.quiet
    return {
        "quiet_hours": quiet and {"from": quiet.start, "until": quiet.end},
        "paused_until": preferences.paused_until,
        "most_messages_a_day": preferences.daily_cap,
        "hour_of_collected_news": preferences.digest_hour,
    }


def _counted(gate: Gate) -> Mapping[str, Any]:
    return {
        "on": gate.day and date.fromordinal(gate.day),
        "messages": gate.sent,
        "last_collected_news_on": gate.digest_day and date.fromordinal(gate.digest_day),
    }


def _words(choice: Any) -> str:
    return str(choice.name).replace("_", " ").lower()


def _english(text: Text) -> str:
    """A text of ours in English with its values filled in, without its markup's meaning."""
    return _NAME.sub(lambda name: _value(text.values.get(name[1], name[0])), text.message)


def _value(value: Value) -> str:
    match value:
        case Text():
            return _english(value)
        case str() | int() | float() | date() | time():
            return str(value)
        case _:
            return ", ".join(map(_value, value))


def _plain(value: object) -> str:
    """Days and times as JSON can hold them."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a record")
