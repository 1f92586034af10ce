"""Small constraint systems written out by hand, as the auditor reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zkrelay.algebra.encoding import pack_field
from zkrelay.audit.system import System, system_of
from zkrelay.curves import PrimeField, bn254
from zkrelay.kernel.interface import Matrix
from zkrelay.r1cs import R1CS, Debug

Side = Mapping[str, int]
P = bn254.FR.modulus


def r1cs_of(
    rows: Sequence[tuple[Side, Side, Side]],
    *,
    outputs: Sequence[str] = (),
    public: Sequence[str] = (),
    private: Sequence[str] = (),
    internal: Sequence[str] = (),
    field: PrimeField = bn254.FR,
    lines: Sequence[str] = (),
) -> R1CS:
    """Rows A·B = C whose sides are {name: coefficient}, ``"1"`` for the constant; others are internal."""
    names = ["one", *outputs, *public, *private, *internal]
    for row in rows:
        for side in row:
            names += [name for name in side if name != "1" and name not in names]
    wires = {name: wire for wire, name in enumerate(names)}
    wires["1"] = 0
    table: dict[int, int] = {}

    def matrix(position: int) -> Matrix:
        offsets, columns, ids = [0], [], []
        for row in rows:
            terms = sorted((wires[name], k % field.modulus) for name, k in row[position].items() if k % field.modulus)
            columns += [wire for wire, _ in terms]
            ids += [table.setdefault(k, len(table)) for _, k in terms]
            offsets.append(len(columns))
        return Matrix(
            np.array(offsets, dtype=np.uint64), np.array(columns, dtype=np.uint32), np.array(ids, dtype=np.uint32)
        )

    a, b, c = (matrix(position) for position in range(3))
    return R1CS(
        field=field,
        num_variables=len(names),
        num_public=len(outputs) + len(public),
        num_private_inputs=len(private),
        a=a,
        b=b,
        c=c,
        coefficients=pack_field(field, list(table)),
        num_outputs=len(outputs),
        debug=Debug(tuple(names), tuple(lines), tuple(range(len(lines)))),
    )


def system_from(rows: Sequence[tuple[Side, Side, Side]], **roles: object) -> System:
    return system_of(r1cs_of(rows, **roles))  # type: ignore[arg-type]


ONE: Side = {"1": 1}
NONE: Side = {}


def boolean(name: str) -> tuple[Side, Side, Side]:
    return {name: 1}, {name: 1, "1": -1}, NONE


def equal(left: Side, right: Side) -> tuple[Side, Side, Side]:
    """A linear row left = right, as 1·(left - right) = 0."""
    merged = dict(left)
    for name, k in right.items():
        merged[name] = merged.get(name, 0) - k
    return ONE, merged, NONE


def bits(value: Side, count: int, prefix: str = "bit") -> list[tuple[Side, Side, Side]]:
    """Num2Bits as circom states it: booleans, and their sum is the value."""
    names = [f"{prefix}[{i}]" for i in range(count)]
    return [*map(boolean, names), equal({name: 1 << i for i, name in enumerate(names)}, value)]
