"""Numbers at the border: checks with errors that name the number and never quote a secret, and decimal strings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..curves import bn254
from ..errors import MalformedInput, NonCanonicalNumber

_R = bn254.FR.modulus
_MAX_DIGITS = 78  # 2^256 has 78 decimal digits


def check_element(name: str, value: int) -> None:
    """Raise ``NonCanonicalNumber`` unless value is an integer in [0, r)."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _R:
        raise NonCanonicalNumber(f"{name} must be a canonical field element")


def check_range(name: str, value: int, low: int, high: int) -> None:
    """Raise ``MalformedInput`` unless value is an integer in [low, high)."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < high:
        raise MalformedInput(f"{name} must be an integer in [{low}, {high})")


def parse_decimal(name: str, text: object) -> int:
    """The number of a decimal string without sign, space or leading zero, below 10^78; else ``MalformedInput``."""
    if (
        not isinstance(text, str)
        or not 1 <= len(text) <= _MAX_DIGITS
        or not (text.isascii() and text.isdigit())
        or (text[0] == "0" and text != "0")
    ):
        raise MalformedInput(f"{name} must be a decimal string")
    return int(text)


def decimal_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A circuit's inputs with decimal strings in place of numbers, nested lists kept."""
    return {name: _decimal(value) for name, value in inputs.items()}


def _decimal(value: Any) -> Any:
    return [_decimal(item) for item in value] if isinstance(value, list) else str(value)
