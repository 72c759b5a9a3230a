"""`beatline …` and `python -m bot …`."""

import sys

from bot.cli.root import app
from bot.errors import OperatorError


def main() -> None:
    """Run one command. A refusal is one plain line on standard error and exit status 1."""
    try:
        app()
    except OperatorError as error:
        print(f"beatline: {error}", file=sys.stderr)  # noqa: T201  # this is its purpose
        sys.exit(1)


if __name__ == "__main__":
    main()
