"""Which certificate is shown to browsers, and that it can be: each reason why not is one clear line."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from livereload_loc.errors import UsageError

MAX_FILE = 1024 * 1024
"""The size in bytes of the largest certificate file that is read."""

_CERTIFICATE, _KEY = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"
_MISMATCH = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")
_SUFFIX = "-key.pem"
_NEEDS = (
    "--https makes a certificate with one more package: pip install 'livereload-loc[https]'.\n"
    "Or make one that browsers trust, in this folder: mkcert -install && mkcert localhost"
)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate (with what stands between it and its issuer) and its key, both in PEM form."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What connections are secured with, and what the user should know of it, line by line."""

    context: ssl.SSLContext
    advice: str = ""


class UnusableCertificate(Exception):
    """Files that no connection can be secured with; the text says why, and names them."""


class _EncryptedKey(Exception):
    pass


def named(certificate: str, key: str) -> ServerCertificate:
    """The certificate that the user names.

    Raises:
        UsageError: it cannot be used.
    """
    try:
        return ServerCertificate(load(CertificateFiles(certificate, key)))
    except UnusableCertificate as error:
        raise UsageError(f"{error}.") from None


def found_or_made(
    folder: str, names: Sequence[str], own: Callable[[str], bool] = lambda name: True
) -> ServerCertificate:
    """mkcert's certificate that stands in ``folder``, else one of our own for ``names``.

    ``names`` are hosts and addresses without brackets; ``own`` knows whether a host is a name of ours.

    Raises:
        UsageError: there is none, and none can be made.
    """
    try:
        listed = os.listdir(folder)
    except OSError:
        listed = []
    usable: list[tuple[int, CertificateFiles, ssl.SSLContext]] = []
    refused: list[str] = []
    for files in mkcert_pairs(listed):
        files = CertificateFiles(os.path.join(folder, files.certificate), os.path.join(folder, files.key))
        try:
            usable.append((_covered(files, names, own), files, load(files)))
        except UnusableCertificate as error:
            refused.append(f"{error}, so it is not used")
    if usable:
        _, files, context = max(usable, key=lambda each: each[0])  # the first of those that are as good
        return ServerCertificate(context, f"https with {os.path.normpath(files.certificate)}")
    try:
        from livereload_loc.server.tls.selfsigned import kept
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "cryptography":
            raise
        raise UsageError(_NEEDS) from None
    made = kept(names)
    try:
        return ServerCertificate(
            load(CertificateFiles(made.certificate, made.key)), "\n".join([*refused, *made.advice])
        )
    except UnusableCertificate as error:
        raise UsageError(f"{error}.") from None


def mkcert_pairs(listed: Iterable[str]) -> list[CertificateFiles]:
    """The pairs of files that mkcert may have written, by a listing of their folder: ``NAME-key.pem`` beside
    ``NAME.pem``; those for localhost first."""
    there = set(listed)
    stems = [name.removesuffix(_SUFFIX) for name in there if name.endswith(_SUFFIX)]
    pairs = [
        CertificateFiles(f"{stem}.pem", f"{stem}{_SUFFIX}")
        for stem in stems
        if stem and f"{stem}.pem" in there
    ]
    return sorted(pairs, key=lambda pair: (not pair.certificate.startswith("localhost"), pair.certificate))


def load(files: CertificateFiles) -> ssl.SSLContext:
    """What secures connections with ``files``.

    Raises:
        Unusable: nothing can be secured with them.
    """
    if _CERTIFICATE not in _read(files.certificate):
        raise UnusableCertificate(f"{files.certificate!r} holds no certificate in PEM form")
    if _KEY not in _read(files.key):
        raise UnusableCertificate(f"{files.key!r} holds no private key in PEM form")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])

    def ask() -> str:
        raise _EncryptedKey  # OpenSSL itself would ask for it at the terminal

    try:
        context.load_cert_chain(files.certificate, files.key, password=ask)
    except _EncryptedKey:
        cure = f"openssl pkey -in {files.key} -out plain.pem takes the password off"
        raise UnusableCertificate(f"the key in {files.key!r} is encrypted; {cure}") from None
    except ssl.SSLError as error:
        if error.reason in _MISMATCH:
            raise UnusableCertificate(
                f"the key in {files.key!r} is not that of {files.certificate!r}"
            ) from None
        why = (error.reason or "it is damaged").replace("_", " ").lower()
        raise UnusableCertificate(f"{files.certificate!r} and {files.key!r} cannot be used ({why})") from None
    except OSError as error:
        raise UnusableCertificate(
            f"{files.certificate!r} cannot be used: {error.strerror or error}"
        ) from None
    return context


def _read(path: str) -> bytes:
    try:
        if not os.path.isfile(path):
            raise UnusableCertificate(f"there is no file {path!r}")
        with open(path, "rb") as file:
            return file.read(MAX_FILE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnusableCertificate(f"{path!r} cannot be read: {reason}") from None


def _covered(files: CertificateFiles, names: Sequence[str], own: Callable[[str], bool]) -> int:
    """How many of ``names`` a certificate is good for; 0 where nothing is here to read it.

    Raises:
        Unusable: it is so for no name of ours, or at another time.
    """
    try:
        from livereload_loc.server.tls.selfsigned import CertificateFacts
    except ModuleNotFoundError:
        return 0
    shown = os.path.normpath(files.certificate)
    certificate = CertificateFacts.read(_read(files.certificate))
    if certificate is None:
        raise UnusableCertificate(f"{shown} holds no certificate that can be read")
    if not certificate.is_current():
        raise UnusableCertificate(f"{shown} has expired")
    if not any(own(name.removeprefix("*.")) for name in certificate.names):
        raise UnusableCertificate(f"{shown} is for {', '.join(certificate.names) or 'nobody'}")
    return sum(name in certificate.names for name in names)
