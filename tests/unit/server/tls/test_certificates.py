"""Which certificate is used, and why another is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from livereload_loc.errors import UsageError
from livereload_loc.server.endpoint import Endpoint
from livereload_loc.server.tls.certificates import (
    UnusableCertificate,
    found_or_made,
    load,
    mkcert_pairs,
)
from livereload_loc.server.tls.selfsigned import (
    ALWAYS,
    MAX_NAMES,
    VALID,
    CertificateFacts,
    data_folder,
    how_to_trust,
    kept,
    make,
)
from livereload_loc.settings import Settings
from tests.support.certificates import issue


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where our own certificate is kept."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data/loc-dev"


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([], []),
        (["localhost.pem"], []),
        (["localhost-key.pem"], []),
        (["localhost.pem", "localhost-key.pem", "index.html"], ["localhost.pem"]),
        (["localhost+2-key.pem", "localhost+2.pem"], ["localhost+2.pem"]),
        (["a.test+1.pem", "a.test+1-key.pem", "localhost.pem", "localhost-key.pem"],
         ["localhost.pem", "a.test+1.pem"]),
        (["_wildcard.a.test.pem", "_wildcard.a.test-key.pem"], ["_wildcard.a.test.pem"]),
        (["-key.pem", ".pem"], []),
        (["a.pem", "b-key.pem"], []),
    ],
)  # fmt: skip
def test_the_pairs_in_a_folder(listed: list[str], found: list[str]) -> None:
    assert [certificate for certificate, _ in mkcert_pairs(listed)] == found


def test_a_pair_in_the_folder_is_used(tmp_path: Path, data: Path) -> None:
    issue(tmp_path, "localhost+1", "localhost", "127.0.0.1")
    chosen = found_or_made(str(tmp_path), ["localhost"])
    assert "localhost+1.pem" in chosen.advice
    assert not data.exists(), "nothing had to be made"


def test_of_several_the_one_that_is_good_for_most(tmp_path: Path) -> None:
    issue(tmp_path, "localhost", "localhost")
    issue(tmp_path, "shop", "localhost", "192.168.0.7")
    assert "shop.pem" in found_or_made(str(tmp_path), ["localhost", "192.168.0.7"]).advice
    assert "localhost.pem" in found_or_made(str(tmp_path), ["localhost"]).advice


def _expired(folder: Path) -> None:
    issue(folder, "localhost", "localhost", ends=datetime.now(UTC) - timedelta(days=1))


def _foreign(folder: Path) -> None:
    issue(folder, "localhost", "shop.example")


def _broken(folder: Path) -> None:
    certificate, _ = issue(folder, "localhost", "localhost")
    certificate.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")


def _strange(folder: Path) -> None:
    issue(folder, "localhost", "localhost")
    (folder / "localhost.pem").write_text("x")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_expired, "has expired"),
        (_foreign, "is for shop.example"),
        (_broken, "holds no"),
        (_strange, "holds no"),
    ],
)
def test_one_that_would_not_do_is_said_and_another_made(
    tmp_path: Path, data: Path, spoil: Callable[[Path], None], why: str
) -> None:
    spoil(tmp_path)
    advice = found_or_made(str(tmp_path), [], lambda name: name == "localhost").advice
    assert why in advice.splitlines()[0]
    assert (data / "localhost.pem").exists()


def test_without_the_library_a_pair_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.delitem(sys.modules, "livereload_loc.server.tls.selfsigned")
    issue(tmp_path, "localhost", "localhost")
    assert "localhost.pem" in found_or_made(str(tmp_path), ["localhost"]).advice
    (tmp_path / "localhost.pem").unlink()
    with pytest.raises(UsageError) as error:
        found_or_made(str(tmp_path), ["localhost"])
    assert "pip install 'livereload-loc[https]'" in str(error.value)
    assert "mkcert" in str(error.value)
    assert len(str(error.value).splitlines()) <= 2


# ---------------------------------------------------------------------- files of the user's


def test_an_encrypted_key_is_not_asked_for(tmp_path: Path) -> None:
    certificate, key = issue(tmp_path, "site", "localhost")
    secret = tmp_path / "secret.pem"
    command = ["openssl", "pkey", "-in", str(key), "-aes256", "-passout", "pass:x", "-out", str(secret)]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(UnusableCertificate, match="is encrypted; decrypt it: openssl pkey"):
        load(str(certificate), str(secret))


def test_files_that_are_none_of_a_pair(tmp_path: Path) -> None:
    certificate, key = map(str, issue(tmp_path, "site", "localhost"))
    other = str(issue(tmp_path, "other", "localhost")[1])
    (tmp_path / "rsa.pem").write_bytes(b"")
    rsa = str(tmp_path / "rsa.pem")
    subprocess.run(["openssl", "genrsa", "-out", rsa, "2048"], check=True, capture_output=True)
    (tmp_path / "text").write_text("text")
    for files, why in (
        ((certificate, other), "does not match"),
        ((certificate, rsa), "does not match"),
        ((key, certificate), "no certificate in PEM form"),
        ((certificate, certificate), "no private key in PEM form"),
        ((str(tmp_path / "text"), key), "no certificate in PEM form"),
        ((str(tmp_path / "none"), key), "there is no file"),
        ((certificate, str(tmp_path)), "there is no file"),
        ((certificate, "\0"), "no file"),
    ):
        with pytest.raises(UnusableCertificate, match=why) as error:
            load(*files)
        assert "\n" not in str(error.value)


def test_both_in_one_file(tmp_path: Path) -> None:
    certificate, key = issue(tmp_path, "site", "localhost")
    certificate.write_bytes(key.read_bytes() + certificate.read_bytes())
    assert load(str(certificate), str(certificate))


# ---------------------------------------------------------------------- our own


def test_what_we_make(tmp_path: Path) -> None:
    made, _ = make(ALWAYS)
    read = CertificateFacts.read(made)
    assert read
    assert read.names == ("localhost", "*.localhost", "127.0.0.1", "::1")
    assert read.is_current()
    assert read.ends - read.begins == VALID <= timedelta(days=397)
    (tmp_path / "made.pem").write_bytes(made)
    command = ["openssl", "x509", "-in", str(tmp_path / "made.pem"), "-noout", "-text"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for said in ("prime256v1", "TLS Web Server Authentication", "CA:FALSE", "Digital Signature"):
        assert said in shown


def test_it_is_kept_for_this_user_and_used_again(data: Path) -> None:
    first = kept(["192.168.0.7"])
    made = Path(first.certificate).read_bytes()
    assert len(first.advice) == 3
    assert data.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in data.glob("*.pem")} == {
        "localhost.pem": 0o600, "localhost-key.pem": 0o600,
    }  # fmt: skip
    Path(first.key).chmod(0o644)
    again = kept([])
    assert Path(again.certificate).read_bytes() == made
    assert len(again.advice) == 1
    assert Path(again.key).stat().st_mode & 0o777 == 0o600


def test_a_new_address_is_added_and_the_old_ones_stay(data: Path) -> None:
    made = {Path(kept([f"10.0.0.{last}"]).certificate).read_bytes() for last in (1, 2, 1, 2)}
    assert len(made) == 2, "back in the first network, nothing has to be trusted anew"
    for last in range(MAX_NAMES):
        kept([f"10.0.1.{last}"])
    read = CertificateFacts.read((data / "localhost.pem").read_bytes())
    assert read
    assert len(read.names) == MAX_NAMES
    assert {*ALWAYS, f"10.0.1.{MAX_NAMES - 1}"} <= set(read.names)


def test_all_that_is_wanted_is_in_it_however_much(data: Path) -> None:
    wanted = [f"10.0.2.{last}" for last in range(MAX_NAMES + 5)]
    kept(["10.0.0.1"])
    made = Path(kept(wanted).certificate).read_bytes()
    assert Path(kept(wanted).certificate).read_bytes() == made
    read = CertificateFacts.read(made)
    assert read
    assert read.names == (*ALWAYS, *wanted)


@pytest.mark.parametrize(
    ("name", "written"),
    [("fe80::1%eth0", "fe80::1"), ("FD00:0::7", "fd00::7"), ("shop.test", "shop.test")],
)
def test_a_name_that_is_written_in_another_way_is_found_again(data: Path, name: str, written: str) -> None:
    made = Path(kept([name]).certificate).read_bytes()
    assert Path(kept([name]).certificate).read_bytes() == made
    read = CertificateFacts.read(made)
    assert read
    assert {*read.names} == {*ALWAYS, written}


def test_an_address_with_brackets_is_an_address(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Endpoint.from_settings(Settings((), https=True, host="::1", allow_hosts=frozenset({"[fd00::7]"})))
    certificate = x509.load_pem_x509_certificate((data / "localhost.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ip_address("fd00::7") in names.get_values_for_type(x509.IPAddress)
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "*.localhost"]


def test_it_is_made_anew_when_it_has_expired_or_is_damaged(data: Path) -> None:
    files = [kept([], datetime.now(UTC) - VALID)]
    seen = {(data / "localhost.pem").read_bytes()}
    for spoil in ("", "localhost-key.pem", "localhost.pem"):
        if spoil:
            (data / spoil).write_text("x")
        files.append(kept([]))
        seen.add((data / "localhost.pem").read_bytes())
        assert load(files[-1].certificate, files[-1].key)
        assert len(files[-1].advice) == 3
    assert len(seen) == 4


def test_many_at_once_use_one(data: Path) -> None:
    code = "from livereload_loc.server.tls.selfsigned import kept; print(open(kept([]).certificate).read())"
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(6)]
    assert len({process.communicate()[0] for process in started}) == 1
    assert sorted(file.name for file in data.iterdir()) == ["localhost-key.pem", "localhost.pem", "lock"]


def test_it_cannot_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(UsageError, match=r"cannot be kept in .*Name one with --cert and --key"):
        kept([])


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {}, "/home/me/.local/share/loc-dev"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/loc-dev"),
        ("linux", {"XDG_DATA_HOME": "data"}, "/home/me/.local/share/loc-dev"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/me/Library/Application Support/loc-dev"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/loc-dev"),
    ],
)
def test_where_it_is_kept(platform: str, environment: dict[str, str], folder: str) -> None:
    assert data_folder(platform, environment, "/home/me") == folder


@pytest.mark.parametrize(
    ("platform", "command"),
    [("linux", "certutil -d sql:"), ("darwin", "security add-trusted-cert"), ("win32", "certutil -user")],
)
def test_how_to_trust_it_takes_three_lines(platform: str, command: str) -> None:
    lines = how_to_trust("/home/me/a b/localhost.pem", platform, "/home/me")
    assert len(lines) <= 3
    assert command in lines[1]
    assert "'/home/me/a b/localhost.pem'" in lines[1].replace('"', "'")


def test_chromium_is_told_where_it_looks(tmp_path: Path) -> None:
    for store in (".local/share/pki/nssdb", ".pki/nssdb"):
        assert f"sql:$HOME/{store} " in how_to_trust("/x.pem", "linux", str(tmp_path))[1]
        (tmp_path / ".pki/nssdb").mkdir(parents=True, exist_ok=True)
