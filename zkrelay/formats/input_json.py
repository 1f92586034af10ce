"""``input.json``: named inputs of a circuit as circom tools pass them (docs/formats.md, "JSON").

An object from input names to integers or nested lists of integers; an integer is a canonical decimal string or a plain
JSON integer.  Hexadecimal, signs, floats and booleans are refused.  The values are secret and appear in no error.
"""

from __future__ import annotations

from typing import Any

from .files import Source
from .strict_json import Document, NotAnInteger, decimal, read_json

MAX_BYTES = 16 << 20
MAX_DEPTH = 8
MAX_NAME_CHARACTERS = 256


def read_inputs(source: Source) -> dict[str, Any]:
    """Inputs by name, integers or nested lists of them; shapes and ranges are checked by the witness program.

    Raises:
        FormatError: above 16 MiB, not JSON, no object, or a value that is no non-negative integer (the field is named).
    """
    document = read_json(source, limit_bytes=MAX_BYTES)
    if not isinstance(document.value, dict):
        raise document.error("", "expected a JSON object from input names to values")
    inputs: dict[str, Any] = {}
    for position, (name, value) in enumerate(document.value.items()):
        if not name or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
            raise document.error(f"name {position}", "an input name is empty, too long or not printable")
        inputs[name] = _integers(document, name, value, 0)
    return inputs


def _integers(document: Document, field: str, value: Any, depth: int) -> Any:
    if isinstance(value, list):
        if depth == MAX_DEPTH:
            raise document.error(field, f"lists are nested more than {MAX_DEPTH} deep")
        return [_integers(document, f"{field}[{i}]", item, depth + 1) for i, item in enumerate(value)]
    if isinstance(value, str):
        return decimal(document, field, value)
    if isinstance(value, bool) or not isinstance(value, int):
        kinds = {bool: "a boolean", dict: "an object", type(None): "null", NotAnInteger: "no plain integer"}
        raise document.error(
            field, f"expected a decimal string or an integer, found {kinds.get(type(value), 'neither')}"
        )
    if value < 0:
        raise document.error(field, "negative numbers are not accepted")
    return value
