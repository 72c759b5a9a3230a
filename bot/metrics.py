"""Figures of this process for Prometheus. No label ever says anything about a resident."""

from collections.abc import Callable

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
queued = Gauge(
    "beatline_queued",
    "Messages that are due and wait, at the last look.",
    ["channel", "priority"],
    registry=_registry,
)
oldest_due = Gauge(
    "beatline_oldest_due_seconds",
    "How long the longest waiting message has been due, at the last look.",
    ["channel"],
    registry=_registry,
)


def watch(channel: str, problem: Callable[[], str | None]) -> None:
    """Show on every reading whether a channel has a problem now."""
    channel_problem.labels(channel).set_function(lambda: float(problem() is not None))


def exposition() -> bytes:
    """Everything above, in the Prometheus text format."""
    return generate_latest(_registry)
