"""Telling a chat that asked for it that there is news of a concern, in words that say no more."""

from bot.conversation import Button, Reply
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.ports import Channel, Renderer
from bot.services.push_links import Push, PushLinks
from bot.services.residents import Residents
from bot.text import _, _p

# Translators: A button that asks for a receipt code, to read what is new. Max 30
_LOOK = Button(_p("button", "Look"), "status")
# Translators: It may be read by others, so it must not say what it is about. Keep /status.
_NEWS = Reply(
    _("There is something new for you. To read it, send /status and your code."), (_LOOK,)
)


class Pushes:
    """The news of one channel's chats, told by the process that sends on it."""

    def __init__(
        self, links: PushLinks, residents: Residents, renderer: Renderer, channel: Channel
    ) -> None:
        self._links = links
        self._residents = residents
        self._renderer = renderer
        self._channel = channel

    async def tell(self) -> None:
        """Tell everyone who is to be told now; who cannot be reached for good is let go."""
        for push in await self._links.waiting(self._channel.name):
            try:
                await self._tell(push)
            except TryLater:
                return  # the others come with the next call
            except (Unreachable, Rejected):
                await self._links.drop(push.mailbox_id)

    async def _tell(self, push: Push) -> None:
        known = await self._residents.find(push.address)
        language = (known and known.language) or self._renderer.match(None)
        try:
            sent = await self._channel.send(push.address, self._renderer.reply(_NEWS, language))
        except InDoubt:  # it may have arrived, and whoever asked has the code all the same
            await self._links.told(push)
            return
        if sent.reference:  # there is none where a page is not open: it is told when it is
            await self._links.told(push)
