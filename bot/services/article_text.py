"""The words of an article: facts put in, as plain words for chat and as HTML for its page."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markdown_it.utils import EnvType, OptionsDict

from bot import safety
from bot.services.article_files import MORE
from bot.services.directory import Directory
from bot.text import Text

FACT = re.compile(r"\{([^{}]*)\}")

# HTML in an article stays words, and an address that runs a script is no link.
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_LISTS = {"bullet_list", "ordered_list"}
_TO_CALL = ("tel:", "sms:")


def _link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """A link; the number of one that calls is read from the left, among any words."""
    if str(tokens[at].attrs["href"]).startswith(_TO_CALL):
        tokens[at].attrSet("dir", "ltr")
    return renderer.renderToken(tokens, at, options, env)


_MARKDOWN.add_render_rule("link_open", _link)


class Facts:
    """What the placeholders of articles stand for, so that each fact is kept in one place.

    ``{victims}`` is the number of that line of ``data/helplines.toml`` and ``{name.victims}`` its
    name, ``{page.local_council}`` and ``{form.crime}`` are addresses from it, and ``{force}`` is
    the name of the police force. ``phrases`` are the safety phrases that may follow an article.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.phrases: Mapping[str, Text] = {
            "emergency": safety.EMERGENCY,
            "not_watched": safety.NOT_WATCHED,
            "report": safety.report(directory.force.report_url),
            "silent": safety.SILENT,
            "deaf": safety.DEAF,
            "non_emergency_text": safety.NON_EMERGENCY_TEXT,
            "anonymous": safety.ANONYMOUS,
        }

    def value(self, name: str) -> str:
        """What stands for one placeholder. Raises KeyError where this force has no such fact."""
        if name == "force":
            return self._directory.force.name
        kind, _, id = name.rpartition(".")
        match kind:
            case "":
                return self._directory.line(id).number
            case "name":
                return self._directory.line(id).name
            case "form":
                return self._directory.report_url(id)
            case "page" if page := self._directory.page(id):
                return page.url
            case _:
                raise KeyError(name)

    def fill(self, words: str) -> str:
        """The words with every fact in its place. Raises KeyError as ``value``."""
        return FACT.sub(lambda found: self.value(found[1]), words)

    def fill_page(self, words: str) -> str:
        """The same for a page, where a touch on a number calls it, or writes to it."""
        return FACT.sub(lambda found: self._linked(found[1]), words)

    def _linked(self, name: str) -> str:
        value = self.value(name)
        if name == "force" or "." in name:
            return value
        scheme = "sms" if self._directory.line(name).text else "tel"
        return f"[{value}]({scheme}:{value.replace(' ', '')})"


def html(body: str) -> str:
    """An article as headings, paragraphs, lists and links, safe to put on a page."""
    return str(_MARKDOWN.render(body.replace(MORE, ""))).strip()


def plain(body: str) -> str:
    """An article in words alone: paragraphs divided by blank lines, one line for each list item."""
    return "\n\n".join(_block(node) for node in _tree(body).children)


def blocks(body: str) -> list[str]:
    """Every heading, paragraph and list item, each as one line of words."""
    return [_inline(node) for node in _tree(body).walk() if node.type == "inline"]


def shape(body: str) -> Counter[str]:
    """How many of each part an article has. Only a heading of the second level is a "heading"."""
    return Counter(
        node.tag if node.type == "heading" and node.tag != "h2" else node.type
        for node in _tree(body).walk()
    )


@lru_cache(maxsize=8)  # one article is looked at from many sides, one after the other
def _tree(body: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(_MARKDOWN.parse(body.replace(MORE, "")))


def _block(node: SyntaxTreeNode) -> str:
    return "\n".join(_items(node)) if node.type in _LISTS else _inline(node)


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    for number, item in enumerate(node.children, 1):
        yield f"{f'{number}.' if node.type == 'ordered_list' else '•'} {_inline(item)}"


def _inline(node: SyntaxTreeNode) -> str:
    if node.type == "text":
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    words = "".join(_inline(child) for child in node.children)
    return f"{words} ({node.attrs['href']})" if node.type == "link" else words
