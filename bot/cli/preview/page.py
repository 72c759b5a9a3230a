"""Draws a gallery as one HTML file that needs no other, and lets nothing in it run but its script.

A translation can hold anything, so it is escaped, and the page's own policy allows only the style
and the script whose hashes it names.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.cli.preview.gallery import KINDS, Gallery
from web.drawing import draw

LONGEST_WRITTEN = 1000
"""How much is shown of a translation that residents do not see."""

_HERE = Path(__file__).parent / "templates"
_LOOKS = Path(__file__).parents[3] / "web" / "static" / "beatline.css"


def page(gallery: Gallery) -> str:
    """The whole page."""
    return _draw("preview.html", gallery=gallery, kinds=KINDS, longest=LONGEST_WRITTEN)


def refusal(reason: str) -> str:
    """A page that says in one line why there is no other."""
    return _draw("refusal.html", reason=reason)


def _draw(template: str, **values: object) -> str:
    templates = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = "\n".join(path.read_text(encoding="utf-8") for path in (_LOOKS, _HERE / "preview.css"))
    script = (_HERE / "preview.js").read_text(encoding="utf-8")
    return templates.get_template(template).render(
        draw=draw,
        style=Markup(style),  # noqa: S704  # our own file
        script=Markup(script),  # noqa: S704  # our own file
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        **values,
    )


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
