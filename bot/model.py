"""The things Beatline is about, as plain values."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import CONFORM, IntEnum, IntFlag, StrEnum, auto

from bot.text import Text


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the ground: WGS84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Area:
    """A neighbourhood policing area.

    ``id`` is the force's neighbourhood id after a sync, the GeoJSON id after an import, and the
    ward code for the shipped stand-ins (``standin`` is then true, and everyone is told so).
    ``district`` is the council's name where it is known, else empty; ``centre`` is the force's own
    or the outline's representative point.
    """

    id: str
    name: str
    district: str = ""
    standin: bool = False
    centre: Point | None = None

    @property
    def label(self) -> str:
        """The name people tell it by; two districts may each have an area called Abbey."""
        return f"{self.name} ({self.district})" if self.district else self.name


class Topic(IntFlag, boundary=CONFORM):
    """What a post is about: the fifteen priorities of the Police and Crime Plan, and the rest.

    A set of topics is stored as one number, so a new one is added at the end and none is moved.
    """

    GENERAL = auto()
    CRIME_PREVENTION = auto()
    NEIGHBOURHOOD_POLICING = auto()
    ROAD_SAFETY = auto()
    ANTI_SOCIAL_BEHAVIOUR = auto()
    BUILDING_CONFIDENCE = auto()
    RAPE_AND_SEXUAL_OFFENCES = auto()
    DOMESTIC_ABUSE = auto()
    NIGHT_TIME_ECONOMY = auto()
    SERIOUS_VIOLENCE = auto()
    ABUSE_AND_EXPLOITATION = auto()
    RESIDENTIAL_BURGLARY = auto()
    RETAIL_CRIME = auto()
    VEHICLE_CRIME = auto()
    RURAL_CRIME = auto()
    CYBERCRIME_AND_FRAUD = auto()


ALL_TOPICS = ~Topic(0)
SENSITIVE_TOPICS = (
    Topic.RAPE_AND_SEXUAL_OFFENCES | Topic.DOMESTIC_ABUSE | Topic.ABUSE_AND_EXPLOITATION
)
USUAL_TOPICS = ALL_TOPICS & ~SENSITIVE_TOPICS


class Frequency(IntEnum):
    """How often the news of a place comes. Stored by number."""

    AT_ONCE = 1
    DAILY = 2
    WEEKLY = 3


class Level(IntEnum):
    """How much a post matters, least first. Only an alert is more than routine. Stored by number.

    As a resident's setting it is the lowest level of alerts they want: urgent ones always come.
    """

    ROUTINE = 1
    IMPORTANT = 2
    URGENT = 3


class Kind(StrEnum):
    """What sort of post it is. Stored and typed by these words."""

    UPDATE = "update"
    OUTCOME = "outcome"
    ALERT = "alert"
    EVENT = "event"
    NUMBERS = "numbers"
    ADVICE = "advice"
    GROUP = "group"


class Policy(StrEnum):
    """What becomes of a message that may have arrived: sent again, or left to a person to judge."""

    AT_LEAST_ONCE = "at-least-once"
    AT_MOST_ONCE = "at-most-once"


class DeliveryState(IntEnum):
    """Where one message to one resident stands. Stored by number; two indexes name the first two.

    RECALLED was stopped before it went out, UNKNOWN may have arrived.
    """

    QUEUED = 0
    IN_FLIGHT = 1
    SENT = 2
    FAILED = 3
    UNKNOWN = 4
    RECALLED = 5


class Priority(IntEnum):
    """The order in which messages go out, smallest first. Replies to a person (2) never queue."""

    URGENT = 0
    IMPORTANT = 3
    NEWS = 5
    GROUP = 6
    BULK = 7


def priority_of(kind: Kind, level: Level) -> Priority:
    """The priority of a post; one that is gathered into a digest waits behind the others."""
    if kind is Kind.ALERT and level is not Level.ROUTINE:
        return Priority.URGENT if level is Level.URGENT else Priority.IMPORTANT
    if kind in {Kind.NUMBERS, Kind.ADVICE}:
        return Priority.BULK
    return Priority.GROUP if kind is Kind.GROUP else Priority.NEWS


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with words, without its content.

    ``name`` finds the content: the public id of its post. ``width`` and ``height`` are pixels.
    ``alt`` says what it shows, in the language of the words.
    """

    name: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class PictureFile:
    """The content of a picture, and its size in pixels."""

    media_type: str
    width: int
    height: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Variant:
    """The words of a post in one language, and its picture where it has one."""

    language: str
    title: str
    body: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """Something sent to many. ``code`` is its public id, ``id`` the database's.

    The first of ``variants`` is the original.
    ``refers_to`` is the post that this one corrects, or, with ``all_clear``, brings to an end;
    ``refers_code`` is that post's public id. ``edition`` counts its corrections so far, the newest
    of which is ``corrected_by``. ``live`` is false once it was cancelled or brought to an end.
    """

    id: int
    code: str
    kind: Kind
    level: Level
    topic: Topic
    policy: Policy
    everywhere: bool
    areas: tuple[Area, ...]
    variants: tuple[Variant, ...]
    priority: Priority
    live: bool
    expires_at: datetime
    audience: int | None = None
    wanted_at: datetime | None = None
    approved_at: datetime | None = None
    send_at: datetime | None = None
    planned_at: datetime | None = None
    cancelled_at: datetime | None = None
    refers_to: int | None = None
    refers_code: str | None = None
    all_clear: bool = False
    edition: int = 0
    corrected_by: int | None = None

    def words(self, language: str) -> Variant:
        """Its words in a language, or else in the original."""
        return next((each for each in self.variants if each.language == language), self.variants[0])

    @property
    def is_alert(self) -> bool:
        return self.kind is Kind.ALERT

    @property
    def is_urgent(self) -> bool:
        return self.priority is Priority.URGENT

    @property
    def follows_up(self) -> bool:
        """Whether it goes to exactly those whom another post reached."""
        return self.refers_to is not None


@dataclass(frozen=True, slots=True)
class Advice:
    """An article of the library in one language, as it is shown in chat.

    ``words`` are paragraphs of plain words, ``safety`` the phrases that go after them, ``notes``
    what a reader must know of the language. ``url`` is its page. Where it is ``sensitive``, the
    first paragraph gives nothing away.
    """

    article: str
    title: str
    words: tuple[str, ...]
    safety: tuple[Text, ...]
    notes: tuple[Text, ...]
    url: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One area that one resident follows, with what they want to hear of it.

    ``was`` is the name of the area it replaced at the last reorganisation, and ``other`` an area
    that took nearly as much of it, until the resident has said which of the two is theirs.
    """

    area: Area
    was: str | None = None
    other: Area | None = None
    topics: Topic = USUAL_TOPICS
    frequency: Frequency = Frequency.WEEKLY
    alerts: Level = Level.ROUTINE


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When only urgent alerts come: from one local time until another, mostly over midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a resident has set for all their places together.

    ``quiet`` is None for no quiet hours. News comes again on the local day ``paused_until``.
    ``daily_cap`` is messages a local day, a digest counting as one; urgent alerts come on top.
    ``digest_hour`` is the local hour at which daily and weekly news comes.
    """

    quiet: QuietHours | None = QuietHours(time(22), time(7))
    paused_until: date | None = None
    daily_cap: int = 5
    digest_hour: int = 18


class Ground(StrEnum):
    """What a postcode or a point turned out to be."""

    FOUND = "found"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    NOT_A_POSTCODE = "not_a_postcode"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to "which area is this?".

    ``area`` is set when ``ground`` is FOUND. ``ended`` is the first day of the month in which a
    postcode went out of use, for one that is no longer live.
    """

    ground: Ground
    area: Area | None = None
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """Where a postcode is.

    ``point`` is None for one without a position; ``district`` is the council's ONS code or empty;
    ``ended`` is (year, month) for a terminated one.
    """

    point: Point | None
    district: str = ""
    ended: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A resident as we know them: a number of ours, a channel, a language, nothing else.

    ``id`` is None until something about them has been stored. ``language`` is None until they
    have chosen one.
    """

    id: int | None
    channel: str
    language: str | None = None
