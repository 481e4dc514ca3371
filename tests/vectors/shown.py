"""Whether a figure, shown as an expected one is printed, reads the same."""

from decimal import Decimal
from fractions import Fraction

from tests.vectors.figures import Figure


def same(found: Figure, expected: object) -> bool:
    """Whether a figure, shown as the expected one is printed (half up), reads the same."""
    match expected:
        case list():
            return isinstance(found, list) and len(found) == len(expected) and all(map(same, found, expected))
        case bool() | None:
            return found is expected
        case int():
            return isinstance(found, Fraction) and found == expected
        case str() if isinstance(found, Fraction):
            return shown(found, -min(0, int(Decimal(expected).as_tuple().exponent))) == expected
    return found == expected


def shown(figure: Fraction, places: int) -> str:
    """To so many decimals, half up."""
    scaled = (abs(figure) * 10**places * 2 + 1) // 2
    text = f"{scaled:0{places + 1}d}"
    whole = text[: len(text) - places]
    return f"{'-' if figure < 0 else ''}{whole}{'.' + text[-places:] if places else ''}"
