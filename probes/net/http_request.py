"""The bytes of a request (RFC 9112)."""

from base64 import b64encode

from probes.net.http_options import Auth, Options
from probes.net.http_url import Url

AGENT = "upheld"


def request(options: Options, url: Url, method: str, trusted: bool) -> bytes:
    """A request for ``url``. ``trusted``: it is of the origin configured, so that it may have what is secret:
    credentials, the configured headers and the body; another origin gets none of them."""
    lines = [f"{method} {url.path} HTTP/1.1", f"Host: {url.authority}"]
    headers = {name: value.text for name, value in options.headers.items()} if trusted else {}
    given = {name.lower() for name in headers}
    body = b""
    if options.body is not None and trusted and method == options.method:
        body = options.body.text.encode()
    if "user-agent" not in given:
        lines.append(f"User-Agent: {AGENT}")
    if "accept" not in given:
        lines.append("Accept: */*")
    lines += ["Accept-Encoding: identity", f"Connection: {'keep-alive' if options.keep_alive else 'close'}"]
    if options.auth is not None and trusted:
        lines.append(f"Authorization: {_credentials(options.auth)}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirected(method: str, status: int) -> str:
    """The method after a redirect (RFC 9110 section 15.4): 303 turns into GET, and so, as ever, does a POST
    after 301 and 302."""
    if method == "HEAD":
        return method
    if status == 303 or (status in (301, 302) and method == "POST"):
        return "GET"
    return method


def _credentials(auth: Auth) -> str:
    if auth.bearer is not None:
        return f"Bearer {auth.bearer.text}"
    password = auth.password.text if auth.password is not None else ""
    return "Basic " + b64encode(f"{auth.user}:{password}".encode()).decode()
