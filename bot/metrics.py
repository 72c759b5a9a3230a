"""Figures of this process for Prometheus. No label ever says anything about a resident."""

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

_registry = CollectorRegistry()

messages = Counter(
    "beatline_messages", "Messages received, repeats included.", ["channel"], registry=_registry
)
answers = Counter("beatline_answers", "Messages answered.", ["channel"], registry=_registry)
handler_errors = Counter(
    "beatline_handler_errors", "Messages answered with an apology.", registry=_registry
)
safeguarding_matches = Counter(
    "beatline_safeguarding_matches",
    "Messages answered with safety information first.",
    ["kind"],
    registry=_registry,
)
channel_problem = Gauge(
    "beatline_channel_problem", "1 while a channel cannot receive.", ["channel"], registry=_registry
)
dropped_translations = Gauge(
    "beatline_dropped_translations",
    "Damaged translations shown in English instead.",
    ["language"],
    registry=_registry,
)
deliveries = Counter(
    "beatline_deliveries",
    "What became of messages of the outbox.",
    ["channel", "outcome"],
    registry=_registry,
)
held = Counter(
    "beatline_delivery_holds",
    "Times a provider told everyone to wait.",
    ["channel"],
    registry=_registry,
)
concern_mails = Counter(
    "beatline_concern_mails",
    "Tries to hand a concern to the mail server of a team.",
    ["outcome"],
    registry=_registry,
)
replies = Counter(
    "beatline_replies",
    "E-mails that came in: answers, bounces, reports, or why one was kept apart.",
    ["outcome"],
    registry=_registry,
)
concerns_waiting = Gauge(
    "beatline_concerns_waiting",
    "E-mails of concerns that no mail server has accepted yet, at the last look.",
    registry=_registry,
)
concerns_oldest = Gauge(
    "beatline_concerns_oldest_seconds",
    "How long the longest waiting concern waits, counted from its hour, at the last look.",
    registry=_registry,
)
translations = Counter(
    "beatline_translations",
    "Posts put into another language by a computer, or not: its words failed a check, or it did.",
    ["outcome"],
    registry=_registry,
)
queued = Gauge(
    "beatline_queued",
    "Messages that are due and wait, at the last look.",
    ["channel", "priority"],
    registry=_registry,
)
_QUEUES = {
    field: Gauge(f"beatline_{name}", f"{words}, at the last look.", ["channel"], registry=_registry)
    for field, name, words in (
        ("later", "queued_later", "Messages that wait for a digest or the end of quiet hours"),
        ("in_flight", "in_flight", "Messages on their way"),
        ("oldest_due", "oldest_due_seconds", "How long the longest waiting message has been due"),
        ("since_last", "since_last_seconds", "How long ago a message got through"),
        ("pace", "pace", "Messages a second that may go out"),
        ("paused", "paused_seconds", "How long the provider makes us wait still"),
        ("holds", "holds", "Times a provider told everyone to wait, all processes together"),
        ("unknown", "unknown", "Messages that may have arrived"),
    )
}


def show_queues(queues: Mapping[str, Mapping[str, Any]]) -> None:
    """Show how the outbox stands, by channel; the fields are those of delivery.queues.Queue."""
    for gauge in (queued, *_QUEUES.values()):
        gauge.clear()
    for channel, figures in queues.items():
        for priority, count in figures["due"].items():
            queued.labels(channel, str(priority)).set(count)
        for field, gauge in _QUEUES.items():
            if figures[field] is not None:
                gauge.labels(channel).set(figures[field])


def watch(channel: str, problem: Callable[[], str | None]) -> None:
    """Show on every reading whether a channel has a problem now."""
    channel_problem.labels(channel).set_function(lambda: float(problem() is not None))


def exposition() -> bytes:
    """Everything above, in the Prometheus text format."""
    return generate_latest(_registry)
