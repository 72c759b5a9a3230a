"""How a post reads to a resident: by itself, or among others in a digest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.conversation import Button, Reply
from bot.model import Advice, Kind, Level, Picture, Post, Variant
from bot.text import Text, Value, _, _n, _p

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
    text = (*_opening(post), *_words(words), _source(post, force), *mark)
    return Reply(text, picture=words.picture)


def told(picture: Picture) -> Text:
    """A picture in words, for those who cannot see it and where there is no room for it."""
    # Translators: Stands under a picture or in its place. {alt} says what it shows, such as
    # "A map of Mill Lane."
    return _("Picture: {alt}", alt=picture.alt)


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


def digest(entries: Sequence[Entry], words: Mapping[int, Variant], *, demo: bool = False) -> Reply:
    """Posts as one message: by area and kind, the newest first, as many as it can hold.

    ``words`` are by the id of the post.
    """
    shown, left = _that_fit(entries, words)
    text = [_("<b>News from your areas</b>")]
    for place, posts in groupby(shown, key=lambda entry: entry.place):
        text.append(Text("<u>{place}</u>", {"place": place}))
        for entry in posts:
            text.append(_entry(entry.post, words[entry.post.id]))
    if left:
        # Translators: {count} is a number of pieces of news that did not fit, such as 4.
        text.append(_n("There is {count} more.", "There are {count} more.", left))
    if demo:
        text.append(_("Demo: this is sample content."))
    return Reply(text, (more(),) if left else ())


def more(start: int = 0) -> Button:
    """A button that shows the news that reached a chat, from the given one of the newest on."""
    # Translators: A button under a message that holds only some of the news. Max 30
    return Button(_p("button", "More news"), f"news:{start}")


def _that_fit(entries: Sequence[Entry], words: Mapping[int, Variant]) -> tuple[list[Entry], int]:
    """The newest that fit, in the order of the page, and how many are left out."""
    room = DIGEST_LETTERS
    fitting: list[Entry] = []
    for entry in sorted(entries, key=_newest_first):
        room -= _letters(words[entry.post.id])
        if fitting and room < 0:
            break
        fitting.append(entry)
    order = list(Kind)
    fitting.sort(
        key=lambda entry: (entry.place, order.index(entry.post.kind), _newest_first(entry))
    )
    return fitting, len(entries) - len(fitting)


def _letters(words: Variant) -> int:
    picture = len(words.picture.alt) if words.picture else 0
    return len(words.title) + len(_excerpt(words)) + picture + 80


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
        yield _ALERTS[post.level] if post.is_alert else _KINDS[post.kind]


def _words(words: Variant) -> Iterable[Text]:
    if words.title:
        yield Text("<b>{title}</b>", {"title": words.title})
    for paragraph in words.body.split("\n\n"):
        if paragraph.strip():
            yield Text("{words}", {"words": paragraph.strip()})


def _source(post: Post, force: str) -> Text:
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


def _entry(post: Post, words: Variant) -> Text:
    values: dict[str, Value] = {
        "kind": _KINDS[post.kind],
        "title": words.title,
        "words": _excerpt(words),
        "id": post.code,
    }
    title = "\n{title}" if words.title else ""
    picture = ""
    if words.picture is not None:
        values["picture"], picture = told(words.picture), "\n{picture}"
    return Text("{kind}" + title + "\n{words}" + picture + "\n{id}", values)


def _excerpt(words: Variant) -> str:
    if len(words.body) <= EXCERPT_LETTERS:
        return words.body
    return f"{words.body[:EXCERPT_LETTERS].rsplit(' ', 1)[0]} …"
