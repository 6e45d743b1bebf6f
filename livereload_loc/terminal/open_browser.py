"""Shows an address in the user's browser."""

from __future__ import annotations

import asyncio
import threading

from livereload_loc.events import ProblemFound, Reporter


def open_browser(url: str, report: Reporter) -> None:
    """Show ``url``; that no browser could be started is reported in the running event loop."""
    loop = asyncio.get_running_loop()

    def open_() -> None:
        import webbrowser

        if not webbrowser.open(url):
            cure = f"Open {url} yourself, or name one in BROWSER."
            loop.call_soon_threadsafe(report, ProblemFound("no browser could be started", cure))

    # On a thread of its own: some browsers return when they are closed.
    threading.Thread(target=open_, daemon=True).start()
