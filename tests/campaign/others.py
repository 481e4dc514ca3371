"""Another value than one that stands in a column, whatever it means."""

from datetime import datetime, timedelta


def other(value: object, instead: object = 1) -> object:
    """Of the same type; ``instead`` where there is none."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "x"
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1]) if value else b"\1"
        case list():
            return [*value, 1]
        case datetime():
            return value + timedelta(days=1)
    return instead
