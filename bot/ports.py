"""The edges of the core: what it needs of channels, lookups, outside requests and the clock."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeAlias

from bot.conversation import Address, File, OnMessage, Reply
from bot.model import Crime, Entry, Officer, PictureFile, Point, PostcodeRow, Rise
from bot.text import Text

Mark: TypeAlias = Literal["b", "i", "u", "code", "blockquote"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of plain words in one style. A channel escapes ``text``; nothing in it is markup.

    ``isolate`` asks that the run be kept whole among words of the other direction: ``ltr`` for
    phone numbers, postcodes and times, ``auto`` for names and free text. ``language`` is the BCP 47
    tag of words in another language than the rest.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    href: str | None = None
    isolate: Literal["ltr", "auto"] | None = None
    language: str | None = None


Words: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class RenderedButton:
    """A label in the reader's language and the choice id it stands for."""

    label: str
    choice: str


@dataclass(frozen=True, slots=True)
class RenderedPicture:
    """A picture, said in the reader's language; its content is found by ``name``.

    ``width`` and ``height`` are pixels. ``alt`` says what it shows. ``told`` says so in a
    paragraph of its own, for channels and readers that cannot see it, after the ``caption``, which
    is empty where the picture needs none.
    """

    name: str
    width: int
    height: int
    alt: str
    told: Words
    caption: Words = ()


class Pictures(Protocol):
    """Where channels find the content of pictures."""

    async def __call__(self, name: str) -> PictureFile:
        """The picture as it goes out. Raises LookupError where there is none to be shown."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A reply in the reader's language, ready for a channel to draw.

    A channel that cannot hand over ``file`` shows its text, and one without pictures tells
    ``picture`` in words.
    """

    paragraphs: tuple[Words, ...]
    language: str
    direction: Literal["ltr", "rtl"]
    buttons: tuple[RenderedButton, ...] = ()
    file: File | None = None
    picture: RenderedPicture | None = None

    @property
    def plain(self) -> str:
        """The words alone, paragraphs divided by blank lines."""
        return "\n\n".join("".join(span.text for span in words) for words in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Language:
    """One row of ``locales/languages.toml``: our ``code``, and what others call the language.

    ``wrong_letters`` are typed by mistake for others: pairs of what is wrong and what is right.
    """

    code: str
    english: str
    native: str
    script: str
    direction: Literal["ltr", "rtl"]
    babel: str
    telegram: str | None
    discord: str | None
    status: Literal["draft", "community", "reviewed"]
    reviewers: tuple[str, ...] = ()
    libretranslate: str | None = None
    deepl: str | None = None
    wrong_letters: tuple[tuple[str, str], ...] = ()

    @property
    def tag(self) -> str:
        """The BCP 47 tag, for a web page's ``lang``."""
        return self.code.replace("_", "-")


class Renderer(Protocol):
    """Turns words not yet in a language into the reader's: the one render function, as a port."""

    @property
    def offered(self) -> Sequence[Language]:
        """The languages a resident may choose, in the order of the picker."""

    def language(self, code: str) -> Language:
        """The named language, or British English when there is none by that code."""

    def match(self, hint: str | None) -> str:
        """The offered language nearest to a client's language tag or Accept-Language header."""

    def reply(self, reply: Reply, language: str) -> Rendered: ...

    def words(self, text: Text, language: str) -> Words: ...

    def plain(self, text: Text, language: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A reference to one delivered message, good for editing or deleting it later."""

    to: Address
    reference: str


class Channel(Protocol):
    """A way to reach people: Telegram, a web page, Discord."""

    name: str

    async def run(self, on_message: OnMessage) -> None:
        """Receive until cancelled; draw the answer given back for each message.

        Once cancelled it takes nothing new in, finishes what is in hand, and returns.
        """

    async def send(self, to: Address, what: Rendered) -> Sent:
        """Deliver once and return a reference for later edits.

        Raises Unreachable (for good), TryLater(after), Rejected(reason), InDoubt (may have
        arrived).
        """

    async def edit(self, sent: Sent, what: Rendered) -> None:
        """Redraw a delivered message. Raises as ``send``; no change is not an error."""

    async def delete(self, sent: Sent) -> None:
        """Take a delivered message back. Raises as ``send``; already gone is not an error."""

    def spacing(self, to: Address) -> float:
        """How many seconds lie between two messages to this chat."""

    @property
    def drawn(self) -> int:
        """How many messages were drawn as answers so far; they take their share of the pace."""

    @property
    def problem(self) -> str | None:
        """Why this channel cannot receive just now, in one plain sentence; None when it can."""


class Clock(Protocol):
    """The time, so that tests can hold it still."""

    def now(self) -> datetime:
        """The present moment, in UTC."""


class PostcodeLookup(Protocol):
    """Finds where a postcode is."""

    async def find(self, postcode: str) -> PostcodeRow | None:
        """Look up a normalised postcode ("RG1 1AA"); None when it is not known.

        Raises FeedError when an outside lookup could not answer.
        """


@dataclass(frozen=True, slots=True)
class Response:
    """What an outside server answered: final status, headers (names in lower case), body.

    ``url`` is the address that answered, after redirects.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""


class Fetch(Protocol):
    """The safe way out: every outside request of feeds and clients goes through it."""

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        limit: int = 2_000_000,
        seconds: float = 10,
        inside: bool = False,
    ) -> Response:
        """GET an address, reading at most ``limit`` bytes within ``seconds`` overall.

        With a ``form``, or with ``json``, it is a POST, which no redirect is followed for.
        ``inside`` refuses every address that is not this machine's or a private network's.

        Raises Refused for an address or body it will not touch, FeedError for any other failure.
        """


Markup: TypeAlias = Literal["text", "html"]
"""How an engine is told what to leave alone: by marks among plain words, or by HTML."""


class TranslationEngine(Protocol):
    """A machine that translates. Languages are named by our own codes, such as "pt_PT"."""

    name: str
    """Of the engine and where it is: what it translated once may be used again for this name."""

    markup: Markup

    async def translate(
        self, segments: Sequence[str], source: str, target: str, markup: Markup
    ) -> list[str]:
        """Each segment in the target language, in their order.

        Raises FeedError, whose words hold nothing of a segment, where it cannot.
        """

    async def pairs(self) -> frozenset[tuple[str, str]]:
        """From which of our languages into which it translates. Raises FeedError."""

    async def health(self) -> None:
        """See that it answers. Raises FeedError with a plain reason when it does not."""


class Rises(Protocol):
    """What rose locally, by the numbers that have been published."""

    async def rises(self, area: str) -> Sequence[Rise]:
        """What rose in an area, by its id, in the newest month known; the steepest first."""


class Neighbourhoods(Protocol):
    """A force's own neighbourhoods, as JSON in the shape of data.police.uk."""

    async def neighbourhoods(self) -> Any:
        """``[{"id", "name"}]``. Raises FeedError, as the others do."""

    async def detail(self, id: str) -> Any:
        """One neighbourhood with its ``centre``, or None when there is none."""

    async def boundary(self, id: str) -> Any:
        """One ring, ``[{"latitude", "longitude"}]``, or None when there is none."""


class Mailer(Protocol):
    """Hands e-mail over to whoever delivers it: a mail server, or a folder."""

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Return once this one e-mail was accepted for delivery, and not before.

        ``sender`` is the return path, to which a bounce goes; empty for none. Raises TryLater
        when it was not accepted for a passing reason, or may have been (the same Message-ID then
        comes again), with ``everyone`` when no other would be either; and Rejected when the
        server will never take it.
        """

    async def ping(self) -> None:
        """See that mail could go out now. Raises TryLater with a plain reason when not."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An e-mail as it came in. ``settle`` takes it out of the inbox, once it is dealt with."""

    raw: bytes
    settle: Callable[[], Awaitable[None]]


class Inbox(Protocol):
    """Where replies and bounces arrive."""

    def letters(self) -> AsyncGenerator[Incoming, None]:
        """Everything that is there, then each e-mail as it comes, until cancelled.

        What was not settled comes again with the next call. Raises TryLater when the inbox cannot
        be read just now.
        """


@dataclass(frozen=True, slots=True)
class Known:
    """What the last good reading of a source left, so that an unchanged one costs little.

    ``etag`` and ``modified`` are what its server said; ``digest`` is a hash of the body.
    """

    etag: str = ""
    modified: str = ""
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What a source gives now, newest first as it has them; ``known`` is for the next poll.

    Where it is ``unchanged`` there are no entries to look at. ``problem`` says in plain words what
    could not be used although the rest could. ``name`` is what the source calls itself.
    """

    entries: Sequence[Entry] = ()
    known: Known = Known()
    unchanged: bool = False
    problem: str | None = None
    name: str = ""


class Feed(Protocol):
    """One outside source of entries, of whatever kind."""

    async def poll(self, known: Known) -> FeedResult:
        """Read it once. Raises FeedError when it cannot be read, or is not what it should be."""


class PoliceData(Protocol):
    """What a force publishes of a neighbourhood besides its outline. All raise FeedError."""

    async def people(self, area: str) -> Sequence[Officer]:
        """The team of an area; empty where the force names nobody or knows no such area."""

    async def contacts(self, area: str) -> Sequence[tuple[str, str]]:
        """How to reach the team: pairs of a channel, such as "email", and an address or number."""

    async def events(self, area: str) -> Sequence[Entry]:
        """Meetings to come, soonest first."""

    async def priorities(self, area: str) -> Sequence[Entry]:
        """What residents raised, with what was done about it where something was."""

    async def last_updated(self) -> date:
        """The first day of the newest month for which crimes are published."""

    async def crimes(self, ring: Sequence[Point], month: date) -> Sequence[Crime]:
        """Every offence of a month within an outline."""
