"""A resident in a transcript: says, presses, shares, reads."""

from dataclasses import dataclass, field
from itertools import count

from bot.conversation import Address, Answer, Attachment, AttachmentKind, Message
from bot.dispatcher import Dispatcher
from bot.model import Point
from bot.ports import Rendered, RenderedButton, Renderer

_updates = count(1)


@dataclass
class Resident:
    """One chat through the real dispatcher, drawn by the real renderer."""

    dispatcher: Dispatcher
    renderer: Renderer
    address: Address = field(default_factory=lambda: Address("test", "4815162342"))
    hint: str | None = None
    shown: list[Rendered] = field(default_factory=list)
    answer: Answer | None = None

    async def says(self, text: str, *, update: str | None = None) -> None:
        given = update or str(next(_updates))
        await self._does(Message(self.address, text, update=given, language_hint=self.hint))

    async def presses(self, label: str) -> None:
        """Press a button of the last answer by its label."""
        button = next((each for each in self.buttons if each.label == label), None)
        assert button is not None, f"no button {label!r} among {[b.label for b in self.buttons]}"
        await self.forges(button.choice)

    async def forges(self, choice: str) -> None:
        """Send a choice id that may never have been on a button."""
        await self._does(Message(self.address, choice=choice, update=str(next(_updates))))

    async def shares(self, latitude: float, longitude: float) -> None:
        point = Point(latitude, longitude)
        await self._does(Message(self.address, point=point, update=str(next(_updates))))

    async def sends(self, kind: AttachmentKind, caption: str = "") -> None:
        await self._does(
            Message(
                self.address,
                caption,
                attachments=(Attachment(kind),),
                update=str(next(_updates)),
            )
        )

    async def edits(self, text: str) -> None:
        await self._does(Message(self.address, text, edited=True, update=str(next(_updates))))

    @property
    def buttons(self) -> list[RenderedButton]:
        return [button for rendered in self.shown for button in rendered.buttons]

    @property
    def screen(self) -> str:
        """All words of the last answer."""
        return "\n\n".join(rendered.plain for rendered in self.shown)

    def reads(self, words: str) -> None:
        assert words in self.screen, f"{words!r} is not in:\n{self.screen}"

    def reads_nothing_of(self, words: str) -> None:
        assert words not in self.screen, f"{words!r} is in:\n{self.screen}"

    def sees(self, *labels: str) -> None:
        shown = [button.label for button in self.buttons]
        assert all(label in shown for label in labels), f"{labels} are not all in {shown}"

    async def _does(self, message: Message) -> None:
        self.answer = await self.dispatcher(message)
        self.shown = [
            self.renderer.reply(reply, self.answer.language) for reply in self.answer.replies
        ]
