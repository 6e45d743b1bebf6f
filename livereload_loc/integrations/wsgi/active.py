"""What only an enabled WSGI middleware has, and imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from livereload_loc.inject.headers import asks_for_tag
from livereload_loc.inject.page import ScriptLocation, ScriptTag
from livereload_loc.integrations.activation import logger
from livereload_loc.integrations.side_server import SideServer
from livereload_loc.integrations.wsgi.response import WsgiResponse
from livereload_loc.integrations.wsgi.werkzeug_debugger import page_of
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT, RELOAD_SOCKET, is_ours
from livereload_loc.web.scripts import SCRIPTS, script

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CONDITIONS = ("accept-encoding", "if-none-match", "if-modified-since", "x-loc-dev")


class ActiveWsgiMiddleware:
    """``app`` with its pages tagged, and the scripts beside them; the socket is that of ``side``."""

    def __init__(self, app: WSGIApplication, side: SideServer) -> None:
        self.side = side
        self._app = app
        where = ScriptLocation(
            RELOAD_SCRIPT, RELOAD_SOCKET, script("reload.js").integrity, side.port, side.run
        )
        self._tag: Callable[[str, str, bytes], ScriptTag] = lru_cache(maxsize=64)(partial(ScriptTag, where))
        self._said: set[str] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if is_ours(path):
            return self._own(path, environ, start_response)
        headers = [
            (key[5:].lower().replace("_", "-").encode("latin-1"), str(value).encode("latin-1"))
            for key, value in environ.items()
            if key.startswith("HTTP_")
        ]
        method = environ.get("REQUEST_METHOD", "GET")
        if not asks_for_tag(method, headers):
            return self._app(environ, start_response)
        host = environ.get("HTTP_HOST", "localhost").encode("latin-1")
        tag = self._tag(environ.get("SCRIPT_NAME", ""), environ.get("wsgi.url_scheme", "http"), host)
        asked = _plain(environ, tag.request(headers))
        begin = partial(WsgiResponse, tag, start_response, self._say, head=method == "HEAD")
        answer = begin()
        try:
            return answer.around(self._app(asked, answer.start))
        except Exception as error:
            shown = None if answer.begun else page_of(error, environ)
            if shown is None:
                raise
        finally:  # whoever stands around us may look for what the app has left there
            environ.update((key, value) for key, value in asked.items() if key not in _KEYS)
        answer = begin()
        return answer.around(shown(asked, answer.start))

    def _own(self, path: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The scripts, for any page; nothing else is here."""
        refusal = self.side.guard.refuse_host(environ.get("HTTP_HOST"))
        if refusal:
            cure = f" To allow it, pass allow_hosts=[{refusal.value!r}]." if refusal.value else ""
            self._say(f"Refused: {refusal.reason}.{cure}")
            return _text(start_response, f"{refusal.status} Refused", f"Refused: {refusal.reason}.{cure}\n")
        name = path.rpartition("/")[2]
        if path != f"{PREFIX}/{name}" or name not in SCRIPTS:
            return _text(start_response, "404 Not Found", "Not found.\n")
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return _text(start_response, "405 Method Not Allowed", "Only GET and HEAD.\n")
        served = script(name)
        version = parse_qs(environ.get("QUERY_STRING", "")).get("v", [""])[0]
        status, headers = served.answer(version, environ.get("HTTP_IF_NONE_MATCH", ""))
        if status == 304:
            start_response("304 Not Modified", list(headers.items()))
            return []
        start_response("200 OK", [*headers.items(), ("Content-Length", str(len(served.body)))])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [served.body]

    def _say(self, trouble: str) -> None:
        """Log it, once; not without end, since its words may come from a stranger."""
        if trouble not in self._said and len(self._said) < 16:
            self._said.add(trouble)
            logger.warning("%s", trouble)


def _plain(environ: WSGIEnvironment, headers: Iterable[tuple[bytes, bytes]]) -> WSGIEnvironment:
    """The environment with the conditions of ``headers`` in place of its own."""
    kept = {key: value for key, value in environ.items() if key not in _KEYS}
    for key, value in headers:
        name = key.decode("latin-1")
        if name in _CONDITIONS:
            kept[f"HTTP_{name.upper().replace('-', '_')}"] = value.decode("latin-1")
    return kept


_KEYS = frozenset(f"HTTP_{name.upper().replace('-', '_')}" for name in _CONDITIONS)


def _text(start_response: StartResponse, status: str, text: str) -> list[bytes]:
    body = text.encode()
    start_response(
        status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    )
    return [body]
