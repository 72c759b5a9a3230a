"""Draws what goes out: once for each post and language, not for each resident."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence

from bot.bulletin import Entry, alone, digest
from bot.conversation import Reply
from bot.model import Post, Variant
from bot.ports import Rendered, Renderer

REMEMBERED = 1_000


class Drawing:
    """Posts and digests in a reader's language. ``force`` is the police force's name.

    ``nudged`` tells the areas, by label, in which some concerns have replies.
    """

    def __init__(
        self,
        renderer: Renderer,
        force: str,
        *,
        demo: bool,
        nudged: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self.force = force
        self._renderer = renderer
        self._demo = demo
        self._nudged = nudged
        self._drawn: OrderedDict[Hashable, Rendered] = OrderedDict()

    def alone(self, post: Post, words: Post, channel: str, language: str) -> Rendered:
        """One post; ``words`` is the post that holds its newest words."""
        said = words.words(language)

        def reply() -> Reply:
            return alone(post, said, self.force, demo=self._marked(channel))

        return self._once((post.id, words.id, said, channel, language), reply, language)

    def digest(
        self, entries: Sequence[Entry], words: Mapping[int, Post], channel: str, language: str
    ) -> Rendered:
        """Many posts; ``words`` are as above, by the id of the post."""
        said: dict[int, Variant] = {number: post.words(language) for number, post in words.items()}

        nudged = self._nudged() & {entry.place for entry in entries}

        def reply() -> Reply:
            return digest(entries, said, nudged=nudged, demo=self._marked(channel))

        parts = tuple((entry.place, entry.post.id, said[entry.post.id]) for entry in entries)
        return self._once((parts, nudged, channel, language), reply, language)

    def _marked(self, channel: str) -> bool:
        """The web chat says on top of its page that it is a demo."""
        return self._demo and channel != "web"

    def _once(self, key: Hashable, reply: Callable[[], Reply], language: str) -> Rendered:
        if key not in self._drawn:
            self._drawn[key] = self._renderer.reply(reply(), language)
            if len(self._drawn) > REMEMBERED:
                self._drawn.popitem(last=False)
        return self._drawn[key]
