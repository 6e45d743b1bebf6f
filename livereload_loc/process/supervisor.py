"""Stands between ``loc-dev`` and COMMAND and sees to it that nothing COMMAND started outlives ``loc-dev``.

A script of its own, run as ``python -I -S -E supervisor.py CHANNEL TERMINAL PATIENCE COMMAND...``. It
imports nothing of the package, to start in a few milliseconds and to stay small.

CHANNEL is one end of a socket pair. Its end of file means that ``loc-dev`` wants an end or is dead, however
it died. We write lines: ``started PID``, ``failed ERRNO``, ``exited CODE`` (minus the signal's number),
``new`` (a process appeared), ``gone`` (nothing is left). ``loc-dev`` writes ``watch SECONDS``: look for new
processes for so long; otherwise we sleep. TERMINAL is the terminal that becomes COMMAND's.

On Linux we adopt whatever COMMAND's processes leave behind (a subreaper), so that all of them stand below
us, in whatever session or group, and we are two: if one is killed, the other ends everything. Elsewhere
only COMMAND's process group is ours.
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

LOOK_SECONDS = 0.02
"""How often new processes are looked for while somebody wants to know."""

SWEEP_SECONDS = 0.05
"""How often an end that drags on looks for processes that appeared meanwhile."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

Inherited = dict[int, "signal.Handlers"]


def main(arguments: Sequence[str]) -> None:
    """Run COMMAND until ``loc-dev`` goes; ends with nothing of COMMAND's left."""
    channel, terminal, patience = int(arguments[0]), int(arguments[1]), float(arguments[2])
    for descriptor in (channel, terminal):
        os.set_inheritable(descriptor, False)
    inherited = _leave_the_terminal_signals_alone()
    adopts = _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    if adopts:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        ourselves = os.getpid()
        twin = os.fork()
        if twin:
            os.close(terminal)
            return _stand_by(twin, channel, patience)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # which a fork does not inherit
        if os.getppid() != ourselves:
            return None
    return Supervisor(channel, patience, adopts).run(list(arguments[3:]), terminal, inherited)


def _leave_the_terminal_signals_alone() -> Inherited:
    """Ignore what a terminal sends to everybody; how COMMAND finds its signals, as we found them."""
    found: Inherited = {signal.SIGPIPE: signal.SIG_DFL, signal.SIGXFSZ: signal.SIG_DFL}
    for number in (signal.SIGINT, signal.SIGHUP):
        ignored = signal.signal(number, signal.SIG_IGN) is signal.SIG_IGN
        found[number] = signal.SIG_IGN if ignored else signal.SIG_DFL
    return found


def _stand_by(twin: int, channel: int, patience: float) -> None:
    """Wait for the one that works; if it was killed, its processes are ours now, and we end them."""
    signal.signal(signal.SIGTERM, lambda *_: os.kill(twin, signal.SIGTERM))
    _, status = os.waitpid(twin, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if status:
        Supervisor(channel, patience, adopts=True).end()


class Supervisor:
    """One run of COMMAND. ``adopts``: orphans of COMMAND's become our children."""

    def __init__(self, channel: int, patience: float, adopts: bool) -> None:
        self._channel, self._patience, self._adopts = channel, patience, adopts
        self._leader = 0
        self._ending = False
        self._watch_until = 0.0
        self._known: set[str] = set()

    def run(self, command: list[str], terminal: int, inherited: Inherited) -> None:
        """Start ``command`` on ``terminal``, wait for the end, and end everything."""
        bell = _bell(self._stop)
        self._leader, failure = _start(command, terminal, inherited)
        os.close(terminal)
        self._tell(f"failed {failure}" if failure else f"started {self._leader}")
        while not self._ending:
            watching = time.monotonic() < self._watch_until
            ready, _, _ = select.select([self._channel, bell], [], [], LOOK_SECONDS if watching else None)
            if bell in ready:
                os.read(bell, 4096)
                self._reap()
            if self._channel in ready:
                self._listen()
            if watching:
                self._look()
        self.end()

    def end(self) -> None:
        """SIGTERM to every process once, SIGKILL after our patience; returns when none is left."""
        kill_at = time.monotonic() + self._patience
        told: set[int] = set()
        pause = 0.004
        while self._reap():
            family = self._family()
            if time.monotonic() < kill_at:
                self._ask(family, told)
            else:
                self._kill(family)
            time.sleep(pause)
            stuck = time.monotonic() > kill_at + 1  # what another user owns, or the kernel holds
            pause = min(pause * 1.5, 1.0 if stuck else SWEEP_SECONDS)
        self._tell("gone")

    def _stop(self, *_: object) -> None:
        self._ending = True

    def _listen(self) -> None:
        try:
            heard = os.read(self._channel, 4096)
        except OSError:
            heard = b""
        if not heard:
            self._ending = True
        for line in heard.splitlines():
            word, _, seconds = line.partition(b" ")
            if word == b"watch" and self._adopts:
                self._known = self._known if time.monotonic() < self._watch_until else _pids()
                self._watch_until = time.monotonic() + float(seconds)

    def _tell(self, message: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._channel, message.encode() + b"\n")

    def _reap(self) -> bool:
        """Bury the dead; whether anybody is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return not self._adopts and _group_lives(self._leader)
            if not pid:
                return True
            if pid == self._leader:
                self._tell(f"exited {os.waitstatus_to_exitcode(status)}")
                self._leader = 0 if self._adopts else pid  # the number may be another's from now on

    def _family(self) -> dict[int, int]:
        """The processes below us with their groups; COMMAND's alone where we cannot know."""
        below = _below(os.getpid()) if self._adopts else {}
        return below or ({self._leader: self._leader} if self._leader else {})

    def _ask(self, family: dict[int, int], told: set[int]) -> None:
        send: Callable[[int, int], None] = os.kill if self._adopts else os.killpg
        for pid in family.keys() - told:
            for number in (signal.SIGTERM, signal.SIGCONT):  # a stopped process must wake up to end
                with contextlib.suppress(OSError):
                    send(pid, number)
        told |= family.keys()

    def _kill(self, family: dict[int, int]) -> None:
        """Groups first, which the kernel does in one step: what forks all the time must not escape."""
        for group in set(family.values()) - {os.getpgrp(), 0}:
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)
        for pid in family:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def _look(self) -> None:
        pids = _pids()
        fresh, self._known = pids - self._known, pids
        if any(_stands_below(int(pid), os.getpid()) for pid in fresh):
            self._tell("new")


def _bell(stop: Callable[..., None]) -> int:
    """A descriptor that can be read after each signal that concerns us; SIGTERM calls ``stop``."""
    bell, hammer = os.pipe()
    os.set_blocking(hammer, False)
    signal.set_wakeup_fd(hammer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, stop)
    return bell


def _start(command: list[str], terminal: int, inherited: Inherited) -> tuple[int, int]:
    """Fork ``command`` in a session of its own on ``terminal``; its pid, and the errno of a failed start."""
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
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, handler in inherited.items():
        signal.signal(number, handler)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # for the case that we both are killed at once
    if os.getppid() == parent:
        os.execvp(command[0], command)  # noqa: S606 - to run it is what we are for


def _prctl(option: int, value: int) -> bool:
    """Whether the kernel knows ``option`` and took ``value``."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        return not ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return False


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def _pids() -> set[str]:
    return {name for name in os.listdir("/proc") if name.isdigit()}


def _standing(pid: int | str) -> tuple[bytes, int, int] | None:
    """State, parent and group of a process, by proc(5); None once it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, parent, group = file.read().rpartition(b")")[2].split()[:3]
    except (OSError, ValueError):
        return None
    return state, int(parent), int(group)


def _stands_below(pid: int, root: int) -> bool:
    for _ in range(100):
        standing = _standing(pid)
        if not standing or not standing[1]:
            return False
        pid = standing[1]
        if pid == root:
            return True
    return False


def _below(root: int) -> dict[int, int]:
    """Every living process below ``root``, with its group."""
    children: dict[int, list[tuple[int, int]]] = {}
    try:
        pids = _pids()
    except OSError:
        return {}
    for each in pids:
        standing = _standing(each)
        if standing and standing[0] != b"Z":
            children.setdefault(standing[1], []).append((int(each), standing[2]))
    found: dict[int, int] = {}
    open_ = [root]
    while open_:
        for pid, group in children.get(open_.pop(), []):
            found[pid] = group
            open_.append(pid)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
