"""Which messages of a chat can still be taken back: numbers in memory only, few, not for long."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

MESSAGES = 100  # of one chat; as many as one call may delete
CHATS = 2_000
KEPT_HOURS = (
    48  # Telegram lets a bot delete nothing older, core.telegram.org/bots/api#deletemessage
)


class Recent:
    """The newest messages of the chats used last, ours and theirs. Lost when the process ends.

    They are written nowhere: beside a concern, the number of a message would say who sent it.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._chats: OrderedDict[int, deque[tuple[float, int]]] = OrderedDict()

    def note(self, chat: int, number: int) -> None:
        self._chats.setdefault(chat, deque(maxlen=MESSAGES)).append((self._now(), number))
        self._chats.move_to_end(chat)
        while len(self._chats) > CHATS or self._is_old(next(iter(self._chats.values()))[-1]):
            self._chats.popitem(last=False)

    def take(self, chat: int) -> list[int]:
        """The numbers that may still be deleted, which are then forgotten here."""
        noted = self._chats.pop(chat, ())
        return sorted({one[1] for one in noted if not self._is_old(one)})

    def _is_old(self, noted: tuple[float, int]) -> bool:
        return self._now() - noted[0] > KEPT_HOURS * 3600
