"""The things Beatline is about, as plain values."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import CONFORM, IntEnum, IntFlag, StrEnum, auto
from typing import Literal

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
    """The words of a post in one language, and its picture where it has one.

    ``said`` is what residents had told the police, where the body says what was done about it.
    ``made`` says whether the words are as they were approved, or put into this language afterwards
    by a computer or by a person of the team. Where ``emergency`` is true, our own phrase goes with
    them, in the place of such sentences of the original.
    """

    language: str
    title: str
    body: str
    picture: Picture | None = None
    said: str = ""
    made: Literal["", "machine", "person"] = ""
    emergency: bool = False

    @property
    def by_machine(self) -> bool:
        return self.made == "machine"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who published something outside, under which licence, where, and when."""

    source: str
    licence: str = ""
    link: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """Something sent to many. ``code`` is its public id, ``id`` the database's.

    The first of ``variants`` is the original.
    ``refers_to`` is the post that this one corrects, or, with ``all_clear``, brings to an end;
    ``refers_code`` is that post's public id. ``edition`` counts its corrections so far, the newest
    of which is ``corrected_by``. ``live`` is false once it was cancelled or brought to an end.
    ``origin`` is None for what was written here. A post that was ``asked_for`` is a reminder for
    those who wanted one.
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
    origin: Origin | None = None
    asked_for: bool = False

    def words(self, language: str, *, machine: bool = True) -> Variant:
        """Its words in a language, a computer's if need be and wanted; or else in the original."""
        fitting = [each for each in self.variants if each.language == language]
        return next((each for each in fitting if machine or not each.by_machine), self.variants[0])

    @property
    def approved(self) -> tuple[Variant, ...]:
        """The words that people saw before it was released."""
        return tuple(each for each in self.variants if not each.made)

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

    @property
    def is_addressed(self) -> bool:
        """Whether its readers were chosen otherwise than by what they follow."""
        return self.follows_up or self.asked_for


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


class Theme(StrEnum):
    """The everyday subject of a concern. Stored and typed by these words."""

    NOISE = "noise"
    FLY_TIPPING = "fly_tipping"
    ANTI_SOCIAL_BEHAVIOUR = "anti_social_behaviour"
    VANDALISM = "vandalism"
    DRUG_DEALING = "drug_dealing"
    SPEEDING = "speeding"
    PARKING = "parking"
    VEHICLE_CRIME = "vehicle_crime"
    BURGLARY = "burglary"
    SHOP_THEFT = "shop_theft"
    RURAL_CRIME = "rural_crime"
    WEAPONS = "weapons"
    HATE_CRIME = "hate_crime"
    DOMESTIC_ABUSE = "domestic_abuse"
    EXPLOITATION = "exploitation"
    FRAUD = "fraud"
    OTHER = "other"


_TOPICS = {
    Theme.NOISE: Topic.ANTI_SOCIAL_BEHAVIOUR,
    Theme.FLY_TIPPING: Topic.ANTI_SOCIAL_BEHAVIOUR,
    Theme.ANTI_SOCIAL_BEHAVIOUR: Topic.ANTI_SOCIAL_BEHAVIOUR,
    Theme.VANDALISM: Topic.ANTI_SOCIAL_BEHAVIOUR,
    Theme.DRUG_DEALING: Topic.SERIOUS_VIOLENCE,  # where the plan speaks of drugs and county lines
    Theme.SPEEDING: Topic.ROAD_SAFETY,
    Theme.PARKING: Topic.ROAD_SAFETY,
    Theme.VEHICLE_CRIME: Topic.VEHICLE_CRIME,
    Theme.BURGLARY: Topic.RESIDENTIAL_BURGLARY,
    Theme.SHOP_THEFT: Topic.RETAIL_CRIME,
    Theme.RURAL_CRIME: Topic.RURAL_CRIME,
    Theme.WEAPONS: Topic.SERIOUS_VIOLENCE,
    Theme.HATE_CRIME: Topic.BUILDING_CONFIDENCE,
    Theme.DOMESTIC_ABUSE: Topic.DOMESTIC_ABUSE,
    Theme.EXPLOITATION: Topic.ABUSE_AND_EXPLOITATION,
    Theme.FRAUD: Topic.CYBERCRIME_AND_FRAUD,
    Theme.OTHER: Topic.GENERAL,
}


def topic_of(theme: Theme) -> Topic:
    """The topic under which outcomes answer concerns of a theme."""
    return _TOPICS[theme]


class ConcernState(StrEnum):
    """Where a concern stands. Stored by these words.

    SAVED waits for a mail server of the team's to accept it; DELIVERED was accepted. The team says
    the next three. UNDELIVERED was given up and erased after 14 days of trying.
    """

    SAVED = "saved"
    DELIVERED = "delivered"
    WORKING = "working"
    REFERRED = "referred"
    CLOSED = "closed"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True, repr=False)
class Original:
    """A file as it was received, which the resident chose to send too; ``sha256`` is in hex.

    ``channel`` is the one it came by; ``tools`` made the clean copy, such as "Pillow 12.0.0".
    """

    sha256: str
    media_type: str
    data: bytes
    channel: str = ""
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Media:
    """A cleaned picture or film, such as ``photo-1.jpg``. ``note`` tells the team what was done."""

    name: str
    media_type: str
    data: bytes
    note: str = ""
    original: Original | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Concern:
    """What a resident tells the team. Nothing in it says, or is made from, who they are.

    ``area`` is an area's id, None where they did not say. ``where``, ``when`` and ``text`` are
    their own words; ``point`` is rounded to about 100 m unless they chose exact. ``language`` is
    the one they chose to be spoken to in, empty where they chose none. ``answer_wanted`` says
    whether the team may answer in the mailbox.
    """

    text: str
    language: str
    area: str | None = None
    where: str = ""
    point: Point | None = None
    when: str = ""
    still_happening: bool | None = None
    theme: Theme = Theme.OTHER
    urgent: bool = False
    media: tuple[Media, ...] = ()
    answer_wanted: bool = True


_ABOUT_100_METRES = 3  # decimals of a degree: 111 metres to the north, 70 to the east


@dataclass(slots=True, repr=False)
class Enclosure:
    """A photo or a video of a draft: ``received`` as it came, ``media`` made clean of it.

    The original in ``media`` goes with it only if the resident chose so (``with_original``).
    ``with_sound`` is for a video.
    """

    media: Media
    received: bytes
    with_original: bool = False
    with_sound: bool = False

    @property
    def size(self) -> int:
        return len(self.media.data) + len(self.received)

    @property
    def to_send(self) -> Media:
        return self.media if self.with_original else replace(self.media, original=None)


@dataclass(slots=True, repr=False)
class Draft:
    """A concern in the making, or with ``adds_to``, a receipt code, words that join one.

    ``exact`` is the point as it was shared; it is rounded unless ``wants_exact``. ``reviewing``
    says that every answer was given once, so that a changed one leads back to the whole.
    ``hinted`` says that a hint to what may identify the writer was given.
    """

    adds_to: str = ""
    text: str = ""
    where: str = ""
    area: Area | None = None
    exact: Point | None = None
    wants_exact: bool = False
    when: str = ""
    still_happening: bool | None = None
    theme: Theme | None = None
    files: list[Enclosure] = field(default_factory=list)
    answer_wanted: bool = True
    urgent: bool = False
    reviewing: bool = False
    hinted: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.files

    @property
    def point(self) -> Point | None:
        """The point to send: to about 100 metres, unless the resident chose the exact one."""
        if self.exact is None or self.wants_exact:
            return self.exact
        return Point(
            round(self.exact.latitude, _ABOUT_100_METRES),
            round(self.exact.longitude, _ABOUT_100_METRES),
        )

    @property
    def size(self) -> int:
        """How many bytes its files take."""
        return sum(each.size for each in self.files)

    def concern(self, language: str) -> Concern:
        """What is sent: the words and answers, and nothing about who gave them."""
        return Concern(
            area=None if self.area is None else self.area.id,
            text=self.text,
            where=self.where,
            point=self.point,
            when=self.when,
            still_happening=self.still_happening,
            theme=self.theme or Theme.OTHER,
            language=language,
            urgent=self.urgent,
            media=tuple(each.to_send for each in self.files),
            answer_wanted=self.answer_wanted,
        )


@dataclass(frozen=True, slots=True, repr=False)
class TeamReply:
    """What a team said in answer, on a day, and what it said of the state; words may be empty.

    ``reason`` goes with a state: to whom it was referred, or why it was closed. What is
    ``translated`` is a computer's, for this one reading: the words and the reason, each empty
    where it is not.
    """

    day: date
    words: str
    state: ConcernState | None = None
    reason: str = ""
    translated: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Mailbox:
    """What whoever holds a receipt code sees of their concern.

    ``area`` is an area's id or None. ``raised`` is the day it was sent, ``day`` that of the last
    activity. ``waiting`` counts messages of theirs that are not delivered yet, ``lost`` those that
    never will be. ``clock_ends`` is the last day on which an answer is in time; ``answered`` the
    day of the first one. ``push`` says whether the chat is told of news.
    """

    state: ConcernState
    area: str | None
    theme: Theme
    urgent: bool
    raised: date
    day: date
    waiting: int
    lost: int
    replies: tuple[TeamReply, ...]
    clock_ends: date
    answered: date | None
    answer_wanted: bool
    push: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The people responsible for areas, and how concerns reach them.

    ``areas`` are ids; a team with ``everywhere`` serves every area without a team of its own.
    ``certificate`` is an OpenPGP one. Replies count only from ``reply_domains``.
    """

    id: int
    name: str
    areas: tuple[str, ...]
    everywhere: bool
    email: str
    urgent_email: str | None = None
    fallback_email: str | None = None
    certificate: bytes | None = None
    reply_domains: tuple[str, ...] = ()
    office_hours: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within ``radius`` kilometres of a point."""

    centre: Point
    radius: float


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a source itself says that something matters; empty where it says nothing.

    ``areas`` are ids of ours, ``rings`` outlines whose last point is the first again, ``names``
    the source's own words for the places.
    """

    areas: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    circles: tuple[Circle, ...] = ()
    rings: tuple[tuple[Point, ...], ...] = ()
    names: tuple[str, ...] = ()


class MessageType(StrEnum):
    """What a warning does to earlier ones: the msgType of the Common Alerting Protocol 1.2."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that an outside source published, as plain text.

    ``key`` is its identity at the source; ``link`` is HTTPS and on a host of the source, or empty.
    ``kind``, ``level`` and ``categories`` (the source's own words) are hints of what it is about.
    ``updated`` moves at minor edits too. A warning has ``message``, and names the keys of earlier
    ones in ``references``. An event has ``starts`` and ``venue``. A priority has its issue as
    summary, and in ``action`` what was done, or nothing yet.
    """

    key: str
    title: str
    summary: str
    source: str
    licence: str
    language: str
    link: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    kind: Kind | None = None
    level: Level = Level.ROUTINE
    categories: tuple[str, ...] = ()
    reach: Reach = Reach()
    expires: datetime | None = None
    message: MessageType | None = None
    references: tuple[str, ...] = ()
    action: str = ""
    acted_on: datetime | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    venue: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One ``[[feed]]`` of feeds.toml: where to read, and what the operator says about it.

    ``topic`` is None to let the rules find it, ``areas`` is empty to find them from the text.
    Links of entries lead to ``hosts`` or hosts under them. What is older than ``max_age`` is no
    news any more. ``name`` and ``licence`` are shown with every post.
    """

    id: str
    kind: str
    url: str = ""
    name: str = ""
    licence: str = ""
    topic: Topic | None = None
    language: str = "en_GB"
    areas: tuple[str, ...] = ()
    trusted: bool = False
    interval: timedelta = timedelta(minutes=15)
    max_age: timedelta = timedelta(days=30)
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody whom the force names as a member of a neighbourhood's team.

    ``contacts`` pairs a channel, such as "email", with an address or a number.
    """

    name: str
    rank: str = ""
    bio: str = ""
    contacts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Crime:
    """One recorded offence of a month, as published: category by its slug, outcome in words.

    ``point`` is an anonymised spot that at least eight addresses share, never the place itself;
    it and ``outcome`` may be missing. ``month`` is its first day. ``id`` may be empty.
    """

    category: str
    month: date
    outcome: str | None = None
    point: Point | None = None
    street: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Rise:
    """More offences of a category in a month than chance explains (bot/services/rises.py).

    ``category`` is the slug of data.police.uk, ``month`` the first day of the month it rose in.
    """

    area: Area
    category: str
    month: date
    count: int


@dataclass(frozen=True, slots=True)
class LocalPriority:
    """What residents of an area raised, and what the police say they did or will do about it.

    ``did`` is empty while the police have said nothing. Its stages: ``found`` when it was raised,
    ``acting`` when something was first said to be done, ``reviewed`` when that was last changed.
    """

    area: Area
    said: str
    did: str
    topic: Topic
    language: str
    origin: Origin
    found: datetime
    acting: datetime | None = None
    reviewed: datetime | None = None

    @property
    def is_open(self) -> bool:
        return not self.did

    @property
    def changed(self) -> datetime:
        """When its newest stage was reached."""
        return self.reviewed or self.acting or self.found


@dataclass(frozen=True, slots=True)
class Meeting:
    """Something in an area that residents may come to. ``id`` is the database's."""

    id: int
    area: Area
    title: str
    about: str
    venue: str
    starts: datetime
    ends: datetime | None
    language: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Posted:
    """A post with its newest words, and when they were sent."""

    post: Post
    words: Variant
    at: datetime


@dataclass(frozen=True, slots=True)
class Alerting:
    """An alert and its corrections and all-clear that went out, the oldest first."""

    post: Post
    then: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaOutcomes:
    """What there is to tell of an area. ``late_since`` is when its source last answered, if late.

    ``done`` are priorities that the police say something of, ``open`` those they do not.
    """

    area: Area
    done: tuple[LocalPriority, ...]
    open: tuple[LocalPriority, ...]
    results: tuple[Posted, ...]
    late_since: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.done or self.open or self.results)
