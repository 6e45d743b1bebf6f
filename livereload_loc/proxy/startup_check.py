"""Says at the start that the upstream is not there: else nobody knows why the first page takes so long."""

from __future__ import annotations

from livereload_loc.events import Reporter, Told, Trouble
from livereload_loc.proxy.connect import Dialer, Unreachable
from livereload_loc.proxy.pool import HOLD_SECONDS
from livereload_loc.proxy.target import Target


async def tell_absence(target: Target, report: Reporter, *, insecure: bool) -> None:
    """Try once to connect to ``target``, and report why that fails.

    One on another machine is left to the first request: looking up its name may take long, and would hold up
    our end.
    """
    if "localhost" not in target.names:
        return
    try:
        connection = await Dialer(target, insecure=insecure).dial(lambda _: None)
    except Unreachable as error:
        if error.hopeless:
            report(Trouble(f"{target.url} does not answer", error.sentence))
        else:
            waits = f"requests wait for it up to {HOLD_SECONDS:.0f} s"
            report(Told(f"Nothing listens at {target.url} yet; {waits}."))
    else:
        connection.abort()
