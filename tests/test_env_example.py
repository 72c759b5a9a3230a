"""The example settings and the documents name exactly the settings there are."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
# Words in capitals that are something else: variables of one command and of the tests, a folder,
# systemd's words.
NOT_SETTINGS = {
    "MOVE_TO",
    "MOVE_CONCERNS_TO",
    "TEST_POSTGRES_URL",
    "LC_MESSAGES",
    "AF_INET",
    "AF_UNIX",
}


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    found = [re.fullmatch(r"#([A-Z][A-Z_]*)=(.*)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def as_written(value: object) -> str:
    match value:
        case None | ():
            return ""
        case bool():
            return str(value).lower()
        case SecretStr():
            return value.get_secret_value()
        case _:
            return str(value)


def test_the_example_names_every_setting_with_its_default_and_nothing_else() -> None:
    settings = {
        name.upper(): as_written(field.default) for name, field in Settings.model_fields.items()
    }
    assert example() == settings


def test_the_token_comes_first_because_it_is_what_most_operators_set() -> None:
    assert next(iter(example())) == "TELEGRAM_BOT_TOKEN"


def test_a_copy_of_the_example_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / ".env"
    copy.write_text((ROOT / ".env.example").read_text())
    with_copy = Settings(_env_file=copy)  # type: ignore[call-arg]  # mypy knows fields only
    without = Settings(_env_file=None)  # type: ignore[call-arg]  # the same
    assert with_copy == without


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", document.read_text()))
    assert named - {name.upper() for name in Settings.model_fields} <= NOT_SETTINGS
