"""Released posts, put into the languages of those who may get them, ahead of sending.

Nothing waits for it: what is not there when a message goes out goes out in the original.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Literal, TypeAlias

from bot.errors import FeedError, OperatorError
from bot.model import Kind, Picture, Post, Variant
from bot.ports import Clock
from bot.services.posts import LONGEST_TEXT, LONGEST_TITLE
from bot.services.translation.emergencies import cut
from bot.services.translation.translator import Translator
from bot.services.translation.verification import Unfit
from bot.store import audit, posts, translations
from bot.store.database import Database

KINDS = (Kind.UPDATE, Kind.OUTCOME, Kind.EVENT, Kind.GROUP)
"""An alert's own words never go through an engine, nor advice and figures, which people wrote in
every language."""
MEMORY_KEPT = timedelta(days=90)
SECONDS = 60.0

_LOOKED_AT = 200
_AT_ONCE = 10
"""Made in one go; then the newest posts are looked at again."""

Outcome: TypeAlias = Literal["made", "refused", "failed"]


class PostTranslations:
    """Makes them, and lets the team put its own words in their place.

    ``count`` is told what became of each try.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        translator: Translator | None = None,
        *,
        count: Callable[[Outcome], object] = lambda outcome: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._translator = translator
        self._count = count
        self._refused: set[tuple[int, str]] = set()

    async def make(self) -> None:
        """Translate some of what is wanted and not there yet, the newest posts first."""
        if self._translator is None:
            return
        pairs = await self._translator.pairs()
        if not pairs:
            return
        now = self._clock.now()
        async with self._database.read() as connection:
            languages = await translations.read_by_followers(connection)
            numbers = await translations.to_translate(connection, KINDS, now, _LOOKED_AT)
            found = await posts.by_id(connection, numbers)
        wanted = {
            (number, language)
            for number in numbers
            for language in languages - {each.language for each in found[number].variants}
            if (found[number].variants[0].language, language) in pairs
        }
        self._refused &= wanted
        order = sorted(wanted - self._refused, key=lambda each: (numbers.index(each[0]), each[1]))
        for number, language in order[:_AT_ONCE]:
            if not await self._make(self._translator, found[number], language):
                return

    async def show(self, code: str, language: str) -> Variant | None:
        """A post's words in a language, None where it has none. Raises OperatorError."""
        post = await self._released(code)
        words = post.words(language)
        return words if words.language == language else None

    async def correct(
        self, code: str, language: str, text: str, actor: str, *, title: str | None = None
    ) -> Variant:
        """Put a person's words in the place of a computer's; no engine replaces them again.

        Where the same is posted anew, they are used at once. Raises OperatorError.
        """
        post = await self._released(code)
        original = post.variants[0]
        if any(each.language == language for each in post.approved):
            raise OperatorError(
                f"people wrote {code} in that language and it was approved: correct the post"
            )
        before = post.words(language)
        title = before.title if title is None else title.strip()
        _check(original, title, text)
        # An answer and a picture are told in the language that is there for them.
        words = replace(before, language=language, title=title, body=text.strip(), made="person")
        async with self._database.write() as connection:
            await translations.put(connection, post.id, words)
            await audit.record(
                connection, actor, "translate", f"{code} {language}", self._clock.now()
            )
        return words

    async def purge(self) -> None:
        """Drop from the memory what nothing has used for long."""
        async with self._database.write() as connection:
            await translations.forget(connection, self._clock.now().date() - MEMORY_KEPT)

    async def _make(self, translator: Translator, post: Post, language: str) -> bool:
        """Translate one post. Returns False when the engine is not to be asked for more now."""
        try:
            words = await self._corrected(post, language) or await _translated(
                translator, post.variants[0], language
            )
        except Unfit:
            self._refused.add((post.id, language))
            self._count("refused")
            return True
        except FeedError:  # the translator has said so in the log
            self._count("failed")
            return False
        async with self._database.write() as connection:
            await translations.put(connection, post.id, words)
        self._count("made")
        return True

    async def _corrected(self, post: Post, language: str) -> Variant | None:
        """What a person made of the same words in another post."""
        async with self._database.read() as connection:
            row = await translations.by_person(connection, post.variants[0], language)
        return None if row is None else translations.variant_of(row, post.variants[0].picture)

    async def _released(self, code: str) -> Post:
        async with self._database.read() as connection:
            post = await posts.by_code(connection, code.strip().upper())
        if post is None:
            raise OperatorError(f"there is no post {code}")
        if post.send_at is None:
            raise OperatorError(f"{code} is not released yet: it is translated once it is")
        return post


async def _translated(translator: Translator, original: Variant, language: str) -> Variant:
    """A variant by an engine. Raises FeedError."""
    title, said, body, alt = _texts(original)
    cuts = [cut(text) for text in (title, said, body, alt)]
    if not cuts[2][0]:
        raise Unfit("it speaks of nothing but an emergency")
    made = await translator.translate(
        [text for text, _emergency in cuts], original.language, language, seconds=SECONDS
    )
    return Variant(
        language,
        made[0],
        made[2],
        _told(original.picture, made[3]),
        made[1],
        "machine",
        any(emergency for _text, emergency in cuts),
    )


def _texts(words: Variant) -> Iterable[str]:
    return words.title, words.said, words.body, words.picture.alt if words.picture else ""


def _told(picture: Picture | None, alt: str) -> Picture | None:
    return replace(picture, alt=alt) if picture is not None and alt else picture


def _check(original: Variant, title: str, text: str) -> None:
    for wrong, reason in _faults(original, title, text):
        if wrong:
            raise OperatorError(reason)


def _faults(original: Variant, title: str, text: str) -> Iterator[tuple[bool, str]]:
    yield not text.strip(), "the text is empty"
    yield len(text) > LONGEST_TEXT, f"the text is longer than {LONGEST_TEXT} characters"
    yield len(title) > LONGEST_TITLE, f"the title is longer than {LONGEST_TITLE} characters"
    yield bool(original.title) and not title, "the post has a title: give one with --title"
