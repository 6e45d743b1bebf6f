"""The entry point of ``loc-dev`` and of ``python -m livereload_loc``: exits without a traceback.

Slow imports are delayed until the signal handlers are set, so that Ctrl+C never prints a traceback.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; ends the process with 0 (stopped by the user), 1 (failed) or 2 (wrong use)."""
    try:
        _end_at_once_when_asked()
        import gc

        gc.disable()  # what modules make while they are imported is there to stay; the server turns it on
        from livereload_loc.cli.main import run

        code = run()
    except KeyboardInterrupt:
        code = 0
    sys.exit(code)


def _end_at_once_when_asked() -> None:
    """Let Ctrl+C, SIGTERM and SIGHUP end the process at once, until the server installs its own handlers.

    Nothing is running before that. A KeyboardInterrupt could be raised during an import, which would turn
    it into an ImportError.
    """
    import os
    import signal

    from livereload_loc.process.stop_signals import stop_signals

    def end(_number: int, _frame: FrameType | None) -> None:
        os._exit(0)

    for number in stop_signals():
        signal.signal(number, end)


if __name__ == "__main__":
    main()
