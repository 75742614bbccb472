"""The program `eightfold`: `uvx eightfold verify`, or `python -m eightfold verify`."""

from __future__ import annotations

import signal
import sys

from ._core import run


def main() -> int:
    """Carries out the command line of this process, and returns the status that it should end with."""
    # Python would only remember Ctrl-C until the program is back from Rust.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run(["eightfold", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
