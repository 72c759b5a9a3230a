"""The words of the pages themselves; what the bot says comes from the handlers."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import safety
from bot.text import Text, _, _p

EMERGENCY = _("In an emergency call 999.")
# Translators: always in sight at the top of the page, so keep it short.
DEMO = _("Demo: the police messages here are only samples.")
SKIP = _("Skip to your message")
# Translators: button at the top of every page; it takes the reader to a weather page. Max 30
LEAVE = _p("button", "Leave quickly")
LEAVE_KEYS = _("or press Shift three times")
# Translators: button at the top of the page; it takes the messages off the page. Max 30
HIDE = _p("button", "Hide messages")
# Translators: read out by screen readers: the name of the list of messages. One word.
LOG = _("Conversation")
# Translators: read out by screen readers before each message the reader sent
YOU = _("You said:")
# Translators: read out by screen readers before each message the service sent; Beatline is a name
BEATLINE = _("Beatline said:")
CHOICES = _("Choose an answer")
# Translators: opens the list of all that can be done here. One word, a noun. Max 30
MENU = _p("button", "Menu")
# Translators: button that sends where the person is now. Max 30
LOCATE = _p("button", "Use my location")
LOCATE_HINT = _(
    "Your browser will ask you first. We use your location once, to find your area. "
    "We do not keep it."
)
LOCATE_PRIVATE_HINT = _(
    "Your browser will ask you first. The point goes to the team with your concern. It is rounded "
    "to about 100 metres, unless you choose the exact one."
)
FILE = _("Your photo or video, 20 MB at most")
# Translators: button that sends the photo or video that was chosen. Max 30
UPLOAD = _p("button", "Add this file")
MANY_FILES = _("Very many people are sending files just now.")
FILE_TOO_BIG = _("That file is too big")
FILE_TOO_BIG_HINT = _("It was not added, and nothing was sent. 20 MB is the most.")
FIELD = _("Your message")
# Translators: button beside the field where a message is typed. One verb. Max 30
SEND = _p("button", "Send")

SHORTENED = _("Earlier messages are not kept on this page.")
STALE = _("This page was open for a long time. Please send your message again.")
ELSEWHERE = _("We could not check where that message came from. Please send it from this page.")
NO_COOKIES = _(
    "This chat needs a cookie to know your messages. Please allow cookies for this site."
)

# The script shows these while a message is on its way.
SENDING = _("Sending your message.")
SLOW = _("This is slower than usual. Please wait.")
LOST = _("No connection. Your message is not sent yet. We keep trying.")
# Translators: stands at a message of the reader that is still on its way to us
UNSENT = _("Not sent yet")
OFFLINE = _("No connection. New messages will show when it is back.")
NOT_SENT = _("Your message was not sent. Please try again.")
LOCATING = _("Finding your location.")
NOT_LOCATED = _("We did not get your location. You can type your postcode instead.")

BACK = _("Back to the chat")
NOT_FOUND = _("We cannot find that page")
NOT_FOUND_HINT = _("Check the address. Or go back to the chat.")
TOO_LONG = _("Your message is too long")
# Translators: {limit} is the most letters a message may have, for example 4,000
TOO_LONG_HINT = _("Nothing was sent. Please use at most {limit} letters.", limit=4000)
UNREADABLE = _("We could not read that message")
TOO_SLOW = _("Your message took too long to reach us")
BUSY = _("The chat is starting again")
CROWDED = _("Very many people are starting a chat just now.")
NOT_SENT_HINT = _("Nothing was sent. Please try again in a minute.")
NON_EMERGENCY = _("If it is not an emergency, you can call 101.")
MISDIRECTED = _("The chat has another address")
FAILED = _("Something went wrong on our side")
ABOUT = _("About this page")
STANDINS = _("The areas here are council wards. They stand in for the police's own neighbourhoods.")
POSTCODES = _(
    "Contains OS data © Crown copyright and database right 2025. "
    "Contains Royal Mail data © Royal Mail copyright and database right 2025. "
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0."
)
POLICE = _(
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "Source: data.police.uk."
)

# The pages of advice.
# Translators: The heading of the list of web pages on which a piece of advice rests.
SOURCES = _("Where this comes from")
# Translators: A link to the same advice as a sheet of paper.
PRINT = _("Print this as a page")
OTHER_LANGUAGES = _("This advice in other languages")
NOT_TRANSLATED = _("This advice is not in your language yet, so it is in English.")
BY_COMPUTER = safety.MACHINE_LABEL
ENGLISH_CHANGED = safety.CHANGED
# Translators: On paper, beside a square code that a telephone can read.
SCAN = _("Point your phone's camera here to read this page.")
# Translators: The alternative text of a square code that a telephone can read.
QR_CODE = _("QR code with the address of this page")


def reviewed(day: date) -> Text:
    """Until when the editors of an article vouch for it."""
    # Translators: {day} is a date, such as 1 November 2027.
    return _("We will check this advice again by {day}.", day=day)


# Translators: a heading: what the police did about problems of the area
DONE = _("What was done")
# Translators: a heading: decisions of courts, and other results
RESULTS = _("Results")
# Translators: a heading: problems about which the police have not said yet what they do
OPEN = _("We are looking at")
# Translators: a heading: meetings people may come to. One word.
EVENTS = _("Events")
# Translators: a heading: the crime figures of the area. One word.
NUMBERS = _("Numbers")
NO_NUMBERS = _("There are no crime figures for this area yet.")
# Translators: a heading: messages that were sent to the people of the area
SENT = _("Messages sent to this area")
NO_EVENTS = _("No events are published just now.")
NOTHING_DONE = _("Nothing has been published about that so far.")
NOTHING_SENT = _("No message has been sent to this area so far.")
# Translators: a link to the chat, where the area can be followed
FOLLOW = _("Get the news of this area in the chat")
# Translators: a link for programs that read news; Atom is the name of a format
FEED = _("Messages as an Atom feed")
# Translators: a link for programs; CAP is the name of a format for warnings
CAP_FEED = _("Alerts as a CAP feed")
ENGLISH = _("The police write in English. Their words are shown as they are.")
CANCELLED = _("It was cancelled. Please do not rely on it.")
WRONG = _("It was wrong and has been corrected. These are the new words.")
OVER = _("It is over.")
STANDS = _("It still stands.")
EXERCISE = _("This is a demo. The message is only a sample, and not from the police.")
NOT_OURS = _("We did not send that message")
NOT_OURS_HINT = _(
    "No post with that id was sent by this service. If a message says it is from the police and "
    "you are not sure, call 101."
)


def title(name: str) -> Text:
    """The heading of an area's page."""
    # Translators: The heading of a page. {area} is the name of an area, "Abbey (Reading)".
    return _("Policing in {area}", area=name)


def checked(code: str) -> Text:
    """The heading of a page that shows one message."""
    # Translators: The heading of a page. {id} is the number of a message, P-7KX3QD.
    return _("Message {id}", id=code)


def sent(at: datetime) -> Text:
    """When a message was sent."""
    # Translators: {time} is a day and time.
    return _("This service sent it on {time}.", time=at)


def failed_hint(reference: str) -> Text:
    """What to say about a bug, with the number under which it is logged."""
    # Translators: {reference} is a number such as 4F7K2M that helps us find the fault
    return _(
        "Please try again. If you tell us about it, give this number: {reference}",
        reference=reference,
    )


def address_hint(url: str) -> Text:
    """Where the chat is, for whoever came by a name that is not its own."""
    # Translators: {url} is the address of the chat, such as https://beat.example.org
    return _("Please go to {url}", url=url)


def download(name: str) -> Text:
    """The words of a link to a file that came with a message."""
    # Translators: A link under a message. {name} is the name of a file, beatline-my-data.json.
    return _("Download {name}", name=name)


def day(at: datetime, zone: ZoneInfo) -> Text:
    """The day of a message; only a value, which the renderer writes in the reader's language."""
    local = at.astimezone(zone)
    return Text("{day}", {"day": date(local.year, local.month, local.day)})


def clock_time(at: datetime, zone: ZoneInfo) -> Text:
    """The time of day of a message; only a value, like ``day``."""
    return Text("{time}", {"time": at.astimezone(zone).time()})
