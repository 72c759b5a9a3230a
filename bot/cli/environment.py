"""What every command begins with: the settings, or one plain line on what is wrong with them."""

from pydantic import ValidationError

from bot.errors import OperatorError
from bot.settings import Settings


def read_settings(**chosen: str) -> Settings:
    """The settings of the environment and ``.env``, but for those ``chosen``.

    Raises OperatorError naming the variable.
    """
    try:
        return Settings(**chosen)  # type: ignore[arg-type]  # it reads and checks any words
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise OperatorError(f"{name}: {reason}" if name else reason) from None
