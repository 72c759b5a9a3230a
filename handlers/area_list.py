"""Choosing an area by buttons alone: districts, first letters where they are many, areas.

A button of the list carries where it leads: the district as a short key, letters, and a page.
"""

from collections.abc import Sequence
from zlib import crc32

from bot.conversation import Button, Context, Reply
from bot.model import Area
from bot.text import Text, _, _p
from handlers import buttons

PAGE = 8

# Translators: A button that lists districts, then their areas, to choose one. Max 30
OPEN = Button(_p("button", "Choose from a list"), "follow.list")
# Translators: A button that shows the next part of a long list. Max 30
_MORE = _p("button", "More")


async def show(ctx: Context) -> Reply:
    """The part of the list that a button leads to; any other choice shows its beginning."""
    key, letters, page, *_rest = (*ctx.choice, "", "", "")
    districts = await ctx.services.places.districts()
    named = [district for district in districts if _key(district) == key]
    if named or len(districts) == 1:
        return await show_district(ctx, (named or districts)[0], letters, page)
    listed = [_opening(ctx, district) for district in districts]
    return _page(ctx, _("Where do you live?"), listed, ("", ""), page, "follow")


async def show_district(ctx: Context, district: str, letters: str = "", page: str = "") -> Reply:
    """The areas of a district, or what they begin with where they are many."""
    places, key = ctx.services.places, _key(district)
    before = "follow" if await places.districts() == [district] else _choice()
    ranges = await places.letters(district)
    first, _dash, last = letters.partition("-")
    areas = await places.in_district(district, first, last) if ranges and first else []
    if areas:
        before = _choice(key)
    elif ranges:
        text = _("Which letter does the name of your area begin with?")
        return _page(ctx, text, [_range(key, *one) for one in ranges], (key, ""), page, before)
    else:
        letters, areas = "", await places.in_district(district)
    listed = [_button(area.name, area) for area in areas]
    return _page(ctx, _which(district), listed, (key, letters), page, before)


def ask_which(areas: Sequence[Area], districts: Sequence[str]) -> Reply:
    """For words that name several areas, or whole districts."""
    return Reply(
        _which(),
        (
            *(_button(area.label, area) for area in areas),
            *(
                Button(
                    # Translators: A button. {district} is the name of a council's district.
                    _p("button", "Areas of {district}", district=district),
                    _choice(_key(district)),
                )
                for district in districts
            ),
            OPEN,
            buttons.HELP,
        ),
        expects="follow.where",
        asks_where=True,
    )


def _which(district: str = "") -> Text:
    if not district:
        return _("Which of these areas is yours?")
    # Translators: {district} is the name of a council's district, such as "Reading".
    return _("Which of these areas of {district} is yours?", district=district)


def _page(
    ctx: Context,
    text: Text,
    listed: Sequence[Button],
    here: tuple[str, str],
    page: str,
    before: str,
) -> Reply:
    """Some of many buttons, with ways on and back; a page that there is not is the first."""
    numbers = {str(number): number for number in range(-(-len(listed) // PAGE))}
    number = numbers.get(page, 0)
    more = [Button(_MORE, _choice(*here, number + 1))] if number + 1 < len(numbers) else []
    return Reply(
        [text, _("You can also type your postcode or send your location.")],
        (
            *listed[number * PAGE : (number + 1) * PAGE],
            *more,
            buttons.back(_choice(*here, number - 1) if number else before),
            buttons.HELP,
        ),
        expects="follow.where",
        replace=bool(ctx.choice),  # but not the message from which the list was opened
        asks_where=True,
    )


def _opening(ctx: Context, district: str) -> Button:
    """To the areas of a district; those of none are called the force's."""
    name = district or ctx.services.directory.force.name
    # Translators: A button with the name of a council's district, or of a police force.
    return Button(_p("button", "{district}", district=name), _choice(_key(district)))


def _range(key: str, first: str, last: str) -> Button:
    shown = first if first == last else f"{first}\u2013{last}"
    # Translators: A button with the first letters of names: "C", or from "D" to "G".
    label = _p("button", "{letters}", letters=shown.upper())
    return Button(label, _choice(key, f"{first}-{last}"))


def _button(name: str, area: Area) -> Button:
    # Translators: A button with the name of an area, "Abbey (Reading)".
    return Button(_p("button", "{area}", area=name), f"follow.area:{area.id}")


def _choice(key: str = "", letters: str = "", page: int = 0) -> str:
    """Where in the list a button leads; bare is only the button that opens it."""
    return f"{OPEN.choice}:{key}:{letters}:{page}"


def _key(district: str) -> str:
    """A district's name may be too long for a button."""
    return f"{crc32(district.encode()):08x}"
