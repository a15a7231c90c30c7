"""What the scripts share: logging, exit codes, and a console for messages. Results go to stdout, all else to stderr."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

from data.errors import InputError

USER_ERROR = 2


def run(main: Callable[[], None]) -> None:
    """Call a script's `main` and end the process: 0 if it returns, 2 with a message if the input cannot be used."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    for chatty in ("httpx", "httpx2", "datasets", "filelock", "accelerate"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        main()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USER_ERROR)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader has gone (`| head`); without this Python complains once more on closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
