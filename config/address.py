"""A store's address: the path of a file, or the URL of a database; and how it is shown, which is without a password."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from config.units import line

SCHEMES = ("postgresql", "postgres")
_SHOWN = frozenset({"host", "port", "user", "dbname", "sslmode", "connect_timeout", "target_session_attrs"})


def store_address(value: object) -> str:
    """The address as it is typed. Raises ValueError, whose text never has the address: it may hold a password."""
    text = line(value)
    scheme, found, _ = text.partition("://")
    if not found:
        return text
    if scheme not in SCHEMES:
        raise ValueError(f"{scheme}:// is no store; write the path of a file, or postgresql://user@host/database")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 – it is read only here
    except ValueError:
        raise ValueError("this is no address of a database; write postgresql://user@host:5432/database") from None
    if len(parts.path) < 2:
        raise ValueError("this address names no database; write postgresql://user@host/database")
    return text


def is_url(store: str) -> bool:
    """True for an address of a server, False for a file's path."""
    return store.partition("://")[0] in SCHEMES and "://" in store


def shown(store: str) -> str:
    """The address as it may be printed: without a password."""
    if not is_url(store):
        return store
    try:
        parts = urlsplit(store)
    except ValueError:
        return f"{store.partition('://')[0]}://…"
    user, at, host = parts.netloc.rpartition("@")
    query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] in _SHOWN], quote_via=quote, safe="/,:")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}", query=query))
