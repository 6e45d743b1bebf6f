"""The errors that users read: each says in one or two lines what is wrong and what to do.

Only ``cli`` prints them; everything else raises them.
"""

from __future__ import annotations


class LocError(Exception):
    """The base of all errors that a user can meet; ``str()`` is what they read."""

    exit_code = 1


class UsageError(LocError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class NoSuchPath(UsageError):
    """A path to watch does not exist."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"Cannot watch {path!r}: there is no such file or folder.")


class PortTaken(LocError):
    """The port is in use on a loopback address."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"Port {port} is already in use on {host}. Stop what uses it, or choose another with --port."
        )


class CannotListen(LocError):
    """The system refuses to listen on an address, for another reason than that it is in use."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host, self.port = host, port
        super().__init__(f"Cannot listen on {host} port {port}: {reason}. Choose another --host or --port.")


class OutputLost(LocError):
    """The output cannot be written: nobody reads it any more, or the disk is full."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"loc-dev has stopped, since it cannot write its output: {reason}.")


class BadMessage(LocError):
    """A page sent a message that is none of ours; the text never quotes more than a few words of it."""


class NoSuchCommand(LocError):
    """The command after ``--`` does not exist or may not be executed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Cannot run {name!r}: there is no such command, or it may not be executed.")


class UnixNeeded(UsageError):
    """Commands of the user's cannot be run on this system."""

    def __init__(self) -> None:
        super().__init__("COMMAND and --exec need a Unix system. Start them yourself, in another window.")


class BadUpstream(UsageError):
    """The URL to proxy is no address of an HTTP server."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"Cannot proxy {url!r}: {reason}. Use a URL such as http://localhost:8000.")
