"""Which certificate is used: the user's, mkcert's, or one that is made."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.support.certificates import issue
from tests.support.loc_dev import LocDev
from tests.support.processes import ended
from tests.support.tls_clients import secure
from tests.support.waiting import DEADLINE

RUN = [sys.executable, "-m", "livereload_loc"]


def presented(dev: LocDev, trusted: Path) -> bytes:
    """The certificate that it shows to a client which trusts that of a file."""
    context = ssl.create_default_context(cafile=str(trusted))
    with secure(dev, context) as connection:
        return connection.getpeercert(binary_form=True) or b""


def test_one_is_made_trusted_once_and_used_again(site: Path, tmp_path: Path) -> None:
    environment = {"XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}
    kept = tmp_path / "loc-dev/localhost.pem"
    seen = set()
    for command in (["serve", site], ["watch", site], ["count"]):
        with LocDev(*command, "--https", "--port", "0", cwd=site, env=environment) as dev:
            seen.add(presented(dev, kept))
        assert dev.errors == ""
    assert len(seen) == 1
    assert kept.with_name("localhost-key.pem").stat().st_mode & 0o777 == 0o600


def test_mkcerts_is_used_where_one_stands_in_the_folder(
    site: Path, tmp_path: Path, trusting: ssl.SSLContext
) -> None:
    issue(site, "localhost+2", "localhost", "127.0.0.1", "::1")
    environment = {"XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONPATH": os.getcwd()}
    with LocDev("serve", "--https", "--port", "0", cwd=site, env=environment) as dev:
        assert httpx2.get(dev.url, verify=trusting).status_code == 200
        for target in ("/localhost+2-key.pem", "/LOCALHOST+2-KEY.PEM", "/localhost%2B2%2Dkey.pem"):
            assert httpx2.get(dev.url + target, verify=trusting).status_code == 404, "the key is nobody's"
    assert not (tmp_path / "data").exists()


def test_a_key_that_is_named_is_not_served(site: Path, trusting: ssl.SSLContext) -> None:
    certificate, key = issue(site, "own", "localhost")
    secret = key.rename(site / "secret.txt")
    (site / "other.txt").symlink_to(secret)
    (site / "sub").mkdir()
    for name in ("hard.txt", "hard.html", "404.html", "sub/index.html"):
        (site / name).hardlink_to(secret)
    with LocDev("serve", site, "--cert", certificate, "--key", secret, "--port", "0") as dev:
        assert httpx2.get(f"{dev.url}/own.pem", verify=trusting).status_code == 200
        for name in ("secret.txt", "other.txt", "hard.txt", "hard.html", "404.html", "sub/", "nothing"):
            for headers in ({}, {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}):
                answer = httpx2.get(f"{dev.url}/{name}", verify=trusting, headers=headers)
                assert answer.status_code == 404, name
                assert "PRIVATE KEY" not in answer.text, name
        # What is put into its place is as secret, under all of its names.
        renewed = site / "renewed.txt"
        renewed.write_bytes(secret.read_bytes())
        assert httpx2.get(f"{dev.url}/renewed.txt", verify=trusting).status_code == 200
        secret.unlink()
        secret.hardlink_to(renewed)
        assert httpx2.get(f"{dev.url}/renewed.txt", verify=trusting).status_code == 404


def test_people_are_told_how_to_trust_it(site: Path, tmp_path: Path) -> None:
    for lines in (3, 1):
        process = subprocess.Popen(
            [*RUN, "serve", "--https", "--port", "0"],
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": os.getcwd()},
            cwd=site, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with ended(process):
            assert process.stdout
            said: list[str] = []
            while not any("https with" in line for line in said):
                said.append(process.stdout.readline())
                assert said[-1], f"it ended, or hangs: {said}"
            said += [process.stdout.readline() for _ in range(lines - 1)]
            process.terminate()
            assert process.communicate(timeout=DEADLINE)[0] == ""
        assert "localhost.pem" in "".join(said[-lines:])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cert", "own.pem"], "--cert needs --key"),
        (["--key", "own-key.pem"], "--key needs --cert"),
        (["--cert", "none.pem", "--key", "own-key.pem"], "loc-dev: There is no file 'none.pem'."),
        (["--cert", "own.pem", "--key", "other-key.pem"], "does not match 'own.pem'"),
        (["--cert", "own-key.pem", "--key", "own-key.pem"], "no certificate in PEM form"),
        (["--cert", "own.pem", "--key", "secret.pem"], "is encrypted"),
        (["--lan", "--host", "0.0.0.0"], "--lan chooses the addresses"),
        (["--qr"], "add --lan"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "count"])
def test_what_cannot_work_is_one_line(tmp_path: Path, command: str, options: list[str], said: str) -> None:
    issue(tmp_path, "own", "localhost")
    issue(tmp_path, "other", "localhost")
    subprocess.run(
        ["openssl", "pkey", "-in", "own-key.pem", "-aes256", "-passout", "pass:x", "-out", "secret.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    done = subprocess.run(
        [*RUN, command, *options, "--port", "0"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()}, timeout=DEADLINE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
