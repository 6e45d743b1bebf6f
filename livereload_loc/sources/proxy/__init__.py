"""Standing in front of another server: HTTP/1.1 and WebSockets, streamed both ways.

``Target`` says where to, ``Proxy`` is the ASGI app.
"""

from .app import Proxy
from .target import Target
from .tunnel import MAX_MESSAGE

__all__ = ["MAX_MESSAGE", "Proxy", "Target"]
