"""Multiples of a proving key's points, computed once: for a node that proves the same circuit all day.

A sum Σ z_i·P_i takes a set of buckets for every window of the scalars.  With 2^(stride·j)·P_i, j < factor, beside each
P_i the windows of ``factor`` pieces of a scalar share their buckets, so there are fewer sets of larger ones
(docs/groth16.md, "Precomputed keys").  Points at infinity have no multiples.

Tables are trusted as little as can be: a prover that uses some verifies every proof before it gives it out.  A proof
from wrong tables would not only be false: it would tell what they were made to tell of the assignment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..curves import CURVES
from ..errors import InvalidTables, MalformedInput
from ..kernel import MAX_FACTOR, Buffer, Groth16Tables, current
from .keys import ProvingKey

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

QUERIES = ("a", "b_g1", "b_g2", "l", "h")
_CHUNK_POINTS = 1 << 13
_DIGEST_DOMAIN = b"zkrelay/key-points/1"


@dataclass(frozen=True)
class Tables:
    """``factor`` - 1 multiples of each finite point of a key's queries, one point after another.

    ``key_digest`` is ``key_digest(pk)`` of the key that they are for; ``owner`` keeps whatever backs the views alive.
    """

    curve: str
    factor: int
    key_digest: str
    a_multiples: Buffer = field(repr=False)
    b_g1_multiples: Buffer = field(repr=False)
    b_g2_multiples: Buffer = field(repr=False)
    l_multiples: Buffer = field(repr=False)
    h_multiples: Buffer = field(repr=False)
    owner: object = field(default=None, repr=False, compare=False)

    @property
    def num_bytes(self) -> int:
        return sum(len(self.of(query)) for query in QUERIES)

    @cached_property
    def kernel_tables(self) -> Groth16Tables:
        return Groth16Tables(self.factor, *map(self.of, QUERIES))

    def of(self, query: str) -> Buffer:
        """The multiples of one of ``QUERIES``."""
        multiples: Buffer = getattr(self, f"{query}_multiples")
        return multiples

    def check(self, pk: ProvingKey, *, check_points: bool = False, threads: int = 1) -> None:
        """Whether these are tables for ``pk``: curve, digest of its points, sizes.

        Args:
            check_points: also compute every multiple again and compare; costs what ``precompute`` does.
            threads: for ``check_points``; the result never depends on it.

        Raises:
            InvalidTables: they are not; the message names the reason.
        """
        if self.curve != pk.verifying_key.curve:
            raise InvalidTables(f"multiples over {self.curve}, and a key over {pk.verifying_key.curve}")
        if not 2 <= self.factor <= MAX_FACTOR:
            raise InvalidTables(f"a factor of {self.factor} is outside the limits (2 to {MAX_FACTOR})")
        if self.key_digest != key_digest(pk):
            raise InvalidTables("the multiples of another key's points: precompute them again for this key")
        for query, point_bytes in _point_bytes(self.curve).items():
            expected = int(_finite(pk, query).sum()) * (self.factor - 1) * point_bytes
            if len(self.of(query)) != expected:
                raise InvalidTables(f"{query}: {len(self.of(query))} bytes, this key and factor ask for {expected}")
        if check_points:
            for query in QUERIES:
                view, at = memoryview(self.of(query)), 0
                for chunk in _multiples(pk, query, self.factor, threads):
                    if view[at : at + len(chunk)] != chunk:
                        raise InvalidTables(f"{query}: a multiple is wrong: precompute them again")
                    at += len(chunk)


def precompute(
    pk: ProvingKey, factor: int, *, threads: int = 1, progress: Callable[[str, int, int], None] | None = None
) -> Tables:
    """All multiples of a key's points.  Memory: the tables, ``tables_bytes(pk, factor)``, and a little.

    Args:
        pk: a key whose points were checked when it was loaded.
        factor: 2 to ``MAX_FACTOR``: how many pieces scalars are cut into.
        threads: the result does not depend on it.
        progress: called with (query, points done, points in all).

    Raises:
        MalformedInput: the factor is outside its limits.
    """
    _check_factor(factor)
    total, done = sum(int(_finite(pk, query).sum()) for query in QUERIES), 0
    tables: dict[str, Buffer] = {}
    for query in QUERIES:
        out = bytearray()
        row_bytes = (factor - 1) * _point_bytes(pk.verifying_key.curve)[query]
        for chunk in _multiples(pk, query, factor, threads):
            out += chunk
            done += len(chunk) // row_bytes
            if progress is not None:
                progress(query, done, total)
        tables[f"{query}_multiples"] = out
    return Tables(pk.verifying_key.curve, factor, key_digest(pk), **tables)


def tables_bytes(pk: ProvingKey, factor: int) -> int:
    """The size of tables before they are made; raises ``MalformedInput`` for a factor outside its limits."""
    _check_factor(factor)
    sizes = _point_bytes(pk.verifying_key.curve).items()
    return (factor - 1) * sum(int(_finite(pk, query).sum()) * point_bytes for query, point_bytes in sizes)


def best_factor(pk: ProvingKey, max_bytes: int) -> int:
    """The factor with the least estimated work whose tables take at most ``max_bytes``; the smaller one of two alike.

    A larger factor is not always a better one: pieces of 13 bits are one window of 13, pieces of 16 two of 8.

    Raises:
        MalformedInput: even a factor of 2 takes more.
    """
    smallest = tables_bytes(pk, 2)
    if smallest > max_bytes:
        raise MalformedInput(f"a factor of 2 takes {smallest} bytes already, more than {max_bytes}")
    largest = min(MAX_FACTOR, max_bytes // max(smallest, 1) + 1)
    counts = [int(_finite(pk, query).sum()) for query in QUERIES]
    scalar_bits = CURVES[pk.verifying_key.curve].fr.num_bits
    return min(range(2, largest + 1), key=lambda factor: sum(_work(n, factor, scalar_bits) for n in counts))


def _work(num_points: int, factor: int, scalar_bits: int) -> int:
    """Products in the base field for one sum, as ``native/templates/msm.h`` estimates them when it chooses a window."""
    stride = -(-((scalar_bits + 1) // 2 + 1) // factor)
    return min(-(-stride // c) * (12 * factor * num_points + (31 << (c - 1))) for c in range(3, 17))


def key_digest(pk: ProvingKey) -> str:
    """SHA-256 (hex) of a domain string, the curve's name, the number of bytes (u64) of each query, and the queries."""
    queries = [getattr(pk, f"{query}_query") for query in QUERIES]
    digest = hashlib.sha256(_DIGEST_DOMAIN + pk.verifying_key.curve.encode())
    for query in queries:
        digest.update(len(query).to_bytes(8, "little"))
    for query in queries:
        digest.update(query)
    return digest.hexdigest()


def _check_factor(factor: int) -> None:
    if not 2 <= factor <= MAX_FACTOR:
        raise MalformedInput(f"a factor of {factor} is outside the limits (2 to {MAX_FACTOR})")


def _point_bytes(curve: str) -> dict[str, int]:
    shape = CURVES[curve]
    return {query: shape.g2_bytes if query == "b_g2" else shape.g1_bytes for query in QUERIES}


def _points(pk: ProvingKey, query: str) -> npt.NDArray[np.uint8]:
    """A row of bytes for each point of a query."""
    import numpy as np

    size = _point_bytes(pk.verifying_key.curve)[query]
    return np.frombuffer(getattr(pk, f"{query}_query"), dtype=np.uint8).reshape(-1, size)


def _finite(pk: ProvingKey, query: str) -> npt.NDArray[np.bool_]:
    """Which points of a query are not infinity."""
    import numpy as np

    return np.asarray(_points(pk, query).any(axis=1), dtype=np.bool_)


def _multiples(pk: ProvingKey, query: str, factor: int, threads: int) -> Iterator[bytes]:
    """The multiples of a query's finite points, some points at a time."""
    kernel, curve = current(), pk.verifying_key.curve
    multiples = kernel.g2_multiples if query == "b_g2" else kernel.g1_multiples
    finite = _points(pk, query)[_finite(pk, query)]
    for start in range(0, len(finite), _CHUNK_POINTS):
        yield multiples(curve, finite[start : start + _CHUNK_POINTS].tobytes(), factor, threads=threads)
