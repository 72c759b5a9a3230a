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
# Translators: A button that ends every message at once. Max 30
STOP = Button(_p("button", "Stop all messages"), "stop")
