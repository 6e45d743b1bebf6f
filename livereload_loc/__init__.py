"""Every save shows in every open browser at once, beside any dev server.

The parts are usable alone: :func:`watch` yields whole saves, :class:`Hub` numbers them and fans them out,
:class:`Injector` puts a tag into a document as it streams, :class:`Counter` knows how many are on which site.
They are imported when they are asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for True; importing typing for it would cost 10 ms

if TYPE_CHECKING:
    from livereload_loc.counter.counter import Counter
    from livereload_loc.inject.html.injector import Injector
    from livereload_loc.integrations.asgi import LiveReloadMiddleware
    from livereload_loc.pipeline.hub import Hub
    from livereload_loc.watcher.watcher import watch

__all__ = ["Counter", "Hub", "Injector", "LiveReloadMiddleware", "__version__", "watch"]
__version__ = "0.1.0"

_HOMES = {
    "Counter": "livereload_loc.counter.counter",
    "Hub": "livereload_loc.pipeline.hub",
    "Injector": "livereload_loc.inject.html.injector",
    "LiveReloadMiddleware": "livereload_loc.integrations.asgi",
    "watch": "livereload_loc.watcher.watcher",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
