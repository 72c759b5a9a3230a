"""Choosing an area by buttons alone: districts, first letters where they are many, areas.

A button of the list carries where it leads: the district as a short key, letters, and a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from bot.conversation import Button, Context, Reply
from bot.model import Area
from bot.text import Text, _, _p
from handlers import buttons

PAGE = 8


@dataclass(frozen=True, slots=True)
class Purpose:
    """What an area is chosen for.

    ``conversation`` begins the names of its routes, ``.list`` and ``.area``, and of the step that
    takes words, ``.where``. ``before`` is the choice that leads back out of the list. ``where``
    and ``which`` ask for a district and for an area.
    """

    conversation: str
    before: str
    where: Text
    which: Text

    @property
    def opening(self) -> Button:
        """The button that opens the list."""
        # Translators: A button that lists districts, then their areas, to choose one. Max 30
        label = _p("button", "Choose from a list")
        return Button(label, f"{self.conversation}.list")

    @property
    def step(self) -> str:
        return f"{self.conversation}.where"

    def button(self, name: str, area: Area) -> Button:
        """The button that chooses an area."""
        # Translators: A button with the name of an area, "Abbey (Reading)".
        return Button(_p("button", "{area}", area=name), f"{self.conversation}.area:{area.id}")


FOLLOWING = Purpose(
    "follow", "follow", _("Where do you live?"), _("Which of these areas is yours?")
)
OPEN = FOLLOWING.opening
# Translators: A button that shows the next part of a long list. Max 30
_MORE = _p("button", "More")


async def show(ctx: Context, purpose: Purpose = FOLLOWING) -> Reply:
    """The part of the list that a button leads to; any other choice shows its beginning."""
    key, letters, page, *_rest = (*ctx.choice, "", "", "")
    districts = await ctx.services.places.districts()
    named = [district for district in districts if _key(district) == key]
    if named or len(districts) == 1:
        district = (named or districts)[0]
        return await show_district(ctx, district, letters, page, purpose=purpose)
    listed = [_opening(ctx, district, purpose) for district in districts]
    return _page(ctx, purpose, purpose.where, listed, ("", ""), page, purpose.before)


async def show_district(
    ctx: Context, district: str, letters: str = "", page: str = "", *, purpose: Purpose = FOLLOWING
) -> Reply:
    """The areas of a district, or what they begin with where they are many."""
    places, key = ctx.services.places, _key(district)
    before = purpose.before if await places.districts() == [district] else _choice(purpose)
    ranges = await places.letters(district)
    first, _dash, last = letters.partition("-")
    areas = await places.in_district(district, first, last) if ranges and first else []
    if areas:
        before = _choice(purpose, key)
    elif ranges:
        text = _("Which letter does the name of your area begin with?")
        listed = [_range(purpose, key, *one) for one in ranges]
        return _page(ctx, purpose, text, listed, (key, ""), page, before)
    else:
        letters, areas = "", await places.in_district(district)
    listed = [purpose.button(area.name, area) for area in areas]
    return _page(ctx, purpose, _which(purpose, district), listed, (key, letters), page, before)


def ask_which(
    areas: Sequence[Area], districts: Sequence[str], purpose: Purpose = FOLLOWING
) -> Reply:
    """For words that name several areas, or whole districts."""
    return Reply(
        purpose.which,
        (
            *(purpose.button(area.label, area) for area in areas),
            *(
                Button(
                    # Translators: A button. {district} is the name of a council's district.
                    _p("button", "Areas of {district}", district=district),
                    _choice(purpose, _key(district)),
                )
                for district in districts
            ),
            purpose.opening,
            buttons.HELP,
        ),
        expects=purpose.step,
        asks_where=True,
    )


def _which(purpose: Purpose, district: str = "") -> Text:
    if not district:
        return purpose.which
    # Translators: {district} is the name of a council's district, such as "Reading".
    return _("Which of these areas of {district} is yours?", district=district)


def _page(
    ctx: Context,
    purpose: Purpose,
    text: Text,
    listed: Sequence[Button],
    here: tuple[str, str],
    page: str,
    before: str,
) -> Reply:
    """Some of many buttons, with ways on and back; a page that there is not is the first."""
    numbers = {str(number): number for number in range(-(-len(listed) // PAGE))}
    number = numbers.get(page, 0)
    more = [Button(_MORE, _choice(purpose, *here, number + 1))] if number + 1 < len(numbers) else []
    return Reply(
        [text, _("You can also type your postcode or send your location.")],
        (
            *listed[number * PAGE : (number + 1) * PAGE],
            *more,
            buttons.back(_choice(purpose, *here, number - 1) if number else before),
            buttons.HELP,
        ),
        expects=purpose.step,
        replace=bool(ctx.choice),  # but not the message from which the list was opened
        asks_where=True,
    )


def _opening(ctx: Context, district: str, purpose: Purpose) -> Button:
    """To the areas of a district; those of none are called the force's."""
    name = district or ctx.services.directory.force.name
    # Translators: A button with the name of a council's district, or of a police force.
    return Button(_p("button", "{district}", district=name), _choice(purpose, _key(district)))


def _range(purpose: Purpose, key: str, first: str, last: str) -> Button:
    shown = first if first == last else f"{first}\u2013{last}"
    # Translators: A button with the first letters of names: "C", or from "D" to "G".
    label = _p("button", "{letters}", letters=shown.upper())
    return Button(label, _choice(purpose, key, f"{first}-{last}"))


def _choice(purpose: Purpose, key: str = "", letters: str = "", page: int = 0) -> str:
    """Where in the list a button leads; bare is only the button that opens it."""
    return f"{purpose.opening.choice}:{key}:{letters}:{page}"


def _key(district: str) -> str:
    """A district's name may be too long for a button."""
    return f"{crc32(district.encode()):08x}"
