"""How a post reads to a resident: by itself, or among others in a digest."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot import safety
from bot.conversation import Button, Illustration, Reply
from bot.model import (
    Advice,
    AreaOutcomes,
    Kind,
    Level,
    LocalPriority,
    Meeting,
    Origin,
    Picture,
    Post,
    Variant,
)
from bot.text import Text, Value, _, _n, _p, written

DIGEST_LETTERS = 3_200
"""What a digest may hold of posts: with its frame it fits into one message of any channel."""
EXCERPT_LETTERS = 600
AREAS_NAMED = 3

_KINDS: Mapping[Kind, Text] = {
    # Translators: Opens a message from the local police team.
    Kind.UPDATE: _("<b>News from your police team</b>"),
    # Translators: Opens a message: what people told the police, and what was done about it.
    Kind.OUTCOME: _("<b>You said, we did</b>"),
    # Translators: Opens a message that asks people to take care.
    Kind.ALERT: _("<b>Alert</b>"),
    # Translators: Opens a message about something people can come to.
    Kind.EVENT: _("<b>Event near you</b>"),
    # Translators: Opens a message with the crime figures of a month.
    Kind.NUMBERS: _("<b>The numbers</b>"),
    # Translators: Opens a message with advice on staying safe.
    Kind.ADVICE: _("<b>Advice</b>"),
    # Translators: Opens a message from a community group, which is not the police.
    Kind.GROUP: _("<b>From a community group, not the police</b>"),
}
_ALERTS: Mapping[Level, Text] = {
    Level.ROUTINE: _KINDS[Kind.ALERT],
    # Translators: Opens an alert of the middle level.
    Level.IMPORTANT: _("<b>Important alert</b>"),
    # Translators: Opens an alert of the highest level.
    Level.URGENT: _("<b>Urgent alert</b>"),
}
# Translators: A button that shows whether the police team has answered. Max 30
_CHECK = _p("button", "Check for a reply")
# Within another text, a phrase is drawn without the English that a reader of it does not need.
_ORIGINAL = Text("{label}", {"label": safety.SHOW_ORIGINAL})
_AS_WRITTEN = "news.written"
# Translators: Opens a message with what a court decided about a crime, or another result.
_RESULT = _("<b>Result for your area</b>")
# Translators: Opens a message with what the police plan to do about what people told them.
_PLAN = _("<b>You said, we plan</b>")
# Translators: Opens a message that a person asked for, the day before an event.
_REMINDER = _("<b>Reminder</b>")
# Words of sources about what is still to come; they write in English. What is said to be planned
# must not be told as done, so one such word is enough.
_TO_COME = re.compile(
    r"\b(?:will|shall|plans?|planning|planned|intends?|aims?|hopes?|going to|looking to"
    r"|propose[sd]?|considering|upcoming)\b|[’']ll\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One post of a digest, under the area through which this resident gets it."""

    place: str
    post: Post


def alone(post: Post, words: Variant, force: str, *, demo: bool = False) -> Reply:
    """A post as one message. ``words`` are its newest; ``force`` is the name of the police force.

    ``demo`` adds the line that every message of a demo carries.
    """
    # Translators: Stands last in a demo.
    mark = (_("Demo: this is sample content."),) if demo else ()
    origin = (source(post.origin),) if post.origin else ()
    text = (
        *_opening(post),
        *_words(words),
        *_of_a_computer(words),
        *origin,
        _sender(post, force),
        *mark,
    )
    buttons = (show_original(post.code),) if words.by_machine else ()
    return Reply(text, buttons, picture=_illustration(words.picture) if words.picture else None)


def show_original(code: str) -> Button:
    """A button that shows a post as it was written; it stands under a computer's translation."""
    return Button(_ORIGINAL, f"original:{code}")


def told(alt: Value) -> Text:
    """A picture in words, for those who cannot see it and where there is no room for it."""
    # Translators: Stands under a picture or in its place. {alt} says what it shows, such as
    # "A map of Mill Lane."
    return _("Picture: {alt}", alt=alt)


def advice(given: Advice, reason: Text | None = None) -> list[Text]:
    """An article of the library, below its title, with the reason why it comes just now.

    On a sensitive topic a neutral paragraph and the way to hide it all stand first.
    """
    words = [Text("{words}", {"words": paragraph}) for paragraph in given.words]
    why = [] if reason is None else [reason]
    if given.sensitive:
        # Translators: Keep /hide.
        hide = _("If someone may see this chat, read it, then send /hide to clear it.")
        words = [*words[:1], hide, *why, *words[1:]]
    else:
        words = [*why, *words]
    # Translators: Stands above the address of a page with the whole of the advice.
    more = _("All of it, to read, share or print:")
    return [*words, *given.safety, *given.notes, more, Text("{url}", {"url": given.url})]


def digest(
    entries: Sequence[Entry],
    words: Mapping[int, Variant],
    *,
    nudged: Collection[str] = (),
    demo: bool = False,
) -> Reply:
    """Posts as one message: by area and kind, the newest first, as many as it can hold.

    ``words`` are by the id of the post. Everyone is told alike that some concerns from the
    ``nudged`` areas have replies.
    """
    shown, left = _that_fit(entries, words)
    text = [_("<b>News from your areas</b>")]
    for place, posts in groupby(shown, key=lambda entry: entry.place):
        text.append(Text("<u>{place}</u>", {"place": place}))
        for entry in posts:
            text += _entry(entry.post, words[entry.post.id])
    if left:
        # Translators: {count} is a number of pieces of news that did not fit, such as 4.
        text.append(_n("There is {count} more.", "There are {count} more.", left))
    if nudged:
        # Translators: {areas} is a list of names of areas, such as "Abbey and Battle". {check} is
        # the label of a button, "Check for a reply". Keep /status.
        text.append(
            _(
                "Some concerns from {areas} have replies. If one is yours, press {check} under "
                "it, or send /status.",
                areas=sorted(nudged),
                check=_CHECK,
            )
        )
    if demo:
        text.append(_("Demo: this is sample content."))
    buttons = [more()] if left else []
    if any(words[entry.post.id].by_machine for entry in shown):
        buttons.append(show_news_as_written())
    return Reply(text, buttons)


def more(start: int = 0, *, as_written: bool = False) -> Button:
    """A button that shows the news that reached a chat, from the given one of the newest on."""
    # Translators: A button under a message that holds only some of the news. Max 30
    return Button(_p("button", "More news"), f"{_AS_WRITTEN if as_written else 'news'}:{start}")


def show_news_as_written(start: int = 0) -> Button:
    """A button that shows the same news without a computer's translations."""
    return Button(_ORIGINAL, f"{_AS_WRITTEN}:{start}")


def _that_fit(entries: Sequence[Entry], words: Mapping[int, Variant]) -> tuple[list[Entry], int]:
    """The newest that fit, in the order of the page, and how many are left out."""
    room = DIGEST_LETTERS
    fitting: list[Entry] = []
    for entry in sorted(entries, key=_newest_first):
        room -= _letters(entry.post, words[entry.post.id])
        if fitting and room < 0:
            break
        fitting.append(entry)
    order = list(Kind)
    fitting.sort(
        key=lambda entry: (entry.place, order.index(entry.post.kind), _newest_first(entry))
    )
    return fitting, len(entries) - len(fitting)


def _letters(post: Post, words: Variant) -> int:
    """About how many letters an entry takes."""
    frame = 80 + len(post.origin.source) + len(post.origin.licence) + 40 if post.origin else 80
    picture = len(words.picture.alt) if words.picture else 0
    notes = sum(2 * len(note.message) + 4 for note in _of_a_computer(words))  # with the English
    return len(words.title) + len(words.said) + len(_excerpt(words)) + picture + notes + frame


def _newest_first(entry: Entry) -> tuple[float, int]:
    released = entry.post.send_at.timestamp() if entry.post.send_at else 0.0
    return -released, -entry.post.id


def _opening(post: Post) -> Iterable[Text]:
    if post.all_clear:
        # Translators: Opens the message that ends an alert. {id} is its number, such as P-7KX3QD.
        yield _("<b>All clear.</b> This ends our message {id}.", id=post.refers_code or "")
    elif post.follows_up:
        # Translators: {id} is the number of the message that was wrong, such as P-7KX3QD.
        yield _("<b>Correction.</b> This replaces our message {id}.", id=post.refers_code or "")
    else:
        yield heading(post)


def heading(post: Post) -> Text:
    """What sort of post it is. Only an answer says "You said", and only what is done "we did"."""
    if post.asked_for:
        return _REMINDER
    if post.is_alert:
        return _ALERTS[post.level]
    words = post.variants[0]
    if post.kind is Kind.OUTCOME and not words.said:
        return _RESULT
    return _PLAN if words.said and is_plan(words.body) else _KINDS[post.kind]


def is_plan(action: str) -> bool:
    """Whether an action that a source tells is, or may be, still to come."""
    return bool(_TO_COME.search(action))


def answer(said: str, did: str, language: str) -> tuple[Text, Text]:
    """What residents raised and what the police say of it in a language, as two paragraphs."""
    theirs = written(did, language)
    # Translators: {words} is what residents told the police, in the words of the police.
    first = _("<b>You said:</b> {words}", words=written(said, language))
    if not did:
        # Translators: Stands where the police have not said yet what they do about a problem.
        return first, _("We are looking at it. The police have not said yet what they did.")
    if is_plan(did):
        # Translators: {words} is what the police will do about it, in their own words.
        return first, _("<b>What the police plan:</b> {words}", words=theirs)
    # Translators: {words} is what the police did about it, in their own words.
    return first, _("<b>We did:</b> {words}", words=theirs)


def stages(priority: LocalPriority) -> Text:
    """When each stage of a priority was reached."""
    values: dict[str, Value] = {
        "found": priority.found.date(),
        "acting": priority.acting.date() if priority.acting else "",
        "reviewed": priority.reviewed.date() if priority.reviewed else "",
    }
    if priority.reviewed:
        # Translators: Three days. {found}: residents raised a problem. {acting}: the police first
        # said what they do. {reviewed}: they looked at it again and said something new.
        return _("Found {found}. Acting {acting}. Reviewed {reviewed}.", **values)
    if priority.acting:
        # Translators: Two days, as above.
        return _("Found {found}. Acting {acting}.", **values)
    # Translators: One day, as above.
    return _("Found {found}.", **values)


def late(found: AreaOutcomes) -> tuple[Text, ...]:
    """That what is shown may be out of date, where it may."""
    if found.late_since is None:
        return ()
    # Translators: {date} is the day on which the source of the news could last be read.
    return (_("This news is late. We last read it on {date}.", date=found.late_since.date()),)


def meeting(each: Meeting, *, named: bool = True) -> Text:
    """An event in a few lines: what, when and where, with the area's name where it is not clear."""
    values: dict[str, Value] = {
        "title": written(each.title, each.language),
        "time": each.starts,
        "venue": each.venue,
        "area": each.area.label,
    }
    venue = "\n{venue}" if each.venue else ""
    area = "\n{area}" if named else ""
    return Text("<b>{title}</b>\n{time}" + venue + area, values)


def source(origin: Origin) -> Text:
    """Who published it, when, and under which licence, with the way there."""
    values: dict[str, Value] = {
        "source": origin.source,
        "licence": origin.licence.rstrip("."),
        "url": origin.link,
        "date": origin.published.date() if origin.published else "",
    }
    if origin.published is None:
        # Translators: {source} is who published it, such as "data.police.uk".
        first = _("Source: {source}.", **values)
    else:
        # Translators: As above; {date} is the day on which it was published.
        first = _("Source: {source}, {date}.", **values)
    licence = " {licence}." if origin.licence else ""
    # Translators: A link to the page where a piece of news was published first.
    link = _('<a href="{url}">Read it there</a>', **values) if origin.link else ""
    return Text(
        "{first}" + licence + (" {link}" if link else ""), {**values, "first": first, "link": link}
    )


def _illustration(picture: Picture) -> Illustration:
    alt = Text("{alt}", {"alt": picture.alt})
    return Illustration(picture.name, picture.width, picture.height, alt)


def _words(words: Variant) -> Iterable[Text]:
    if words.title:
        yield Text("<b>{title}</b>", {"title": written(words.title, words.language)})
    if words.said:
        yield from answer(words.said, words.body, words.language)
        return
    for paragraph in words.body.split("\n\n"):
        if paragraph.strip():
            yield written(paragraph.strip(), words.language)


def _of_a_computer(words: Variant) -> Iterable[Text]:
    """What goes with words in the reader's language that were not written in it."""
    if words.emergency:
        yield safety.EMERGENCY
    if words.by_machine:
        yield safety.MACHINE_LABEL


def _sender(post: Post, force: str) -> Text:
    if post.everywhere:
        # Translators: {force} is the name of a police force. Keep /verify; {id} is like P-7KX3QD.
        return _("{force}, for all areas. To check it: /verify {id}", force=force, id=post.code)
    if len(post.areas) > AREAS_NAMED:
        # Translators: As above; {count} is a number of areas, such as 12.
        return _n(
            "{force}, for {count} area. To check it: /verify {id}",
            "{force}, for {count} areas. To check it: /verify {id}",
            len(post.areas),
            force=force,
            id=post.code,
        )
    # Translators: As above; {areas} is a list of names of areas, such as "Abbey and Battle".
    return _(
        "{force}, for {areas}. To check it: /verify {id}",
        force=force,
        areas=[area.label for area in post.areas],
        id=post.code,
    )


def _entry(post: Post, words: Variant) -> Iterable[Text]:
    """Each safety phrase is a paragraph, so that it can have the English below it."""
    excerpt = _excerpt(words)
    said, did = answer(words.said, excerpt, words.language) if words.said else (None, None)
    values: dict[str, Value] = {
        "kind": heading(post),
        "title": written(words.title, words.language),
        "said": said or "",
        "words": did or written(excerpt, words.language),
        "id": post.code,
        "source": source(replace(post.origin, link="")) if post.origin else "",
    }
    title = "\n{title}" if words.title else ""
    raised = "\n{said}" if words.said else ""
    picture = ""
    if words.picture is not None:
        values["picture"], picture = told(words.picture.alt), "\n{picture}"
    origin = "\n{source}" if post.origin else ""
    yield Text("{kind}" + title + raised + "\n{words}" + picture + origin + "\n{id}", values)
    yield from _of_a_computer(words)


def _excerpt(words: Variant) -> str:
    if len(words.body) <= EXCERPT_LETTERS:
        return words.body
    return f"{words.body[:EXCERPT_LETTERS].rsplit(' ', 1)[0]} …"
