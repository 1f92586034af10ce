"""JSON from outside, read strictly: one size limit, no duplicate keys, no floats, and decimal strings in one spelling.

Python's parser is kept from doing what a format does not want (floats, NaN, huge integers) by markers, so that the code
that knows the field can name it.  Values never enter an error: an input file holds secrets.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from ..curves import PrimeField
from ..errors import FormatError
from .files import Opened, Source, open_source

_DECIMAL = re.compile(r"0|[1-9][0-9]*")
MAX_DIGITS = 155  # 2^512 has 155: no field here needs more, and Python's conversion is quadratic
MAX_NESTING = 64
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


class NotAnInteger:
    """Stands for a JSON number that is no plain integer of at most 155 digits."""


@dataclass(frozen=True)
class Document:
    """A parsed file and the name to use in errors."""

    value: Any = field(repr=False)
    name: str

    def error(self, field: str, message: str) -> FormatError:
        return FormatError(message, source=self.name, section=field)


class _DuplicateKey(Exception):
    pass


def read_json(source: Source, *, limit_bytes: int) -> Document:
    """Parse a UTF-8 JSON file.

    Raises:
        FormatError: above the limit (before it is read), not UTF-8, not JSON, a key twice in an object, or nested too
            deep.
    """
    opened = open_source(source, limit_bytes=limit_bytes)
    _check_nesting(opened)
    problem, offset = "", None
    try:
        value = json.loads(
            str(opened.view, "utf-8"),
            object_pairs_hook=_object,
            parse_float=_refused,
            parse_constant=_refused,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        problem, offset = "not UTF-8 text", error.start
    except json.JSONDecodeError as error:
        problem, offset = f"not JSON: {error.msg} (character {error.pos})", None
    except _DuplicateKey:
        problem = "an object has a key twice"
    if problem:  # raised here, outside the handlers: the parser's error would carry the whole text along
        raise FormatError(problem, source=opened.name, offset=offset)
    return Document(value, opened.name)


def _check_nesting(opened: Opened) -> None:
    """Count brackets before parsing: the parser recurses in C, and where a library has raised Python's recursion limit
    (py_ecc does), a deep file would not end in a RecursionError but overflow the stack."""
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(opened.view):
        depth += _STEP.get(token[0], 0)
        if depth > MAX_NESTING:
            raise FormatError(
                f"nested too deep: more than {MAX_NESTING} levels", source=opened.name, offset=token.start()
            )


def decimal(document: Document, field: str, value: Any, *, of: PrimeField | None = None) -> int:
    """The integer of a canonical decimal string: no sign, no leading zero, no space, and below the modulus of ``of``.

    Raises:
        FormatError: naming ``field``.
    """
    if not isinstance(value, str):
        raise document.error(field, "expected a decimal string")
    if len(value) > MAX_DIGITS or _DECIMAL.fullmatch(value) is None:
        raise document.error(field, "not a canonical decimal string (digits only, no leading zero)")
    number = int(value)
    if of is not None and number >= of.modulus:
        raise document.error(field, f"not below the modulus of {of.name}")
    return number


def array(document: Document, field: str, value: Any, length: int | None = None) -> list[Any]:
    """A JSON list, of ``length`` items when given."""
    if not isinstance(value, list):
        raise document.error(field, "expected a list")
    if length is not None and len(value) != length:
        raise document.error(field, f"expected {length} elements, found {len(value)}")
    return value


def record(document: Document, required: frozenset[str], optional: frozenset[str]) -> dict[str, Any]:
    """The document as an object with all required keys and none beyond the optional ones."""
    value = document.value
    if not isinstance(value, dict):
        raise document.error("", "expected a JSON object")
    for key in sorted(required - value.keys()):
        raise document.error(key, "the field is missing")
    for key in sorted(value.keys() - required - optional):
        raise document.error(ascii(key)[:80], "the field does not belong here")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise _DuplicateKey
    return out


def _refused(_text: str) -> NotAnInteger:
    return NotAnInteger()


def _integer(text: str) -> int | NotAnInteger:
    return int(text) if len(text) <= MAX_DIGITS and text != "-0" else NotAnInteger()
