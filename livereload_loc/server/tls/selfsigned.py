"""A self-signed certificate, kept in the user's data folder and used again.

Browsers may have been told to trust it, so it is only made anew where it does not fit. Needs the package
``cryptography`` (extra ``https``).
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from livereload_loc.errors import UsageError

# Browsers refuse certificates that are valid for longer (CA/Browser Forum, baseline requirements 6.3.2).
VALID = timedelta(days=397)

# The clocks of other devices may be so far behind.
SKEW = timedelta(hours=1)

# Addresses of earlier networks stay in the certificate as long as it has no more names.
MAX_NAMES = 40

_NSS = (".pki/nssdb", ".local/share/pki/nssdb")

ALWAYS = ("localhost", "*.localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says: its hosts and addresses, and from when to when it is valid."""

    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    @classmethod
    def read(cls, pem: bytes) -> CertificateFacts | None:
        """Return what the first certificate in ``pem`` says; None where there is none that can be read."""
        try:
            found = x509.load_pem_x509_certificate(pem)
            names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return cls((), found.not_valid_before_utc, found.not_valid_after_utc)
        except ValueError:
            return None
        read = (*names.get_values_for_type(x509.DNSName), *names.get_values_for_type(x509.IPAddress))
        return cls(tuple(map(str, read)), found.not_valid_before_utc, found.not_valid_after_utc)

    def is_current(self, now: datetime | None = None) -> bool:
        """Return whether it is valid now."""
        return self.begins <= (now or datetime.now(UTC)) < self.ends


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """The files of the certificate, and what the user should know about it, line by line."""

    certificate: str
    key: str
    advice: tuple[str, ...]


def kept(names: Iterable[str], now: datetime | None = None) -> StoredCertificate:
    """Return a certificate for ``names`` and all names of this machine.

    It is made where none is kept that fits. ``now`` is the time when it is made, by default the present.

    Raises:
        UsageError: it cannot be kept.
    """
    home = os.path.expanduser("~")
    folder = data_folder(sys.platform, os.environ, home)
    certificate, key = (os.path.join(folder, name) for name in ("localhost.pem", "localhost-key.pem"))
    wanted = tuple(dict.fromkeys((*ALWAYS, *map(_normal, names))))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.chmod(folder, 0o700)
        with _locked(folder):
            old = _read_kept(certificate, key)
            if old and old.is_current() and set(wanted) <= set(old.names):
                advice = f"https with {certificate}, valid until {old.ends:%Y-%m-%d}"
                return StoredCertificate(certificate, key, (advice,))
            before = [name for name in old.names if name not in wanted] if old else []
            made, secret = make((*wanted, *before[: max(0, MAX_NAMES - len(wanted))]), now)
            _write(key, secret)
            _write(certificate, made)
    except OSError as error:
        reason = f"The certificate cannot be kept in {folder}: {error.strerror or error}."
        raise UsageError(f"{reason} Name one with --cert and --key.") from None
    return StoredCertificate(certificate, key, how_to_trust(certificate, sys.platform, home))


def data_folder(platform: str, environment: Mapping[str, str], home: str) -> str:
    """Return the folder for a user's data, by the customs of each system (XDG on Linux)."""
    if platform == "win32":
        base = environment.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = environment.get("XDG_DATA_HOME", "")
        if not os.path.isabs(base):
            base = os.path.join(home, ".local", "share")
    return os.path.join(base, "loc-dev")


def how_to_trust(certificate: str, platform: str, home: str) -> tuple[str, ...]:
    """Return the lines that say how to have browsers of this system trust ``certificate``."""
    first = "https with a new certificate. Browsers ask about it once, unless you have them trust it:"
    firefox = "  Firefox and phones: open the page and accept the certificate there"
    if platform == "win32":
        return first, f'  certutil -user -addstore Root "{certificate}"', firefox
    path = shlex.quote(certificate)
    if platform == "darwin":
        keychain = "~/Library/Keychains/login.keychain-db"
        return first, f"  security add-trusted-cert -r trustRoot -k {keychain} {path}", firefox
    # Chromium keeps what it trusts in the older folder as long as that exists.
    store = next((place for place in _NSS if os.path.isdir(os.path.join(home, place))), _NSS[-1])
    return first, f"  certutil -d sql:$HOME/{store} -A -t P,, -n loc-dev -i {path}  (Chromium)", firefox


def make(names: Sequence[str], now: datetime | None = None) -> tuple[bytes, bytes]:
    """Return a new certificate for ``names``, and its key, both as PEM."""
    begins = (now or datetime.now(UTC)) - SKEW
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loc-dev on localhost")])
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
         "crl_sign", "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + VALID)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), secret


def _normal(name: str) -> str:
    """Return ``name`` as a certificate has it: addresses in their short form, without a scope, which has a
    meaning on one machine only."""
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        return name


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read_kept(certificate: str, key: str) -> CertificateFacts | None:
    """Return what the kept certificate says, if its key fits; makes the key readable for this user alone."""
    try:
        with open(certificate, "rb") as file:
            pem = file.read()
        with open(key, "rb") as file:
            secret = serialization.load_pem_private_key(file.read(), None)
        if x509.load_pem_x509_certificate(pem).public_key() != secret.public_key():
            return None
        os.chmod(key, 0o600)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return CertificateFacts.read(pem)


def _write(path: str, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all, for this user alone."""
    descriptor, spare = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(spare, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(spare)
        raise


@contextlib.contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Have other starts of loc-dev wait, so that they use the certificate that this one makes."""
    try:
        import fcntl
    except ImportError:  # Windows: the last one wins
        yield
        return
    with open(os.path.join(folder, "lock"), "wb") as lock:
        with contextlib.suppress(OSError):  # a network folder may have no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
