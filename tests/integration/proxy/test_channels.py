"""Django Channels under its own runserver, behind ``loc-dev proxy``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.support.backends import upstream
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE

SITE = """
import sys

from channels.generic.websocket import WebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    DEBUG=True, SECRET_KEY="only here", ROOT_URLCONF="site_of_tests", USE_TZ=True,
    ALLOWED_HOSTS=["localhost"], ASGI_APPLICATION="site_of_tests.application",
    INSTALLED_APPS=["daphne", "channels"],
)
urlpatterns = [path("", lambda request: HttpResponse("<!doctype html><p>page"))]


class Talk(WebsocketConsumer):
    def connect(self):
        self.accept("chat")

    def receive(self, text_data=None, bytes_data=None):
        if text_data == "close":
            self.close(4010)
        else:
            self.send(text_data=text_data, bytes_data=bytes_data)


routes = URLRouter([path("talk/", Talk.as_asgi())])
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": AllowedHostsOriginValidator(routes)}
)

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    sys.modules["site_of_tests"] = sys.modules["__main__"]
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"localhost:{sys.argv[1]}"])
"""


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocDev]:
    folder = tmp_path_factory.mktemp("channels")
    (folder / "site_of_tests.py").write_text(SITE)
    with (
        upstream(folder, sys.executable, "site_of_tests.py", "PORT") as url,
        LocDev("proxy", url, "--watch", str(folder), "--port", "0") as dev,
    ):
        yield dev


def talk_url(dev: LocDev) -> str:
    return f"ws://localhost:{dev.port}/talk/"


def test_text_bytes_subprotocol_and_close_code_pass(dev: LocDev) -> None:
    with connect(talk_url(dev), origin=Origin(dev.url), subprotocols=[Subprotocol("chat")]) as talk:
        assert talk.subprotocol == "chat"
        for said in ("text \u00e9", b"\x00\xff" * 1000):
            talk.send(said)
            assert talk.recv(DEADLINE) == said
        talk.send("close")
        with pytest.raises(ConnectionClosed):
            talk.recv(DEADLINE)
        assert talk.close_code == 4010


def test_its_check_of_the_origin_is_kept(dev: LocDev) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(talk_url(dev), origin=Origin("http://evil.example"), subprotocols=[Subprotocol("chat")])
    assert refused.value.response.status_code == 403


def test_its_pages_have_the_tag(dev: LocDev) -> None:
    answer = httpx2.get(dev.url, timeout=DEADLINE)
    assert "<p>page" in answer.text
    assert "/_loc/" in answer.text
