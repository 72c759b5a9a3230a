"""Every import points the way the architecture says; docs/adding.md draws the arrows.

Do not add an exception here; move the code.
"""

import ast
import sys
from collections.abc import Iterator
from collections.abc import Set as AnySet
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("bot", "channels", "feeds", "handlers", "web")

WORDS = ("bot.text", "bot.model", "bot.errors", "bot.conversation")
CORE = (
    *WORDS,
    "bot.safety",
    "bot.topics",
    "bot.offences",
    "bot.measures",
    "bot.figures",
    "bot.bulletin",
    "bot.templates",
)
EDGES = ("bot.ports", "bot.store", "bot.security")

TELEGRAM = {"telegram"}
HTTP = {"aiohttp", "httpx", "httpcore", "starlette", "uvicorn", "requests", "urllib.request"}
SQL = {"sqlalchemy", "alembic", "sqlite3", "aiosqlite", "psycopg"}
OUTSIDE = TELEGRAM | HTTP | SQL


@dataclass(frozen=True)
class Layer:
    """What modules under one name may import of ours, and which libraries they may never."""

    may: tuple[str, ...] = ()
    never: AnySet[str] = frozenset(OUTSIDE)
    standard_library_only: bool = False


def layer(*may: str, but: AnySet[str] = frozenset()) -> Layer:
    return Layer(may, OUTSIDE - but)


LAYERS: dict[str, Layer] = {
    **{name: Layer(CORE, standard_library_only=True) for name in CORE},
    "bot.settings": layer(),
    "bot.metrics": layer(),
    "bot.logs": layer("bot.security"),
    "bot.ports": layer(*WORDS),
    "bot.security": layer("bot.security", "bot.model", "bot.errors"),
    "bot.store": layer("bot.store", "bot.model", "bot.errors", but=SQL),
    "bot.services": layer("bot.services", "bot.reading", *EDGES, *CORE),
    "bot.delivery": layer("bot.delivery", "bot.metrics", *EDGES, *CORE),
    "bot.dispatcher": layer(
        "bot.ports", "bot.services", "bot.metrics", "bot.safeguarding", "bot.vocabulary", *CORE
    ),
    "bot.vocabulary": layer("bot.ports", "bot.safeguarding", *CORE),
    "bot.safeguarding": layer("bot.ports", "bot.services", *CORE),
    "bot.languages": layer("bot.ports", "bot.errors"),
    "bot.catalogs": layer(
        "bot.ports", "bot.services", "bot.languages", "bot.translation_faults", *CORE
    ),
    "bot.translation_faults": layer("bot.ports"),
    "bot.catalog_files": layer("bot.ports", "bot.languages"),
    "bot.catalog_faults": layer(
        "bot.ports",
        "bot.languages",
        "bot.catalog_files",
        "bot.glossary",
        "bot.safeguarding",
        "bot.translation_faults",
    ),
    "bot.glossary": layer("bot.ports", "bot.safeguarding"),
    "bot.pseudo": layer(
        "bot.ports", "bot.languages", "bot.catalog_files", "bot.translation_faults"
    ),
    "bot.coverage": layer("bot.ports", "bot.languages", "bot.catalog_files", "bot.catalogs"),
    "bot.schedule": layer("bot.ports", "bot.services", *CORE),
    "bot.roles": layer("bot.errors"),
    "bot.jobs": layer("bot.ports", "bot.services", "bot.delivery", "bot.store", *CORE),
    "bot.reading": layer("bot.reading", "bot.ports", "bot.errors"),
    "bot.clients": layer("bot.clients", "bot.ports", *WORDS, but=HTTP),
    "bot.app": Layer(("",), frozenset()),
    "bot.cli": Layer(("",), frozenset()),
    "bot.__main__": Layer(("",), frozenset()),
    "handlers": layer("handlers", "bot.safeguarding", *CORE),
    "channels": layer("channels", "bot.ports", *WORDS, but=TELEGRAM | HTTP),
    "feeds": layer("feeds", "bot.ports", "bot.reading", *WORDS, but=HTTP),
    "web": layer("web", "bot.ports", "bot.services", *CORE, but=HTTP),
}
# One transport, source or adapter never leans on another; the package's list names them all.
APART = ("channels", "feeds", "bot.clients")
TOPMOST = ("bot.app", "bot.cli", "bot.__main__")


def under(module: str, name: str) -> bool:
    return name == "" or module == name or module.startswith(f"{name}.")


def modules(root: Path) -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in OURS:
        for path in (root / package).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str, path: Path, known: dict[str, Path]) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports, at run time or only for its types."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*above, node.module or ""] if node.level else [node.module or ""])
            source = source.rstrip(".")
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield node.lineno, inner if inner in known else source


def types_only(path: Path) -> set[int]:
    """Lines that only a type checker reads."""
    return {
        inner.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }


def wrong_arrows(root: Path) -> list[str]:
    """Every import that points the wrong way, as one line each."""
    known = modules(root)
    return [
        f"{path.relative_to(root)}:{line}: {module} may not import {target}"
        for module, path in known.items()
        for line, target in imports(module, path, known)
        if not allowed(module, target)
        and not (
            module == "bot.conversation" and target == "bot.services" and line in types_only(path)
        )
    ]


def allowed(module: str, target: str) -> bool:
    rules = layer_of(module)
    if target.partition(".")[0] not in OURS:
        if rules.standard_library_only:
            return target.partition(".")[0] in sys.stdlib_module_names
        return not any(under(target, library) for library in rules.never)
    if any(under(target, name) for name in TOPMOST) and not any(
        under(module, name) for name in TOPMOST
    ):
        return False
    if target == "bot":  # its version and its place
        return True
    for parent in APART:
        if under(module, parent) and module != parent and under(target, parent):
            return part(module, parent) == part(target, parent)
    return any(under(target, name) for name in rules.may)


def part(module: str, parent: str) -> str:
    return module.removeprefix(f"{parent}.").partition(".")[0]


def layer_of(module: str) -> Layer:
    """The rules of the longest name that fits; a module nobody placed may import nothing."""
    fitting = [name for name in LAYERS if under(module, name)]
    return LAYERS[max(fitting, key=len)] if fitting else Layer()


def test_every_import_points_the_right_way() -> None:
    assert wrong_arrows(ROOT) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("handlers/follow.py", "from bot.store import areas"),
        ("handlers/follow.py", "from bot.services.places import Places"),
        ("handlers/follow.py", "import telegram"),
        ("handlers/follow.py", "def f():\n    import sqlalchemy.ext.asyncio"),
        ("bot/dispatcher.py", "from starlette.requests import Request"),
        ("bot/dispatcher.py", "from bot.store.database import Database"),
        ("bot/services/places.py", "import httpx"),
        ("bot/services/places.py", "from sqlalchemy import select"),
        ("bot/services/places.py", "from bot import settings"),
        ("bot/store/areas.py", "from bot.services import places"),
        ("bot/store/areas.py", "from ..services import places"),
        ("bot/text.py", "import structlog"),
        ("bot/model.py", "from bot import ports"),
        ("bot/conversation.py", "from bot.services import places"),
        ("bot/settings.py", "from bot.errors import OperatorError"),
        ("bot/security/sealing.py", "from bot.conversation import Address"),
        ("channels/telegram.py", "from channels import webchat"),
        ("channels/telegram.py", "from bot.store import areas"),
        ("channels/telegram.py", "from bot.settings import Settings"),
        ("feeds/rss.py", "import channels"),
        ("web/pages.py", "from bot.store import areas"),
        ("web/pages.py", "from bot.app import run"),
        ("bot/services/places.py", "from bot.cli import doctor"),
        ("bot/novelty.py", "from bot.text import _"),
    ],
)
def test_an_arrow_the_wrong_way_is_found(tmp_path: Path, module: str, line: str) -> None:
    plant(tmp_path, "bot/store/areas.py", "")
    plant(tmp_path, "bot/services/places.py", "")
    plant(tmp_path, "bot/services/__init__.py", "")
    plant(tmp_path, "bot/ports.py", "")
    plant(tmp_path, "bot/settings.py", "")
    plant(tmp_path, "channels/webchat.py", "")
    plant(tmp_path, module, line)
    assert len(wrong_arrows(tmp_path)) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("handlers/follow.py", "from bot.text import _, _n"),
        ("bot/services/places.py", "from bot.store import areas"),
        ("bot/store/areas.py", "from sqlalchemy import select"),
        ("channels/telegram/drawing.py", "from channels.telegram import sending"),
        ("channels/__init__.py", "from channels.telegram import TelegramChannel"),
        ("bot/cli/doctor.py", "from bot.app import run"),
        ("bot/conversation.py", "if TYPE_CHECKING:\n    from bot.services import Services"),
    ],
)
def test_an_arrow_the_right_way_is_left_alone(tmp_path: Path, module: str, line: str) -> None:
    plant(tmp_path, module, line)
    assert wrong_arrows(tmp_path) == []


def plant(root: Path, module: str, line: str) -> None:
    path = root / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{line}\n")
