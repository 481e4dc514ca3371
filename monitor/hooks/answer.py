"""What an HTTP answer, or the lack of one, says of a delivery."""

import ssl
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import responses

import aiohttp

from config.model import SECOND
from monitor.hooks.hook import DeliveryError


def judge(status: int, asked: int | None) -> None:
    """Return if the status says that it was taken, else raise DeliveryError with what the operator can do."""
    if 200 <= status < 300:
        return
    phrase = f"HTTP {status} {responses.get(status, '')}".rstrip()
    if 300 <= status < 400:
        raise DeliveryError(f"{phrase}: redirects are not followed; correct the url", asked, permanent=True)
    if status == HTTPStatus.GONE:
        raise DeliveryError(f"{phrase}: nobody listens there any more; remove the hook", asked, permanent=True)
    raise DeliveryError(phrase, asked)


def retry_after(text: str | None, now: int) -> int | None:
    """How long (ns) the receiver asks to wait: seconds or an HTTP date (RFC 9110 §10.2.3); None if neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9]) * SECOND
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0, int(date.replace(tzinfo=date.tzinfo or UTC).timestamp()) * SECOND - now)


def reason(error: Exception) -> str:
    """What went wrong, in words of our own: those of the client may hold the URL, which may hold a secret."""
    match error:
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as cause):
            return f"the certificate is not trusted: {cause.verify_message}"
        case aiohttp.ClientConnectorDNSError():
            return "the host's name does not resolve"
        case aiohttp.ClientConnectorSSLError():
            return "the TLS handshake failed"
        case aiohttp.ClientConnectorError():
            return f"cannot connect: {error.os_error.strerror or type(error.os_error).__name__}"
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed before an answer"
        case aiohttp.ClientResponseError():
            return "the answer is not HTTP"
        case ValueError():
            return "the url or a header cannot be used"
        case OSError(strerror=str() as text, filename=str() as path):
            return f"{path}: {text}"
        case OSError(strerror=str() as text):
            return text
    return type(error).__name__
