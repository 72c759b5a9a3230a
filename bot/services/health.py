"""Is all well? Probes with a name each, asked together; each says in one line what to mend."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from bot.errors import OperatorError

PROBE_SECONDS = 10.0

Probe: TypeAlias = Callable[[], Awaitable[str | None]]
"""Raises OperatorError with a sentence when something must be mended; may return a remark."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one probe found. ``hint`` says how to mend it, or is a remark where ``ok``."""

    name: str
    ok: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What all probes found."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """As JSON shows it: ``{"ok", "checks": [{"name", "ok", "hint"}]}``."""
        return {"ok": self.ok, "checks": [asdict(check) for check in self.checks]}


class Health:
    """A set of probes, by name. An answer takes at most ``seconds``, whatever a probe does."""

    def __init__(self, probes: Mapping[str, Probe], *, seconds: float = PROBE_SECONDS) -> None:
        self._probes = probes
        self._seconds = seconds

    async def examine(self) -> Report:
        """Ask every probe, all at the same time."""
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(self._ask(name, probe)) for name, probe in self._probes.items()
            ]
        return Report(tuple(task.result() for task in asked))

    async def ready(self) -> dict[str, Any]:
        """The report for ``/readyz``."""
        return (await self.examine()).as_dict()

    async def _ask(self, name: str, probe: Probe) -> Check:
        try:
            async with asyncio.timeout(self._seconds):
                return Check(name, True, await probe() or "")
        except OperatorError as error:
            return Check(name, False, str(error))
        except TimeoutError:
            return Check(name, False, f"no answer within {self._seconds:g} seconds")
        except Exception as error:  # its words may hold an address with a password
            return Check(name, False, f"does not answer ({type(error).__name__})")
