"""Campaign weeks, as ``data/campaigns.toml`` has them: when, where, and which advice belongs."""

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import OperatorError

CAMPAIGNS = Path(__file__).parents[2] / "data" / "campaigns.toml"


class Campaign(BaseModel):
    """Days, both included, on which some advice comes first; ``areas`` None for everywhere.

    ``sample`` says that nobody has announced these dates.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=60)]
    start: date
    end: date
    areas: frozenset[str] | None = None
    articles: Annotated[tuple[str, ...], Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    sample: bool = False

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> "Campaign":
        if self.end < self.start:
            raise ValueError(f"{self.name} ends before it begins")
        return self

    def is_on(self, day: date) -> bool:
        return self.start <= day <= self.end


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    campaign: tuple[Campaign, ...] = ()


def read_campaigns(path: Path = CAMPAIGNS) -> Sequence[Campaign]:
    """The campaigns of a file. Raises OperatorError, which says what to mend."""
    try:
        with path.open("rb") as file:
            return _File.model_validate(tomllib.load(file)).campaign
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"{path.name} is not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise OperatorError(f"{path.name}, {place}: {first['msg']}") from None
