"""Words for the user: stderr only, plain where it is no terminal."""

from __future__ import annotations

import sys

from toolkit.errors import ToolkitError


def say(message: str) -> None:
    """One line on stderr."""
    print(message, file=sys.stderr)  # noqa: T201


def fail(error: ToolkitError) -> int:
    """Print the error's name, message and next step; the exit code to end with."""
    say(f"{error.name}: {error}")
    if error.next_step:
        say(f"  {error.next_step}")
    return error.exit_code
