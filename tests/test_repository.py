"""The repository keeps to its own rules."""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REVISIONS = sorted((ROOT / "bot" / "store" / "migrations").glob("*/[a-z][0-9]*.py"))
TARGETS = ("run", "test", "test-slow", "check", "bench", "help")


def tracked() -> list[Path]:
    """Every text file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  # whichever git is here
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout, so the files that belong to it are not known")
    paths = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:1024]]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    private = re.compile(rb"/(?:home|Users)/[a-z]|/(?:root|work)/[a-z.]|[A-Z]:\\\\Users")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path != Path(__file__) and private.search(path.read_bytes())
    ]
    assert found == []


def test_no_secret_is_checked_in() -> None:
    names = {path.name for path in tracked()}
    assert not names & {".env", "secrets.toml"}


def test_every_ignored_rule_gives_its_reason_on_the_same_line() -> None:
    bare = re.compile(r"# (?:noqa|type: ignore)(?:: ?[A-Z0-9, ]+|\[[a-z, -]+\])?\s*$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_every_link_in_the_documents_leads_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:\s{]+)\)", path.read_text())  # advice has {facts}
        if not (path.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("target", TARGETS)
def test_make_explains_each_promised_target(target: str) -> None:
    assert re.search(rf"^{target}:.*## \w", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("tree", ["subscriptions", "concerns"])
def test_revisions_are_numbered_in_one_line_without_gaps(tree: str) -> None:
    numbers = [path.stem.split("_")[0] for path in REVISIONS if path.parent.name == tree]
    assert numbers == [f"{tree[0]}{number:04}" for number in range(1, len(numbers) + 1)]
    assert numbers


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_every_revision_says_why_and_follows_the_one_before(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert len(ast.get_docstring(tree) or "") > 20
    values = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    number = int(path.stem[1:5])
    assert values["revision"] == path.stem[:5]
    assert values["down_revision"] == (f"{path.stem[0]}{number - 1:04}" if number > 1 else None)


def test_the_gate_ends_with_the_readmes_test_command() -> None:
    gate = ROOT / ".ci" / "run"
    steps = re.findall(r"^make ([a-z-]+)", gate.read_text(), re.MULTILINE)
    assert steps == ["check", "bench-short", "canary", "test-slow", "test"]
    assert "make test " in (ROOT / "README.md").read_text()
    assert os.access(gate, os.X_OK)
