"""`beatline …` and `python -m bot …`."""

import os
import sys

from sqlalchemy.exc import DBAPIError

from bot.cli.root import app
from bot.errors import OperatorError
from bot.store.database import one_line


def main() -> None:
    """Run one command. A refusal is one plain line on standard error and exit status 1."""
    os.umask(0o077)  # whatever is made from now on is for this user alone
    try:
        app()
    except OperatorError as error:
        _refuse(str(error))
    except DBAPIError as error:
        _refuse(f"the database cannot be used: {one_line(error)}")
    except OSError as error:
        _refuse(f"{error.strerror or error}: {error.filename or 'no file named'}")


def _refuse(reason: str) -> None:
    print(f"beatline: {reason}", file=sys.stderr)  # noqa: T201  # this is its purpose
    sys.exit(1)


if __name__ == "__main__":
    main()
