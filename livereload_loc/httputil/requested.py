"""What browsers asked a served folder for: who asked for which file, and what was not there. Pure.

A page does not see what its workers load, nor what a frame without an address of its own does. The server
does: each request names the one who asks in its ``Referer``.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from livereload_loc.changes import Decision

# So many askers, files of one asker, and missing files are remembered.
MAX_ASKERS, MAX_FILES, MAX_MISSED = 2_000, 1_000, 1_000

# The destinations (Fetch standard, section 2.2.5) of what a worker or a frame may load unseen by the page.
_WORKERS = frozenset((b"worker", b"sharedworker"))
_WORKLETS = frozenset((b"audioworklet", b"paintworklet"))
_LOADED = frozenset((b"script", b"style", b"font", b"image", b"serviceworker")) | _WORKERS | _WORKLETS
_DOCUMENTS = (".html", ".htm", ".xhtml")
_UNKNOWN = "*"


class RequestedFiles:
    """Records requests for files by their paths below the served folder.

    ``now`` and ``since`` are seconds of one clock that never runs backwards.
    """

    def __init__(self) -> None:
        self._files: dict[str, set[str]] = {}  # by who asked for them
        self._workers = set[str]()
        self._missed: dict[str, float] = {}

    def add(self, url_path: str, referer: str | None, destination: bytes | None) -> None:
        """Record that a file was asked for: by the document or script at ``referer``, as ``destination``.

        Whoever is loaded anew asks anew for what it uses.
        """
        path = _file(url_path)
        asker = _UNKNOWN if referer is None else _file(urlsplit(referer).path)
        if destination != b"empty":  # what a script reads is not loaded anew
            self._files.pop(path, None)
        if destination in _WORKERS and len(self._workers) < MAX_ASKERS:
            self._workers.add(path)
        # A page sees what its own scripts read. By http, browsers tell the destination on this machine only.
        is_read = destination == b"empty" and asker in self._workers
        may_be_loaded = destination is None and referer is not None and not path.endswith(_DOCUMENTS)
        if not (destination in _LOADED or is_read or may_be_loaded):
            return
        files = self._files.setdefault(asker, set())
        if asker != path and len(files) < MAX_FILES:
            files.add(path)
        if len(self._files) > MAX_ASKERS:
            del self._files[next(iter(self._files))]

    def add_missing(self, url_path: str, now: float) -> None:
        """Record that a file was asked for and is not there."""
        self._missed[_file(url_path)] = now
        if len(self._missed) > MAX_MISSED:
            del self._missed[next(iter(self._missed))]

    def was_missed(self, path: str, since: float) -> bool:
        """Return whether the file at ``path`` was asked for in vain ``since`` then."""
        names = {path, _file(path.removesuffix("index.html").rstrip("/"))}
        return any(self._missed.get(name, since - 1) >= since for name in names)

    def askers(self, paths: Iterable[str]) -> tuple[Decision, bool] | None:
        """Return an update for those who asked for ``paths``, directly or not; and whether it is for all.

        It is for all pages where one of them did not say who it is. None where nobody asked.
        """
        changed = set(paths)
        found, left = set[str](), list(changed)
        while left:
            path = left.pop()
            new = {asker for asker, files in self._files.items() if path in files} - found
            found |= new
            left += new
        everyone = _UNKNOWN in found
        asking = sorted(found - changed - {_UNKNOWN})
        return (Decision("reload", tuple(asking)), everyone) if everyone or asking else None


def _file(url_path: str) -> str:
    """Return the path of the file that is shown at an address of the site."""
    path = unquote(url_path, errors="surrogateescape").lstrip("/")
    return f"{path}index.html" if path.endswith("/") or not path else path
