"""The exception tree: three families, three catchers; anything else is a bug.

BeatlineError
├── UserError            the dispatcher answers it with its own words
│   └── UnusableMedia    a photo or video that cannot be made clean, and so is not sent
├── DeliveryError        the sender decides what becomes of the delivery
│   ├── Unreachable      for good: blocked, deleted, deactivated; the subscription ends
│   ├── TryLater         not now: flood limit, server error before anything was written
│   ├── Rejected         the provider refuses this message: a fault of ours
│   └── InDoubt          written, no answer: it may have arrived
├── FeedError            the feed runner notes it and backs off
│   └── Refused          an address or a body that the safe way out will not touch
└── OperatorError        the command line prints it as one plain line and exits with 1
"""

from bot.text import Text


class BeatlineError(Exception):
    """Everything Beatline raises on purpose."""


class UserError(BeatlineError):
    """Something a resident can put right; ``text`` tells them how."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.message)
        self.text = text


class UnusableMedia(UserError):
    """A photo or video that cannot be made clean is not sent; ``text`` says why."""


class DeliveryError(BeatlineError):
    """A message to one address did not go out as meant."""


class Unreachable(DeliveryError):
    """This address will never take a message again."""


class TryLater(DeliveryError):
    """Nothing was sent; ``after`` is how many seconds to wait.

    ``everyone`` is true when the whole token must wait, not just this address.
    """

    def __init__(self, reason: str, *, after: float, everyone: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.everyone = everyone


class Rejected(DeliveryError):
    """The provider refused the message itself; sending it again cannot help."""


class InDoubt(DeliveryError):
    """The request was written but no answer came: the message may have arrived."""


class FeedError(BeatlineError):
    """An outside source failed or gave something unusable."""


class Refused(FeedError):
    """The safe way out refuses this address, redirect or body."""


class OperatorError(BeatlineError):
    """Something the operator can put right; the message is one plain sentence."""


def reason(error: OSError) -> str:
    """What the system says of a failure, in lower case, as the end of such a sentence."""
    return (error.strerror or "error").lower()
