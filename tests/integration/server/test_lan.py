"""``--lan``, in a network of our own: a namespace with an interface that has addresses of a local network."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from livereload_loc.errors import CannotListen, PortTaken, UsageError
from livereload_loc.server.endpoint import Endpoint
from livereload_loc.server.sockets import listen
from livereload_loc.settings import Settings
from tests.support.paths import ROOT
from tests.support.waiting import DEADLINE

IP = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")

INSIDE = """
import json, socket, ssl, subprocess, sys
from pathlib import Path
from tests.support.loc_dev import LocDev
from tests.support.raw_http import UPGRADE

ip, site, data = sys.argv[1:]
subprocess.run([ip, "link", "set", "lo", "up"], check=True)
alone = subprocess.run(
    [sys.executable, "-m", "livereload_loc", "serve", site, "--lan"], capture_output=True, text=True
)
assert (alone.returncode, len(alone.stderr.splitlines())) == (2, 1), alone
assert "no address in a local network" in alone.stderr
subprocess.run([ip, "address", "add", "93.184.216.34/32", "dev", "lo"], check=True)
public = subprocess.run(
    [sys.executable, "-m", "livereload_loc", "serve", site, "--lan"],
    capture_output=True, text=True, timeout=10
)
assert (public.returncode, len(public.stderr.splitlines())) == (2, 1), public
assert "--host ADDRESS --allow-host ADDRESS" in public.stderr
for address in ("192.168.77.5/32", "10.77.0.5/32", "fd00:77::5/128"):
    subprocess.run([ip, "address", "add", address, "dev", "lo"], check=True)


def status(address, port, host, path="/_loc/healthz"):
    with socket.create_connection((address, port), 20) as connection:
        head = f"GET {path} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n"
        connection.sendall(head.encode())
        return int(connection.makefile("rb").read().split()[1])


def upgraded(address, port, origin):
    head = f"GET /_loc/ws/reload HTTP/1.1\\r\\nHost: {address}:{port}\\r\\n".encode() + UPGRADE
    head += f"Origin: {origin}\\r\\n".encode() if origin else b""
    with socket.create_connection((address, port), 20, source_address=(address, 0)) as connection:
        connection.sendall(head + b"\\r\\n")
        return int(connection.recv(4096).split()[1])


with LocDev("serve", site, "--lan", "--port", "0") as dev:
    port = dev.port
    assert dev.url == f"http://localhost:{port}"
    hosts = ["192.168.77.5", "10.77.0.5", "[fd00:77::5]"]
    assert sorted(dev.ready["lan"]) == sorted(f"http://{host}:{port}" for host in hosts), dev.ready
    assert dev.ready["lan"][-1] == f"http://[fd00:77::5]:{port}"
    for address in ("127.0.0.1", "::1", "192.168.77.5", "10.77.0.5", "fd00:77::5"):
        host = f"[{address}]" if ":" in address else address
        assert status(address, port, f"{host}:{port}") == 200, address
        assert status(address, port, f"192.168.77.6:{port}") == 421, "another device's name"
        assert status(address, port, "evil.example") == 421
    subprocess.run([ip, "address", "add", "192.168.78.5/32", "dev", "lo"], check=True)
    try:
        socket.create_connection(("192.168.78.5", port), 20)
        raise SystemExit("it listens on every address")
    except ConnectionRefusedError:
        pass
    for origin, answer in (
        ("http://192.168.77.5:3000", 101),
        ("https://[fd00:77::5]", 101),
        ("http://localhost:3000", 101),
        ("http://192.168.77.6:3000", 403),
        ("http://192.168.78.5:3000", 403),
        ("http://evil.example", 403),
        (None, 403),
    ):
        assert upgraded("192.168.77.5", port, origin) == answer, origin
assert dev.errors == "", dev.errors

for command in (["serve", site], ["watch", site], ["count"]):
    with LocDev(*command, "--lan", "--https", "--port", "0", env={"XDG_DATA_HOME": data}) as dev:
        trusting = ssl.create_default_context(cafile=f"{data}/loc-dev/localhost.pem")
        for url in (dev.url, *dev.ready["lan"]):
            host = url.removeprefix("https://").rpartition(":")[0].strip("[]")
            with (
                socket.create_connection((host, dev.port), 20) as plain,
                trusting.wrap_socket(plain, server_hostname=host) as secured,
            ):
                assert secured.version()
    assert dev.errors == "", dev.errors
"""


@pytest.mark.skipif(IP is None or not shutil.which("unshare"), reason="needs ip and unshare")
def test_a_network_of_our_own(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html><p>Hi")
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", sys.executable, "-c", INSIDE,
         str(IP), str(site), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=5 * DEADLINE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_all_addresses_have_one_port() -> None:
    sockets = listen(["localhost", "127.0.0.2", "127.0.0.3"], 0)
    try:
        names = [listener.getsockname()[:2] for listener in sockets]
        assert [name[0] for name in names if ":" not in name[0]] == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        assert len({name[1] for name in names}) == 1
    finally:
        for listener in sockets:
            listener.close()


def test_a_port_that_is_taken_on_any_of_them_is_not_free() -> None:
    with closing(socket.create_server(("127.0.0.3", 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is already in use on 127.0.0.3"):
            listen(["localhost", "127.0.0.2", "127.0.0.3"], port)
        with closing(socket.create_server(("127.0.0.2", port))):
            pass  # nothing was left listening there
        near = listen(["localhost", "127.0.0.2", "127.0.0.3"], port, near=True)
        assert {listener.getsockname()[1] for listener in near} != {port}
        for listener in near:
            listener.close()


def test_an_address_that_went_is_named() -> None:
    with pytest.raises(CannotListen, match=r"Cannot listen on 203\.0\.113\.9 port \d+: "):
        listen(["localhost", "203.0.113.9"], 0)


def test_an_endpoint_has_urls_for_this_machine_and_for_others() -> None:
    found = Endpoint.from_settings(Settings((), lan=True), adapters=[("eth0", ["10.0.0.2", "fd00::7"])])
    assert found.url(8081) == "http://localhost:8081"
    assert found.lan_urls(8081) == ("http://10.0.0.2:8081", "http://[fd00::7]:8081")
    assert found.guard.lan == {"10.0.0.2", "fd00::7"}
    assert found.hosts == ("localhost", "10.0.0.2", "fd00::7")
    alone = Endpoint.from_settings(Settings((), host="0.0.0.0"))
    assert (alone.url(80), alone.lan_urls(80)) == ("http://localhost:80", ())
    assert alone.tls is alone.advice is None


def test_without_a_network_it_says_so() -> None:
    with pytest.raises(UsageError):
        Endpoint.from_settings(Settings((), lan=True), adapters=[])
