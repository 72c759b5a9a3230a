"""The buttons that many screens share: ways on and ways back."""

from bot.conversation import Button
from bot.text import _p

# Translators: A button that asks for a postcode, to follow one more area. Max 30
FOLLOW = Button(_p("button", "Follow an area"), "follow")
# Translators: A button that lists the areas a person follows. Max 30
PLACES = Button(_p("button", "My areas"), "places")
# Translators: A button that opens the list of languages. Max 30
LANGUAGE = Button(_p("button", "Change language"), "language")
# Translators: A button that shows what the bot can do. Max 30
HELP = Button(_p("button", "Help"), "help")
# Translators: A button that shows what the police did about problems of the area. Max 30
OUTCOMES = Button(_p("button", "What was done"), "outcomes")
# Translators: A button that lists meetings people may come to. Max 30
EVENTS = Button(_p("button", "Events"), "events")
# Translators: A button that asks a few questions to find whom to contact. Max 30
CONTACT = Button(_p("button", "Contact or report"), "contact")
# Translators: A button that shows the rights of victims and who helps them. Max 30
VICTIMS = Button(_p("button", "Support for victims"), "contact.go:victims")
# Translators: A button that ends every message at once. Max 30
STOP = Button(_p("button", "Stop all messages"), "stop")
# Translators: A button that shows what we know of the person, why, and their rights. Max 30
PRIVACY = Button(_p("button", "Privacy"), "privacy")
# Translators: A button that gives a person a file with all that we know of them. Max 30
MY_DATA = Button(_p("button", "Get my data"), "mydata")
# Translators: A button that opens the question whether to erase all we know of a person. Max 30
FORGET = Button(_p("button", "Erase my data"), "forget")
# Translators: A button that clears the recent messages. One neutral verb. Max 30
HIDE = Button(_p("button", "Hide"), "hide")
# Translators: A button that leads to the screen before. One word. Max 30
_BACK = _p("button", "Back")
# Translators: A button that opens the hours of the night without messages. Max 30
QUIET = Button(_p("button", "Quiet hours"), "quiet")
# Translators: A button that opens the choice to hold all news for some days. Max 30
PAUSE = Button(_p("button", "Pause my news"), "pause")
# Translators: A button that tells which police officers look after a person's areas. Max 30
TEAM = Button(_p("button", "My team"), "team")

# Translators: A button that starts telling the local police team about something. Max 30
CONCERN = Button(_p("button", "Tell my team something"), "concern")

# Translators: A button that shows whether the police team has answered. Max 30
CHECK = _p("button", "Check for a reply")
# Translators: A button that adds words to a concern that was sent. Max 30
ADD = _p("button", "Add more")
# Translators: A button: this chat is told when an answer comes. Max 30
_PUSH = _p("button", "Tell me here of replies")


def check(code: str) -> Button:
    """Look what became of a concern. The chat then holds its receipt code, we do not."""
    return Button(CHECK, f"status:{code}")


def add(code: str) -> Button:
    return Button(ADD, f"status.add:{code}")


def push(code: str) -> Button:
    return Button(_PUSH, f"status.push:{code}")


def of_receipt(code: str) -> tuple[Button, ...]:
    """What can be done with a receipt code."""
    return check(code), add(code), push(code), HIDE, HELP


# Translators: A button that shows the crime figures of an area. Max 30
NUMBERS = Button(_p("button", "Crime figures"), "numbers")


def back(choice: str) -> Button:
    """The way back to the screen that this choice opens."""
    return Button(_BACK, choice)


def language(native: str, code: str, *, is_draft: bool) -> Button:
    """A button that switches to a language, under its own name."""
    label = (
        # Translators: A language in its own words, "Polski", that no speaker has checked yet.
        _p("button", "{language} (computer translation)", language=native)
        if is_draft
        # Translators: A language in its own words, such as "Polski". Leave it as it is.
        else _p("button", "{language}", language=native)
    )
    return Button(label, f"language.set:{code}")
