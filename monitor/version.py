"""Which upheld this is."""

from importlib.metadata import PackageNotFoundError, version


def upheld() -> str:
    """The version installed; ``unknown`` where the code runs without having been installed."""
    try:
        return version("upheld")
    except PackageNotFoundError:
        return "unknown"
