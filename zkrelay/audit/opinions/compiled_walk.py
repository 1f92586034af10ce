"""The walk of ``enumerate``, compiled by numba: the same steps over flat arrays, a hundred times as fast."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AuditError

if TYPE_CHECKING:
    from .enumerate import Walk

_ENDED, _FOUND, _OVER = 0, 1, 2


def have_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def walk(planned: Walk, num_inputs: int, targets: Sequence[int]) -> tuple[tuple[list[int], list[int]] | None, int]:
    """Two leaves that agree on the wires of the first ``num_inputs`` steps and differ on a target, or None; and how
    many values were tried.

    Raises:
        AuditError: ``planned.max_nodes`` values were tried without an end, or numba is not installed.
    """
    if not have_numba():
        raise AuditError("numba is not installed (pip install 'zkrelay[audit]')")
    rows = [*planned.constant_rows]
    checks = [0, len(rows)]
    solved = []
    for step in planned.steps:
        rows += step.checks
        checks.append(len(rows))
    for step in planned.steps:
        solved.append(-1 if step.solved is None else len(rows))
        rows += [] if step.solved is None else [step.solved]
    ends, wires, coefficients = [0], list[int](), list[int]()
    for row in rows:
        for side in (row.a, row.b, row.c):
            wires += side.keys()
            coefficients += side.values()
            ends.append(len(wires))
    steps = planned.steps
    numbers = (
        [step.wire for step in steps],
        [step.inverse for step in steps],
        solved,
        checks,
        ends,
        wires,
        coefficients,
    )
    first, second = (np.zeros(planned.num_wires, dtype=np.int64) for _ in range(2))
    arrays = [np.array(part, dtype=np.int64) for part in (*numbers, targets)]
    ended, nodes = _compiled()(*arrays, num_inputs, planned.modulus, planned.max_nodes, first, second)
    if ended == _OVER:
        raise AuditError(f"the enumeration is not at its end after {planned.max_nodes:,} values")
    return ((first.tolist(), second.tolist()) if ended == _FOUND else None), int(nodes)


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., Any]:
    import numba

    @numba.njit
    def residue(row, ends, wires, coefficients, z, p):  # type: ignore[no-untyped-def]
        """A·B - C."""
        a = b = c = 0
        for term in range(ends[3 * row], ends[3 * row + 1]):
            a += coefficients[term] * z[wires[term]]
        for term in range(ends[3 * row + 1], ends[3 * row + 2]):
            b += coefficients[term] * z[wires[term]]
        for term in range(ends[3 * row + 2], ends[3 * row + 3]):
            c += coefficients[term] * z[wires[term]]
        return (a % p) * (b % p) - c

    @numba.njit
    def compiled(  # type: ignore[no-untyped-def]
        order, inverses, solved, checks, ends, wires, coefficients, targets, num_inputs, p, max_nodes, first, z
    ):
        z[0] = 1
        nodes = 0
        for row in range(checks[0], checks[1]):
            if residue(row, ends, wires, coefficients, z, p) % p:
                return _ENDED, nodes
        following = np.zeros(len(order) + 1, dtype=np.int64)  # the next value of each step; p: none is left
        have_first = False
        depth = 0
        while depth >= 0:
            if depth == len(order):
                if have_first:
                    for wire in targets:
                        if first[wire] != z[wire]:
                            return _FOUND, nodes
                else:
                    first[:] = z
                    have_first = True
                depth -= 1
                continue
            if following[depth] == p:
                following[depth] = 0
                depth -= 1
                continue
            if depth < num_inputs:
                have_first = False
            if solved[depth] < 0:
                value = following[depth]
                following[depth] += 1
            else:
                value = residue(solved[depth], ends, wires, coefficients, z, p) % p * inverses[depth] % p
                following[depth] = p
            z[order[depth]] = value
            nodes += 1
            if nodes > max_nodes:
                return _OVER, nodes
            held = True
            for row in range(checks[depth + 1], checks[depth + 2]):
                if residue(row, ends, wires, coefficients, z, p) % p:
                    held = False
                    break
            if held:
                depth += 1
        return _ENDED, nodes

    return compiled  # type: ignore[no-any-return]
