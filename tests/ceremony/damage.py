"""Changing one field of a transcript, by the plain layout of docs/formats.md and without the code under test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zkrelay.curves import CURVES

from ..formats.samples import replaced

KEY_CONTRIBUTIONS, POWERS_CONTRIBUTIONS = 10, 7


def entries(payload: bytes, curve: str, *, powers: bool) -> tuple[bytes, list[bytes]]:
    """What stands before the first contribution (less the count), and each contribution."""
    g1, g2 = CURVES[curve].g1_bytes, CURVES[curve].g2_bytes
    fixed = (9 * g1 + 5 * g2 + 216 + 64) if powers else (3 * g1 + g2 + 64)
    head = 0 if powers else 64
    count, position, found = int.from_bytes(payload[head : head + 4], "little"), head + 4, []
    for _ in range(count):
        length = int.from_bytes(payload[position + fixed + 4 : position + fixed + 8], "little")
        found.append(payload[position : position + fixed + 8 + length])
        position += fixed + 8 + length
    assert position == len(payload)
    return payload[:head], found


def packed(head: bytes, records: list[bytes]) -> bytes:
    return head + len(records).to_bytes(4, "little") + b"".join(records)


def with_entries(data: bytes, curve: str, change: Callable[[list[bytes]], list[bytes]], *, powers: bool) -> bytes:
    """The file with its list of contributions changed."""

    def apply(payload: bytes) -> bytes:
        head, records = entries(payload, curve, powers=powers)
        return packed(head, change(records))

    return replaced(data, POWERS_CONTRIBUTIONS if powers else KEY_CONTRIBUTIONS, apply)


@dataclass(frozen=True)
class Field:
    """A part of a contribution; ``group`` is 1 or 2 for a point, 0 for anything else."""

    start: int
    size: int
    group: int


def fields(curve: str, *, powers: bool) -> Mapping[str, Field]:
    g1, g2 = CURVES[curve].g1_bytes, CURVES[curve].g2_bytes
    sizes = (
        [("tau G1", g1, 1), ("tau G2", g2, 2), ("alpha G1", g1, 1), ("beta G1", g1, 1), ("beta G2", g2, 2)]
        + [(f"{x} {part}", g1, 1) for x in ("tau", "alpha", "beta") for part in ("s", "sx")]
        + [(f"{x} spx", g2, 2) for x in ("tau", "alpha", "beta")]
        + [("partial hash", 216, 0), ("next challenge", 64, 0)]
        if powers
        else [("delta", g1, 1), ("s", g1, 1), ("sx", g1, 1), ("spx", g2, 2), ("transcript", 64, 0)]
    )
    found, position = {}, 0
    for name, size, group in sizes:
        found[name] = Field(position, size, group)
        position += size
    return found


def overwritten(record: bytes, field: Field, value: bytes) -> bytes:
    assert len(value) == field.size
    return record[: field.start] + value + record[field.start + field.size :]
