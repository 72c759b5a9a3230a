"""/mydata, as a resident lives it."""

import json
from typing import Any

from bot.catalogs import Catalogs
from bot.services import Services
from bot.services.places import NOTICE
from bot.services.posts import DELIVERIES_KEPT, REFERENCES_KEPT
from bot.store.tables import advice, conversations, deliveries, gates, places, subscribers
from tests.conftest import new_dispatcher
from tests.resident import Resident

# Where each stored column of a resident shows in the file; None is never shown, and why.
SHOWN_AS = {
    "subscriber.id": None,  # a number of ours
    "subscriber.lookup": "held_encrypted",
    "subscriber.channel": "channel",
    "subscriber.sealed": "held_encrypted",
    "subscriber.language": "language",
    "subscriber.notice": "privacy_notice",
    "subscriber.noticed_on": "privacy_notice",
    "subscriber.created_on": "first_wrote_on",
    "subscriber.stopped_on": "stopped_on",
    "subscriber.quiet_from": "settings",
    "subscriber.quiet_until": "settings",
    "subscriber.paused_until": "settings",
    "subscriber.daily_cap": "settings",
    "subscriber.digest_hour": "settings",
    "place.subscriber_id": None,  # a number of ours
    "place.area_id": "areas",
    "place.was": "areas",
    "place.other_id": "areas",
    "place.topics": "areas",
    "place.frequency": "areas",
    "place.alerts": "areas",
    "delivery.id": None,  # a number of ours
    "delivery.post_id": "messages_sent_to_you",
    "delivery.subscriber_id": None,  # a number of ours
    "delivery.token": "channel",
    "delivery.priority": None,  # of the message, for everybody alike
    "delivery.due": None,  # when we look at it again
    "delivery.state": "messages_sent_to_you",
    "delivery.attempt": None,  # of ours
    "delivery.edition": None,  # of the message's words
    "delivery.lease_until": None,  # while it is on its way
    "delivery.message_ref": "how_long_these_are_kept",
    "delivery.error": None,  # why it did not go out
    "chat_gate.subscriber_id": None,  # a number of ours
    "chat_gate.next_ok": "messages_counted",
    "chat_gate.day": "messages_counted",
    "chat_gate.sent": "messages_counted",
    "chat_gate.digest_day": "messages_counted",
    "advice.subscriber_id": None,  # a number of ours
    "advice.friday": "advice_chosen_for_you",
    "advice.article": "advice_chosen_for_you",
    "advice.post_id": "messages_sent_to_you",
    "conversation.subscriber_id": None,  # a number of ours
    "conversation.talk": "conversation",
    "conversation.seen": "conversation",
}


def record(resident: Resident) -> dict[str, Any]:
    """The file of the last answer."""
    (file,) = [rendered.file for rendered in resident.shown if rendered.file is not None]
    assert (file.name, file.media_type) == ("beatline-my-data.json", "application/json")
    found = json.loads(file.data)
    assert isinstance(found, dict)
    return found


async def test_a_resident_gets_a_file_with_everything_at_once(resident: Resident) -> None:
    await resident.says("/follow RG1 1AA")
    await resident.says("/mydata")
    resident.reads("Here is everything I hold about this chat")
    assert record(resident) == {
        "version": 1,
        "what_this_is": "Everything Beatline holds about this chat.",
        "made_on": "2026-11-23",
        "channel": "test",
        "language": "en_GB",
        "first_wrote_on": "2026-11-23",
        "stopped_on": None,
        "privacy_notice": {"version": NOTICE, "shown_on": "2026-11-23"},
        "areas": [
            {
                "name": "Riverside",
                "district": None,
                "topics": [
                    "general",
                    "crime prevention",
                    "neighbourhood policing",
                    "road safety",
                    "anti social behaviour",
                    "building confidence",
                    "night time economy",
                    "serious violence",
                    "residential burglary",
                    "retail crime",
                    "vehicle crime",
                    "rural crime",
                    "cybercrime and fraud",
                ],
                "how_often": "weekly",
                "alerts_from_level": "routine",
                "was_before_the_map_changed": None,
                "or_this_area": None,
            }
        ],
        "settings": {
            "quiet_hours": {"from": "22:00:00", "until": "07:00:00"},
            "paused_until": None,
            "most_messages_a_day": 5,
            "hour_of_collected_news": 18,
        },
        "reminders": [],
        "messages_sent_to_you": [],
        "how_long_these_are_kept": record(resident)["how_long_these_are_kept"],
        "advice_chosen_for_you": [],
        "messages_counted": {"on": None, "messages": 0, "last_collected_news_on": None},
        "conversation": record(resident)["conversation"],
        "held_encrypted": record(resident)["held_encrypted"],
        "concerns": record(resident)["concerns"],
    }
    talk = record(resident)["conversation"]
    assert "You now follow Riverside." in talk["last_answer"]
    assert "My areas" in talk["last_buttons"]


def test_nothing_that_is_stored_of_a_resident_is_left_out_of_the_file() -> None:
    stored = {
        str(column)
        for table in (subscribers, places, conversations, deliveries, gates, advice)
        for column in table.columns
    }
    assert stored == SHOWN_AS.keys()


async def test_every_stored_column_has_its_name_in_the_file(resident: Resident) -> None:
    await resident.says("/mydata")
    assert {name for name in SHOWN_AS.values() if name} <= record(resident).keys()


async def test_no_number_of_the_chat_and_no_key_is_in_the_file(resident: Resident) -> None:
    await resident.says("/mydata")
    assert resident.address.id not in json.dumps(record(resident))


async def test_the_file_tells_how_long_messages_are_remembered(resident: Resident) -> None:
    await resident.says("/mydata")
    resident.reads(f"in the last {DELIVERIES_KEPT.days} days")
    told = record(resident)["how_long_these_are_kept"]
    assert f"For {DELIVERIES_KEPT.days} days" in told
    assert f"For {REFERENCES_KEPT.days} days" in told


async def test_someone_who_only_asks_gets_a_file_too(stranger: Resident) -> None:
    await stranger.says("/mydata")
    assert record(stranger)["areas"] == []


async def test_the_file_is_not_stored_and_a_repeat_after_a_crash_says_how_to_get_it(
    resident: Resident, services: Services, catalogs: Catalogs
) -> None:
    await resident.says("/mydata", update="700")
    resident.dispatcher = new_dispatcher(services, catalogs)
    await resident.says("/mydata", update="700")
    resident.reads("please ask for it again")
    await resident.says("/mydata")
    assert record(resident)["version"] == 1
