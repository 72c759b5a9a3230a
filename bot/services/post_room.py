"""All work with mail, side by side: concerns go out, answers come in, teams are reminded."""

import asyncio
from dataclasses import dataclass

from bot.services.forwarding import Forwarder
from bot.services.health import Probe
from bot.services.reminders import Reminders
from bot.services.reply_desk import ReplyDesk


@dataclass(frozen=True, slots=True)
class PostRoom:
    """``desk`` is None where no inbox was set up for replies."""

    forwarder: Forwarder
    reminders: Reminders
    desk: ReplyDesk | None

    async def run(self) -> None:
        """Work until cancelled; then finish the e-mail in hand."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.forwarder.run())
            group.create_task(self.reminders.run())
            if self.desk is not None:
                group.create_task(self.desk.run())

    @property
    def probes(self) -> dict[str, Probe]:
        """For ``/readyz``, by name."""
        probes: dict[str, Probe] = {"concerns": self.forwarder.probe}
        if self.desk is not None:
            probes["replies"] = self.desk.probe
        return probes
