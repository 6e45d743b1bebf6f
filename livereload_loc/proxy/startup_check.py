"""Reports at the start that the upstream is not there: else nobody knows why the first page takes so long."""

from __future__ import annotations

from livereload_loc.events import Info, ProblemFound, Reporter
from livereload_loc.proxy.connect import UpstreamConnector, UpstreamUnreachable
from livereload_loc.proxy.pool import PoolLimits
from livereload_loc.proxy.target import UpstreamTarget


async def report_absence(target: UpstreamTarget, report: Reporter, *, insecure: bool) -> None:
    """Try once to connect to ``target``, and report why that fails.

    One on another machine is left to the first request: looking up its name may take long, and would delay
    our end.
    """
    if "localhost" not in target.names:
        return
    try:
        connection = await UpstreamConnector(target, insecure=insecure).connect(lambda _: None)
    except UpstreamUnreachable as error:
        if error.hopeless:
            report(ProblemFound(f"{target.origin} does not answer", error.sentence))
        else:
            waits = f"requests wait for it up to {PoolLimits.hold:.0f} s"
            report(Info(f"Nothing listens at {target.origin} yet; {waits}."))
    else:
        connection.abort()
