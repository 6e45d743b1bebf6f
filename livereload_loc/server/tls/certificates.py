"""Chooses the certificate of the server, and says in one line why another one cannot be used."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from livereload_loc.errors import UsageError

# The size in bytes of the largest certificate file that is read.
MAX_FILE = 1024 * 1024

_CERTIFICATE, _KEY = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"
_MISMATCH = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")
_SUFFIX = "-key.pem"
_NEEDS = (
    "To make a certificate, --https needs one more package: pip install 'livereload-loc[https]'.\n"
    "Or make one that browsers trust, in this folder: mkcert -install && mkcert localhost"
)


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """The TLS context of all connections, and what the user should know about it, line by line."""

    context: ssl.SSLContext
    advice: str = ""


class UnusableCertificate(Exception):
    """Files that cannot be used for TLS; the text says why, and names them."""


class _EncryptedKey(Exception):
    pass


def named(certificate: str, key: str) -> ServerCertificate:
    """Return the certificate in the files that the user names.

    Raises:
        UsageError: it cannot be used.
    """
    try:
        return ServerCertificate(load(certificate, key))
    except UnusableCertificate as error:
        text = str(error)
        raise UsageError(f"{text[:1].upper()}{text[1:]}.") from None


def found_or_made(
    folder: str, names: Sequence[str], is_ours: Callable[[str], bool] = lambda name: True
) -> ServerCertificate:
    """Return mkcert's certificate in ``folder``, else a self-signed one for ``names``.

    ``names`` are hosts and addresses without brackets. mkcert's has to be for one of our names.

    Raises:
        UsageError: there is none, and none can be made.
    """
    try:
        listed = os.listdir(folder)
    except OSError:
        listed = []
    usable: list[tuple[int, str, ssl.SSLContext]] = []
    refused: list[str] = []
    for pair in mkcert_pairs(listed):
        certificate, key = (os.path.normpath(os.path.join(folder, name)) for name in pair)
        try:
            usable.append((_covered(certificate, names, is_ours), certificate, load(certificate, key)))
        except UnusableCertificate as error:
            refused.append(f"{error}, so it is not used")
    if usable:
        _, certificate, context = max(usable, key=lambda each: each[0])  # the first of those that are as good
        return ServerCertificate(context, f"https with {certificate}")
    try:
        from livereload_loc.server.tls.selfsigned import kept
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "cryptography":
            raise
        raise UsageError(_NEEDS) from None
    made = kept(names)
    context = named(made.certificate, made.key).context
    return ServerCertificate(context, "\n".join([*refused, *made.advice]))


def mkcert_pairs(listed: Iterable[str]) -> list[tuple[str, str]]:
    """Return the certificates and keys that mkcert may have written in a folder, by its listing.

    They are called ``NAME.pem`` and ``NAME-key.pem``; those for localhost come first.
    """
    there = set(listed)
    stems = [name.removesuffix(_SUFFIX) for name in there if name.endswith(_SUFFIX)]
    pairs = [(f"{stem}.pem", f"{stem}{_SUFFIX}") for stem in stems if stem and f"{stem}.pem" in there]
    return sorted(pairs, key=lambda pair: (not pair[0].startswith("localhost"), pair[0]))


def load(certificate: str, key: str) -> ssl.SSLContext:
    """Return the TLS context for the files ``certificate``, which may hold its issuers, too, and ``key``.

    Raises:
        UnusableCertificate: it cannot be made.
    """
    if _CERTIFICATE not in _read(certificate):
        raise UnusableCertificate(f"{certificate!r} holds no certificate in PEM form")
    if _KEY not in _read(key):
        raise UnusableCertificate(f"{key!r} holds no private key in PEM form")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])

    def ask() -> str:
        raise _EncryptedKey  # OpenSSL itself would ask for it at the terminal

    try:
        context.load_cert_chain(certificate, key, password=ask)
    except _EncryptedKey:
        reason = f"the key in {key!r} is encrypted; decrypt it: openssl pkey -in {key} -out plain.pem"
    except ssl.SSLError as error:
        if error.reason in _MISMATCH:
            reason = f"the key in {key!r} does not match {certificate!r}"
        else:
            why = (error.reason or "it is damaged").replace("_", " ").lower()
            reason = f"{certificate!r} and {key!r} cannot be used ({why})"
    except OSError as error:
        reason = f"{certificate!r} cannot be used: {error.strerror or error}"
    else:
        return context
    raise UnusableCertificate(reason)


def _read(path: str) -> bytes:
    try:
        if not os.path.isfile(path):
            raise UnusableCertificate(f"there is no file {path!r}")
        with open(path, "rb") as file:
            return file.read(MAX_FILE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnusableCertificate(f"{path!r} cannot be read: {reason}") from None


def _covered(path: str, names: Sequence[str], is_ours: Callable[[str], bool]) -> int:
    """Return how many of ``names`` a certificate is good for; 0 where it cannot be read here.

    Raises:
        UnusableCertificate: it is for no name of ours, or has expired.
    """
    try:
        from livereload_loc.server.tls.selfsigned import CertificateFacts
    except ModuleNotFoundError:
        return 0
    certificate = CertificateFacts.read(_read(path))
    if certificate is None:
        raise UnusableCertificate(f"{path} holds no certificate that can be read")
    if not certificate.is_current():
        raise UnusableCertificate(f"{path} has expired")
    if not any(is_ours(name.removeprefix("*.")) for name in certificate.names):
        raise UnusableCertificate(f"{path} is for {', '.join(certificate.names) or 'nobody'}")
    return sum(name in certificate.names for name in names)
