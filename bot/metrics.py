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


def watch(channel: str, problem: Callable[[], str | None]) -> None:
    """Show on every reading whether a channel has a problem now."""
    channel_problem.labels(channel).set_function(lambda: float(problem() is not None))


def exposition() -> bytes:
    """Everything above, in the Prometheus text format."""
    return generate_latest(_registry)
