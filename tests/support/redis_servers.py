"""Real redis-servers for the tests: on ports of their own, with nothing on disk, gone in the end."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.support.ports import free_port
from tests.support.waiting import DEADLINE, until


class RedisServer:
    """One redis-server, which can be stopped, paused and started again, empty."""

    def __init__(self, folder: Path, *options: str, port: int | None = None, tls: bool = False) -> None:
        self.port = port or free_port()
        self._folder, self._options, self._tls = folder, options, tls
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'rediss' if self._tls else 'redis'}://localhost:{self.port}"

    def start(self) -> None:
        """Start it, without data, and wait until it answers."""
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed"
        listen = ["--port", "0", "--tls-port", str(self.port)] if self._tls else ["--port", str(self.port)]
        self._process = subprocess.Popen(
            [program, *listen, "--bind", "127.0.0.1", "-::1", "--save", "", "--appendonly", "no",
             "--dir", str(self._folder), *self._options],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        until(self._answers, "redis-server does not answer")

    def _answers(self) -> bool:
        with suppress(OSError, RedisError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return self._tls or bool(self.ask("PING"))
        return False

    def ask(self, *command: str) -> object:
        """The answer to one command."""
        with Redis(port=self.port, socket_timeout=DEADLINE, decode_responses=True) as client:
            answer: object = client.execute_command(*command)
            return answer

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process
        self._process.send_signal(number)

    def stop(self) -> None:
        """Kill it."""
        if self._process:
            self._process.kill()
            self._process.wait(DEADLINE)
            self._process = None


@contextmanager
def redis_server(folder: Path, *options: str, tls: bool = False) -> Iterator[RedisServer]:
    """A redis-server that runs as long as the block."""
    server = RedisServer(folder, *options, tls=tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def cluster(folder: Path) -> Iterator[list[RedisServer]]:
    """Three masters that share the slots of one Cluster."""
    servers: list[RedisServer] = []
    try:
        for number in range(3):
            own = folder / f"node{number}"
            own.mkdir()
            servers.append(RedisServer(own, "--cluster-enabled", "yes", port=_with_bus()))
            servers[-1].start()
        program = shutil.which("redis-cli")
        assert program
        addresses = [f"127.0.0.1:{server.port}" for server in servers]
        subprocess.run(
            [program, "--cluster", "create", *addresses, "--cluster-yes"],
            check=True,
            capture_output=True,
            timeout=3 * DEADLINE,
        )
        for server in servers:
            until(lambda server=server: "cluster_state:ok" in str(server.ask("CLUSTER", "INFO")))  # type: ignore[misc]
        yield servers
    finally:
        for server in servers:
            server.stop()


def _with_bus() -> int:
    """A free port whose Cluster bus, 10,000 above, is a port as well."""
    while True:
        port = free_port()
        if port < 55_000:
            return port


class Wire:
    """A way to a server that can be cut: what is sent then never arrives, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        """From now on nothing passes."""
        self._whole.clear()

    def mend(self) -> None:
        """New connections pass again; those that hung are closed."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._whole.set()

    def close(self) -> None:
        """End all of it."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self.mend()
        for thread in self._threads:
            thread.join(DEADLINE)
        for connection in [self._listener, *self._open]:
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                self._open.append(here)
                there = socket.create_connection(("127.0.0.1", self._target))
                self._open.append(there)
                for pair in ((here, there), (there, here)):
                    self._threads.append(threading.Thread(target=self._pass, args=pair))
                    self._threads[-1].start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._whole.wait()
                target.sendall(data)
        for connection in (source, target):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
