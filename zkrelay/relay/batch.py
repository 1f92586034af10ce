"""A batch: claims of one payee, epoch and root, put together for one proof and one payment.

Only their total shows, not the single amounts; the price of one proof is shared by all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..circuits.batch import SCALARS
from ..circuits.merkle import opening_counts
from ..errors import InvalidBatch
from .batch_statement import BatchStatement
from .claim import Claim
from .numbers import decimal_inputs
from .statement import SharedClaimStatement

_T = TypeVar("_T")
SHARED = ("domain", "root", "epoch", "venue", "payee", "aux")  # what all claims of a batch agree in


@dataclass(frozen=True)
class Batch:
    """``statement`` is for everyone; ``inputs`` holds secrets of node and sessions and is left out of the repr."""

    statement: BatchStatement
    inputs: dict[str, Any] = field(repr=False)

    @classmethod
    def build(cls, claims: Sequence[Claim], num_slots: int = 64) -> Batch:
        """The batch of ``claims``, from ``Claim.build``, for a circuit of ``num_slots`` slots.

        Slots that no claim fills repeat the first one; the circuit does not count them.

        Raises:
            InvalidBatch: no claim or too many, two that differ in domain, root, epoch, venue, payee or context, or one
                that shows a share, which no batch circuit states.
            DuplicateNullifier: two claims of one note.
        """
        if not 1 <= len(claims) <= num_slots:
            raise InvalidBatch(f"{len(claims)} claims do not fit {num_slots} slots: at least 1, at most all")
        first = claims[0].statement
        for index, claim in enumerate(claims):
            if isinstance(claim.statement, SharedClaimStatement):
                raise InvalidBatch(f"claim {index} shows a share of the node's secret, which a batch would leave out")
            for name in SHARED:
                if getattr(claim.statement, name) != getattr(first, name):
                    raise InvalidBatch(f"claim {index} has another {name} than the first: it needs a batch of its own")
        statement = BatchStatement.sealed(
            nullifiers=[claim.statement.nf for claim in claims],
            num_slots=num_slots,
            total=sum(claim.statement.amount for claim in claims),
            **{name: getattr(first, name) for name in SHARED},
        )
        return cls(statement, _circuit_inputs(statement, claims))

    def to_json_inputs(self) -> dict[str, Any]:
        """``inputs`` with decimal strings in place of numbers, as input files have them.  Secret: mode 0600."""
        return decimal_inputs(self.inputs)


def cut_into_batches(claims: Sequence[Claim], num_slots: int = 64) -> list[Batch]:
    """``claims`` in batches of at most ``num_slots``, in order: those that agree in all that a batch shares.

    Raises ``DuplicateNullifier`` for two claims of one note that meet in a batch.
    """
    return [Batch.build(group, num_slots) for group in cut(claims, shared_of, num_slots)]


def cut(items: Iterable[_T], key: Callable[[_T], Hashable], size: int) -> Iterator[list[_T]]:
    """``items`` of one key, at most ``size`` at a time, in order."""
    groups: dict[Hashable, list[_T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    for group in groups.values():
        for first in range(0, len(group), size):
            yield group[first : first + size]


def shared_of(claim: Claim) -> tuple[int, ...]:
    """What a claim's batch must agree in with it."""
    return tuple(getattr(claim.statement, name) for name in SHARED)


def _circuit_inputs(statement: BatchStatement, claims: Sequence[Claim]) -> dict[str, Any]:
    """By the names of ``zkrelay.circuits.batch``."""
    num_slots, count = statement.num_slots, statement.count
    filled = [*claims, *[claims[0]] * (num_slots - count)]
    per_slot = {
        "used": [1] * count + [0] * (num_slots - count),
        "amount": [claim.statement.amount for claim in filled],
        **{name: [claim.inputs[name] for claim in filled] for name in SCALARS if name not in ("used", "amount")},
    }
    top, paths = _shared_path([claim.inputs["path"] for claim in filled])
    h, alpha, e = statement.public_inputs
    return {
        "h": h,
        "alpha": alpha,
        "e": e,
        **{name: getattr(statement, name) for name in ("domain", "root", "epoch", "venue", "aux")},
        "kn": claims[0].inputs["kn"],
        **per_slot,
        "path": paths,
        "top": top,
    }


def _shared_path(paths: Sequence[list[list[int]]]) -> tuple[list[list[int]], list[list[list[int]]]]:
    """The openings that all paths under one root share, from the root down, and what remains of each path.

    The tree has at most arity^i nodes at level i, and paths under one root meet in them, so the openings suffice.
    """
    depth, arity = len(paths[0]), len(paths[0][0])
    counts = opening_counts(len(paths), arity, depth)
    top: list[list[int]] = []
    for level, count in enumerate(counts, start=1):
        different = list({tuple(path[depth - level]): path[depth - level] for path in paths}.values())
        top += different + [different[0]] * (count - len(different))
    return top, [path[: depth - len(counts)] for path in paths]
