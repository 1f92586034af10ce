"""Numbers at the border: checks with errors that name the number and never quote a secret, and decimal strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def parse_decimals(what: str, data: object, names: Iterable[str]) -> dict[str, int]:
    """The numbers of an object that has exactly these fields, each a decimal string; else ``MalformedInput``."""
    fields = parse_fields(what, data, names)
    return {name: parse_decimal(f"{name} of {what}", value) for name, value in fields.items()}


def parse_fields(what: str, data: object, names: Iterable[str]) -> Mapping[str, Any]:
    """An object that has exactly these fields; else ``MalformedInput``, which names the odd ones that we know."""
    expected = set(names)
    if not isinstance(data, Mapping):
        raise MalformedInput(f"{what} must be an object")
    if missing := sorted(expected - set(data)):
        raise MalformedInput(f"{what} lacks {', '.join(missing)}")
    if set(data) != expected:
        raise MalformedInput(f"{what} has exactly the fields {', '.join(sorted(expected))}")
    return data


def parse_inputs(what: str, data: object, names: Iterable[str]) -> dict[str, Any]:
    """Inverse of ``decimal_inputs`` for these names; values are in no error.  Lists are nested twice at most."""
    return {name: _number(f"{name} of {what}", value, 2) for name, value in parse_fields(what, data, names).items()}


def decimal_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A circuit's inputs with decimal strings in place of numbers, nested lists kept."""
    return {name: _decimal(value) for name, value in inputs.items()}


def _decimal(value: Any) -> Any:
    return [_decimal(item) for item in value] if isinstance(value, list) else str(value)


def _number(name: str, value: Any, nesting: int) -> Any:
    if isinstance(value, list) and nesting:
        return [_number(name, item, nesting - 1) for item in value]
    return parse_decimal(name, value)
