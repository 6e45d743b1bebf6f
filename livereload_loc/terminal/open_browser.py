"""Opens a URL in the user's browser."""

from __future__ import annotations

import asyncio
import threading

from livereload_loc.events import ProblemFound, Reporter


def open_browser(url: str, report: Reporter) -> None:
    """Open ``url``; in the running event loop, report if no browser can be started."""
    loop = asyncio.get_running_loop()

    def open_() -> None:
        import webbrowser

        if not webbrowser.open(url):
            problem = ProblemFound("could not start a browser", f"Open {url} yourself, or set BROWSER.")
            loop.call_soon_threadsafe(report, problem)

    # On a thread of its own: some browsers return when they are closed.
    threading.Thread(target=open_, daemon=True).start()
