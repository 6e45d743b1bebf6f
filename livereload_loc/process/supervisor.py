"""Runs between ``loc-dev`` and a command, and makes sure that nothing that it started outlives ``loc-dev``.

A script of its own, run as ``python -I -S -E supervisor.py CHANNEL TERMINAL PATIENCE COMMAND...``. It
imports nothing of the package, to start in a few milliseconds and to stay small.

CHANNEL is one end of a socket pair. Its end of file means that ``loc-dev`` wants an end or is dead, however
it died. We write lines: ``started PID``, ``failed ERRNO``, ``exited CODE`` (minus the signal's number),
``new`` (a process appeared), ``gone`` (nothing is left). ``loc-dev`` writes ``watch SECONDS``: look for new
processes for so long; otherwise we sleep. TERMINAL is the terminal that becomes COMMAND's.

On Linux we adopt whatever COMMAND's processes leave behind (a subreaper), so that all of them are below us,
in whatever session or group, and we are two: if one is killed, the other ends everything. Elsewhere only
COMMAND's process group is ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import sys
import termios
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# How often new processes are looked for while somebody wants to know.
LOOK_SECONDS = 0.02

# How often an end that takes long looks for processes that appeared meanwhile.
SWEEP_SECONDS = 0.05

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

Inherited = dict[int, "signal.Handlers"]


def main(arguments: Sequence[str]) -> None:
    """Run COMMAND until ``loc-dev`` goes, and end everything of it."""
    channel, terminal, patience = int(arguments[0]), int(arguments[1]), float(arguments[2])
    for descriptor in (channel, terminal):
        os.set_inheritable(descriptor, False)
    inherited = _ignore_terminal_signals()
    adopts = _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    if adopts:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        ourselves = os.getpid()
        worker = os.fork()
        if worker:
            os.close(terminal)
            return _watch_worker(worker, channel, patience)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # which a fork does not inherit
        if os.getppid() != ourselves:
            return None
    return Supervisor(channel, patience, adopts).run(list(arguments[3:]), terminal, inherited)


def _ignore_terminal_signals() -> Inherited:
    """Ignore what a terminal sends to everybody; return how COMMAND finds its signals, as we found them."""
    found: Inherited = dict.fromkeys(
        (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGCHLD), signal.SIG_DFL
    )
    for number in (signal.SIGINT, signal.SIGHUP):
        ignored = signal.signal(number, signal.SIG_IGN) is signal.SIG_IGN
        found[number] = signal.SIG_IGN if ignored else signal.SIG_DFL
    return found


def _watch_worker(worker: int, channel: int, patience: float) -> None:
    """Wait for the one that works; if it was killed, its processes are ours now, and we end them."""
    signal.signal(signal.SIGTERM, lambda *_: os.kill(worker, signal.SIGTERM))
    _, status = os.waitpid(worker, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if status:
        Supervisor(channel, patience, adopts=True).end()


class Supervisor:
    """One run of COMMAND. ``adopts``: orphans of COMMAND's become our children."""

    def __init__(self, channel: int, patience: float, adopts: bool) -> None:
        self._channel, self._patience, self._adopts = channel, patience, adopts
        self._leader = 0
        self._ending = False
        self._signals: list[int] = []  # to read from, after each signal that concerns us
        self._watch_until = 0.0
        self._known: set[str] = set()

    def run(self, command: list[str], terminal: int, inherited: Inherited) -> None:
        """Start ``command`` on ``terminal``, wait for the end, and end everything."""
        self._signals = [self._signal_pipe()]
        self._leader, failure = _start(command, terminal, inherited)
        os.close(terminal)
        self._write(f"failed {failure}" if failure else f"started {self._leader}")
        while not self._ending:
            watching = time.monotonic() < self._watch_until
            ready = self._wait([self._channel, *self._signals], LOOK_SECONDS if watching else None)
            self._reap()
            if self._channel in ready:
                self._read()
            if watching:
                self._look()
        self.end()

    def end(self) -> None:
        """Send SIGTERM to every process once, SIGKILL after our patience; return when none is left."""
        kill_at = time.monotonic() + self._patience
        asked: set[int] = set()
        pause = 0.004
        while self._reap():
            descendants = self._descendants()
            if time.monotonic() < kill_at:
                self._terminate(descendants.keys() - asked)
                asked |= descendants.keys()
            else:
                self._kill(descendants)
            self._wait(self._signals, pause)  # the death of a child ends it
            stuck = time.monotonic() > kill_at + 1  # what another user owns, or the kernel holds
            pause = min(pause * 1.5, 1.0 if stuck else SWEEP_SECONDS)
        self._write("gone")

    def _wait(self, descriptors: list[int], seconds: float | None) -> list[int]:
        """Wait until one of ``descriptors`` can be read, at most so long; return those that can."""
        ready, _, _ = select.select(descriptors, [], [], seconds)
        for signals in set(ready).intersection(self._signals):
            os.read(signals, 4096)
        return ready

    def _signal_pipe(self) -> int:
        """Return a descriptor that can be read after each signal that concerns us; SIGTERM ends the run."""
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._stop)
        return reading

    def _stop(self, *_: object) -> None:
        self._ending = True

    def _read(self) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = os.read(self._channel, 4096)
        self._ending = self._ending or not data
        for line in data.splitlines():
            word, _, seconds = line.partition(b" ")
            if word == b"watch" and self._adopts:
                self._known = self._known if time.monotonic() < self._watch_until else _pids()
                self._watch_until = time.monotonic() + float(seconds)

    def _write(self, message: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._channel, message.encode() + b"\n")

    def _reap(self) -> bool:
        """Reap the dead; return whether anybody is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return not self._adopts and _send(os.killpg, self._leader, 0)
            if not pid:
                return True
            if pid == self._leader:
                self._write(f"exited {os.waitstatus_to_exitcode(status)}")
                self._leader = 0 if self._adopts else pid  # the number may be another's from now on

    def _descendants(self) -> dict[int, int]:
        """Return the processes below us with their groups; COMMAND's alone where we cannot know."""
        below = _below(os.getpid()) if self._adopts else {}
        return below or ({self._leader: self._leader} if self._leader else {})

    def _terminate(self, pids: set[int]) -> None:
        for pid in pids:
            for number in (signal.SIGTERM, signal.SIGCONT):  # a stopped process must wake up to end
                _send(os.kill if self._adopts else os.killpg, pid, number)

    def _kill(self, descendants: dict[int, int]) -> None:
        """Kill groups first, which the kernel does in one step: what forks all the time must not escape."""
        for group in set(descendants.values()) - {os.getpgrp(), 0}:
            _send(os.killpg, group, signal.SIGKILL)
        for pid in descendants:
            _send(os.kill, pid, signal.SIGKILL)

    def _look(self) -> None:
        pids = _pids()
        fresh, self._known = pids - self._known, pids
        if any(_is_below(pid, os.getpid()) for pid in fresh):
            self._write("new")


def _start(command: list[str], terminal: int, inherited: Inherited) -> tuple[int, int]:
    """Fork ``command`` in a session of its own on ``terminal``.

    Returns its pid, and the errno of a failed start.
    """
    failed, failing = os.pipe()
    ourselves = os.getpid()
    pid = os.fork()
    if not pid:
        try:
            _become(command, terminal, inherited, ourselves)
        except OSError as error:
            os.write(failing, b"%d" % (error.errno or 1))
        finally:
            os._exit(127)
    os.close(failing)
    failure = os.read(failed, 16)
    os.close(failed)
    return pid, int(failure or 0)


def _become(command: list[str], terminal: int, inherited: Inherited, parent: int) -> None:
    signal.set_wakeup_fd(-1)
    os.setsid()
    if os.isatty(terminal):
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for stream in range(3):
        os.dup2(terminal, stream)
    for number, handler in inherited.items():
        signal.signal(number, handler)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # for the case that we both are killed at once
    if os.getppid() == parent:
        os.execvp(command[0], command)  # noqa: S606 - to run it is what we are for


def _prctl(option: int, value: int) -> bool:
    """Return whether the kernel knows ``option`` and took ``value``."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        return not ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return False


def _send(send: Callable[[int, int], None], target: int, number: int) -> bool:
    """Send a signal; return whether there was anybody to send it to."""
    try:
        send(target, number)
    except OSError:
        return False
    return True


def _pids() -> set[str]:
    with contextlib.suppress(OSError):
        return {name for name in os.listdir("/proc") if name.isdigit()}
    return set()


def _stat(pid: int | str) -> tuple[bytes, int, int] | None:
    """Return state, parent and group of a process, by proc(5); None once it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, parent, group = file.read().rpartition(b")")[2].split()[:3]
    except (OSError, ValueError):
        return None
    return state, int(parent), int(group)


def _is_below(pid: int | str, root: int) -> bool:
    for _ in range(100):
        stat = _stat(pid)
        pid = stat[1] if stat else 0
        if pid in (0, root):
            return pid == root
    return False


def _below(root: int) -> dict[int, int]:
    """Return every living process below ``root``, with its group."""
    children: dict[int, list[tuple[int, int]]] = {}
    for each in _pids():
        stat = _stat(each)
        if stat and stat[0] != b"Z":
            children.setdefault(stat[1], []).append((int(each), stat[2]))
    found: dict[int, int] = {}
    parents = [root]
    for parent in parents:  # which grows meanwhile
        for pid, group in children.get(parent, ()):
            found[pid] = group
            parents.append(pid)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
