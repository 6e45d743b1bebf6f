"""What every enabled middleware runs: a watcher, the pipeline to the pages, and our own addresses."""

from __future__ import annotations

from collections.abc import Sequence

from livereload_loc.access import Guard
from livereload_loc.events import Event, ProblemFound, UpdateSummary, fan_out
from livereload_loc.httputil.hosts import normal_origins
from livereload_loc.httputil.log import logger
from livereload_loc.inject.tag import ScriptLocation
from livereload_loc.integrations.activation import MiddlewareOptions
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.pipeline.steps.queue import PipelineStep
from livereload_loc.watcher.watcher import Watcher
from livereload_loc.web.app import AppServices
from livereload_loc.web.scripts import script
from livereload_loc.web.status.record import EventRecord
from livereload_loc.web.status.state import ServerStatus

# Code takes effect only when the app restarts. Its pages then find another run, and reload.
CODE = "*.py"


class ReloadService:
    """Joins the parts that reload the pages of an app; enter ``watcher`` and run ``pipeline`` to start them.

    Raises:
        ValueError: one of ``allow_origins`` is no origin.
    """

    def __init__(self, options: MiddlewareOptions, *, steps: Sequence[PipelineStep] = ()) -> None:
        self.guard = Guard(
            hosts=frozenset(options.allow_hosts), origins=normal_origins(options.allow_origins)
        )
        hub = self.hub = Hub(in_place=options.in_place)
        ignore = (CODE, *options.ignore)
        self.watcher = Watcher(options.watch, ignore=ignore, attended=lambda: hub.subscribers > 0)
        record = EventRecord()
        self.pipeline = ReloadPipeline(hub, self.watcher, fan_out(record, log_event), steps=steps)
        status = ServerStatus(hub, self.guard, self.watcher, record, tagged=True, has_options=False)
        self.app_services = AppServices(status, self.pipeline.pages)

    def script_location(self, server_port: int | None = None) -> ScriptLocation:
        """Return what the tag says; ``server_port`` is that of the socket where the app has none."""
        in_place = self.hub.in_place != "off"
        return ScriptLocation(script("reload.js").integrity, server_port, self.hub.run, in_place)


def log_event(event: Event) -> None:
    """Write what a person should know to the app's log.

    An update that no page answered is left out. The log may lie in the watched folder, and a line about its
    own change would make the next change.
    """
    match event:
        case UpdateSummary() if event.ms:
            logger.info("%s", event.line)
        case ProblemFound():
            logger.warning("%s. %s", event.title, event.detail)
