"""TLS as a probe needs it: contexts made once per set of options, failures told apart, the certificate read.

Every failure has a reason of its own, because they are different faults of different people:
``tls_expired tls_not_yet_valid tls_hostname tls_untrusted tls_revoked tls_certificate`` (the server's
certificate, RFC 5280 section 6), ``tls_client_certificate`` (ours was asked for or refused),
``tls_protocol`` (no common version or cipher), ``tls_closed`` (ended in the middle of the handshake),
``tls`` (anything else the peer did wrong).
"""

import re
import ssl
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from probes.net.http_options import Tls

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_VERIFY = {
    9: "tls_not_yet_valid",
    10: "tls_expired",
    18: "tls_untrusted",
    19: "tls_untrusted",
    20: "tls_untrusted",
    21: "tls_untrusted",
    23: "tls_revoked",
    27: "tls_untrusted",
    62: "tls_hostname",
    64: "tls_hostname",
}
"""X509_V_ERR_* of openssl/x509_vfy.h."""

THEIRS = frozenset((*_VERIFY.values(), "tls_certificate"))
"""What is wrong with their certificate, whatever they think of ours."""

DATED = frozenset(("tls_not_yet_valid", "tls_expired"))
"""What our own clock has a say in."""

_CLIENT = ("CERTIFICATE", "UNKNOWN_CA", "DECRYPT_ERROR", "ACCESS_DENIED")
"""Alerts a server sends about what we showed it (RFC 8446 section 6.2), by their names in OpenSSL."""

_PROTOCOL = ("PROTOCOL", "VERSION", "HANDSHAKE_FAILURE", "CIPHER", "INSUFFICIENT_SECURITY", "WRONG_SSL")
_FRESH = 60_000_000_000
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")


class TlsFiles(Exception):
    """A certificate, key or authority file of ours cannot be used: our fault, never the target's."""


class Trust:
    """The context for one set of options. Loading the system's authorities anew would cost more than a handshake, so
    it is made once, when first needed; files are looked at once a minute, so that a client certificate that was
    renewed is used without a restart.
    """

    def __init__(self, options: Tls) -> None:
        self._options = options
        self._context: ssl.SSLContext | None = None
        self._files: tuple[int, ...] = ()
        self._looked = 0
        self._shown: bytes | None = None

    def context(self, now: int) -> ssl.SSLContext:
        """It; ``now`` is monotonic ns. Raises TlsFiles."""
        kept = self._context
        if kept is not None and now - self._looked < _FRESH:
            return kept
        try:
            files = _changed(self._options)
            if kept is None or self._files != files:
                own = self._options.certificate
                self._shown = Path(own).read_bytes() if own is not None else None
                kept, self._files = make(self._options), files
            self._context, self._looked = kept, now
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            named = ", ".join(filter(None, (self._options.ca, self._options.certificate, self._options.key)))
            raise TlsFiles(f"a TLS file cannot be used{named and f' ({named})'}: {error}") from error
        return kept

    @property
    def shows(self) -> bool:
        """Whether a certificate of ours is shown to those who ask for one."""
        return self._shown is not None

    def unfit(self, now: int, refused: bool) -> str | None:
        """Why nobody has to accept the certificate that was shown last, where that is sure (``now`` is wall ns): it is
        out of its time, or for others than clients (RFC 5280 section 4.2.1.12). Where it was ``refused``, what stands
        behind it in its file may be why. Whether its authority should be trusted only they know."""
        try:
            chain = _chain(self._shown) if self._shown is not None else []
        except ValueError:
            return None  # OpenSSL can read it and this cannot
        for cert in chain if refused else chain[:1]:
            begin = int(cert.not_valid_before_utc.timestamp()) * 1_000_000_000
            if not begin <= now <= valid_until(cert):
                span = f"{cert.not_valid_before_utc:%F %T} to {cert.not_valid_after_utc:%F %T} UTC"
                return f"a certificate of ours in {self._options.certificate} is valid from {span}; renew it"
        if chain and not _for_clients(chain[0]):
            return f"our certificate in {self._options.certificate} is not for clients, says its extended key usage"
        return None


class Contexts:
    """One context for all targets with the same options."""

    def __init__(self) -> None:
        self._kept: dict[Tls, Trust] = {}

    def of(self, options: Tls) -> Trust:
        """Theirs."""
        return self._kept.setdefault(options, Trust(options))

    def keep(self, used: Collection[Trust]) -> None:
        """Let go of all others."""
        self._kept = {options: trust for options, trust in self._kept.items() if trust in used}


def make(options: Tls) -> ssl.SSLContext:
    """A client context. Raises OSError or ValueError where a file cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if options.minimum == "1.3" else ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if options.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif options.ca is not None:
        context.load_verify_locations(options.ca)
    else:
        _load_system(context)
    if options.certificate is not None:
        context.load_cert_chain(options.certificate, options.key, password=_no_passphrase)
    return context


def _load_system(context: ssl.SSLContext) -> None:
    """The system's authorities, now. OpenSSL passes over what it cannot open, and opens those of a directory only when
    one is needed: without a descriptor to spare, or without authorities, nobody's certificate would be trusted. Raises
    OSError or ValueError."""
    system = ssl.get_default_verify_paths()
    for path in [system.cafile] if system.cafile is not None else _hashed(system.capath):
        with suppress(FileNotFoundError, ssl.SSLError):  # a link that leads nowhere, a file with no certificate in it
            context.load_verify_locations(path)
    if not context.cert_store_stats()["x509_ca"]:
        raise ValueError("this machine has no certificate authorities; install ca-certificates, or name 'ca'")
    if system.capath is not None:
        context.load_verify_locations(capath=system.capath)  # those that stand there alone, or from now on


def _hashed(directory: str | None) -> list[str]:
    """The certificates of a directory by their hashes (openssl-rehash(1)), each once."""
    paths = Path(directory).iterdir() if directory is not None else ()
    return sorted({str(path.resolve()) for path in paths if _HASHED.fullmatch(path.name)})


def failure(error: ssl.SSLError) -> tuple[str, str]:
    """Reason and text of a failed handshake, read or write."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY.get(error.verify_code, "tls_certificate"), f"certificate: {error.verify_message}"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "tls_closed", "the server closed without TLS's goodbye"
    name = (error.reason or "").upper()
    alert = "ALERT" in name
    if alert and any(word in name for word in _CLIENT):
        return "tls_client_certificate", f"the server refused our certificate or wants one: {_words(name)}"
    if any(word in name for word in _PROTOCOL):
        return "tls_protocol", _words(name)
    if "EOF" in name:
        return "tls_closed", "the server closed without TLS's goodbye"
    return "tls", _words(name) or str(error)


def certificate(peer: ssl.SSLObject) -> "Certificate | None":
    """The server's certificate as sent; None where it cannot be read."""
    try:
        der = peer.getpeercert(binary_form=True)
        return _read(der) if der else None
    except ValueError:
        return None  # the connection has failed, or what an unverified server sent is no certificate


@lru_cache(maxsize=256)
def _read(der: bytes) -> "Certificate":
    """Servers send the same one for months."""
    from cryptography import x509  # six megabytes that most processes never need

    return x509.load_der_x509_certificate(der)


def _chain(pem: bytes) -> "Sequence[Certificate]":
    from cryptography import x509

    return x509.load_pem_x509_certificates(pem)


def _for_clients(cert: "Certificate") -> bool:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Use

    try:
        uses = cert.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return True
    return Use.CLIENT_AUTH in uses or Use.ANY_EXTENDED_KEY_USAGE in uses


def valid_until(cert: "Certificate") -> int:
    """When it ends, ns since 1970 UTC."""
    return int(cert.not_valid_after_utc.timestamp()) * 1_000_000_000


def describe(peer: ssl.SSLObject, cert: "Certificate | None", now: int) -> str:
    """Version, cipher and certificate for a person; ``now`` is wall ns."""
    cipher = peer.cipher()
    text = f"{peer.version()} {cipher[0] if cipher else 'no cipher'}"
    if cert is None:
        return f"{text}; no readable certificate"
    subject, issuer = cert.subject.rfc4514_string(), cert.issuer.rfc4514_string()
    days = (valid_until(cert) - now) // 86_400_000_000_000
    until = f"{cert.not_valid_after_utc:%F %T} UTC ({days} days)"
    return f"{text}; certificate of {subject or 'no subject'}, issued by {issuer}, valid until {until}"


def _changed(options: Tls) -> tuple[int, ...]:
    """When the files were last written, the system's authorities among them where they are trusted."""
    paths = [options.ca, options.certificate, options.key]
    if options.ca is None and not options.insecure_skip_verify:
        system = ssl.get_default_verify_paths()
        paths.append(system.cafile or system.capath)
    return tuple(Path(path).stat().st_mtime_ns for path in paths if path is not None)


def _no_passphrase() -> str:
    """Called for an encrypted key; without it OpenSSL would ask on the terminal."""
    raise ValueError("the key is encrypted; give one without a passphrase")


def _words(name: str) -> str:
    return name.replace("_", " ").lower()
