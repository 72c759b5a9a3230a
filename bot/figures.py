"""How the monthly figures of an area read: in full, short as a post, and beside their picture."""

from collections.abc import Iterator, Sequence

from bot.offences import (
    CATEGORIES,
    AreaNumbers,
    Tally,
    category_name,
    outcome_name,
)
from bot.text import Month, Text, Value, _, _n, _p

SOURCE = "data.police.uk"
LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "Source: data.police.uk."
)
_MOST_IN_A_POST = 5

# Translators: Stands in place of a number that is not shown, as in "Burglary: fewer than 5".
_FEWER = _p("count", "fewer than 5")
# Translators: Stands in place of a number that was not published.
_UNKNOWN = _p("count", "not known")


def title(found: AreaNumbers) -> Text:
    # Translators: The heading of the figures of a month. {area} is the name of an area, {month}
    # such as "June 2026".
    return _("{area}, {month}", area=found.area.label, month=month(found))


def month(found: AreaNumbers) -> Month:
    """The newest month, as words show it."""
    return Month.of(found.newest.month)


def full(found: AreaNumbers) -> list[Text]:
    """Everything that may be shown of the newest month, with what it means."""
    return [
        *_warnings(found),
        *_total(found),
        *_rises(found),
        *_lines([_category(found, each) for each in _told(found)]),
        *_hidden(found),
        *_results(found),
        *caveats(found),
        source(found),
    ]


def short(found: AreaNumbers) -> list[Text]:
    """The same for a post: the total, the most common categories, and where to read more."""
    newest = found.newest.categories
    most = sorted(_told(found), key=lambda each: -(newest[each] or 0))[:_MOST_IN_A_POST]
    return [
        *_warnings(found),
        *_total(found),
        *_rises(found),
        *_lines([_category(found, each) for each in most]),
        # Translators: Keep /numbers, it is a command.
        _("To see all figures, the results and what they mean: /numbers"),
    ]


def count(tally: Tally | None, category: str) -> Value:
    """A number as it may be shown, or the words that stand in its place."""
    if tally is None:
        return _UNKNOWN
    number = tally.categories.get(category)
    return _FEWER if number is None else number


def caption(found: AreaNumbers) -> Text:
    """The words beside the picture."""
    # Translators: Stands under a picture with bars. {area} is the name of an area, {month} such
    # as "June 2026". Months are numbers: 6 is June.
    words = _(
        "Crimes and incidents in {area}, month by month until {month}.",
        area=found.area.label,
        month=month(found),
    )
    if all(each.total is not None for each in found.history):
        return words
    # Translators: Stands under a picture with bars, after another sentence.
    pale = _("A pale bar is the least that it can be.")
    return Text("{words} {pale}", {"words": words, "pale": pale})


def described(found: AreaNumbers) -> Text:
    """The picture for those who do not see it: its numbers."""
    # Translators: Describes a picture to people who cannot see it. {months} is a list such as
    # "May 2026: 12 and June 2026: 15".
    return _(
        "Bars for each month. {months}.", months=[_month_of_picture(each) for each in found.history]
    )


def caveats(found: AreaNumbers) -> list[Text]:
    """What the figures do not say."""
    text = [
        _(
            "This counts what the police recorded with a place in this area. Places are rough: "
            "each point on the map stands for at least eight addresses."
        ),
        _("We do not show numbers under 5, so that nobody can be recognised."),
    ]
    if found.area.standin:
        text.append(
            _("Electoral wards stand in for police neighbourhoods until the force's map is loaded.")
        )
    return text


def source(found: AreaNumbers) -> Text:
    """Where the figures come from, and of which month they are."""
    if found.sample:
        # Translators: {month} is such as "June 2026".
        return _(
            "Sample figures for {month}. They are made up, to show how this works.",
            month=month(found),
        )
    # Translators: {month} is such as "June 2026", {licence} an English sentence on the licence.
    return _("Period: {month}. {licence}", month=month(found), licence=LICENCE)


def _warnings(found: AreaNumbers) -> Iterator[Text]:
    if found.late:
        # Translators: {month} is such as "June 2026".
        yield _(
            "The data is late. {month} is the newest month that I have.",
            month=month(found),
        )


def _total(found: AreaNumbers) -> Iterator[Text]:
    newest = found.newest
    if newest.total is not None:
        yield _n(
            "{count} crime or incident was recorded here.",
            "{count} crimes and incidents were recorded here.",
            newest.total,
        )
    elif newest.shown:
        yield _n(
            "At least {count} crime or incident was recorded here.",
            "At least {count} crimes and incidents were recorded here.",
            newest.shown,
        )
    else:
        yield _("Fewer than 5 of each kind of crime were recorded here.")
    # Translators: {before} and {year} are numbers, or words such as "not known" or "at least 40".
    yield _(
        "The month before: {before}. The same month a year before: {year}.",
        before=_whole(found.before),
        year=_whole(found.year_before),
    )


def _whole(tally: Tally | None) -> Value:
    if tally is None:
        return _UNKNOWN
    if tally.total is not None:
        return tally.total
    if not tally.shown:
        # Translators: Stands in place of a number: of each kind of crime there were fewer than 5.
        return _p("count", "fewer than 5 of each kind")
    # Translators: Stands in place of a number that is not shown exactly. {count} is such as 40.
    return _p("count", "at least {count}", count=tally.shown)


def _rises(found: AreaNumbers) -> Iterator[Text]:
    for rise in found.rises:
        # Translators: {kind} is a kind of crime, such as "Burglary"; {count} is a number.
        yield _(
            "{kind}: {count}. That is more than chance explains, beside the twelve months before.",
            kind=category_name(rise.category),
            count=rise.count,
        )


def _told(found: AreaNumbers) -> list[str]:
    """The categories of which at least one number may be shown."""
    tallies = [each for each in (found.newest, found.before, found.year_before) if each]
    return [
        name
        for name in found.newest.categories
        if any(each.categories.get(name) is not None for each in tallies)
    ]


def _category(found: AreaNumbers, name: str) -> Text:
    if found.before is None and found.year_before is None:
        # Translators: A line of a list. {kind} is a kind of crime, such as "Burglary"; {count} is
        # a number.
        return _("{kind}: {count}.", kind=category_name(name), count=count(found.newest, name))
    # Translators: A line of a list. {kind} is a kind of crime, such as "Burglary"; the others are
    # numbers, or words such as "fewer than 5" or "not known".
    return _(
        "{kind}: {count}. The month before: {before}. A year before: {year}.",
        kind=category_name(name),
        count=count(found.newest, name),
        before=count(found.before, name),
        year=count(found.year_before, name),
    )


def _hidden(found: AreaNumbers) -> Iterator[Text]:
    told = _told(found)
    names = [name for name in CATEGORIES if name not in told]
    if names:
        # Translators: {kinds} is a list of kinds of crime, such as "Robbery and Drugs".
        yield _("Fewer than 5 of each: {kinds}.", kinds=[CATEGORIES[name] for name in names])


def _results(found: AreaNumbers) -> Iterator[Text]:
    lines = [
        # Translators: A line of a list. {result} is what became of crimes; {count} is a number.
        _("{result}: {count}.", result=outcome_name(name), count=number)
        for name, number in found.outcomes.items()
    ]
    if lines:
        # Translators: Stands above a list of what became of the crimes of a month.
        yield from _lines([_("<b>Results so far of that month's crimes</b>"), *lines])
        if found.hides_outcomes:
            yield _("Less common results are not shown.")


def _lines(texts: Sequence[Text]) -> Iterator[Text]:
    """Texts as the lines of one paragraph."""
    if texts:
        names = [f"line{number}" for number in range(len(texts))]
        message = "\n".join(f"{{{name}}}" for name in names)
        yield Text(message, dict(zip(names, texts, strict=True)))


def _month_of_picture(tally: Tally) -> Text:
    # Translators: A month in a list. {count} is a number, or words such as "at least 40".
    return _("{month}: {count}", month=Month.of(tally.month), count=_whole(tally))
