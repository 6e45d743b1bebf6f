"""The least that watches and tells: watchfiles and a WebSocket, nothing else. Arguments: FOLDER PORT STEP."""

from __future__ import annotations

import asyncio
import sys

from watchfiles import awatch
from websockets.asyncio.server import broadcast, serve


async def main(folder: str, port: int, step: int) -> None:
    async with serve(lambda socket: socket.wait_closed(), "localhost", port, compression=None) as server:
        async for _ in awatch(folder, step=step):
            broadcast(server.connections, '{"type":"update"}')


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
