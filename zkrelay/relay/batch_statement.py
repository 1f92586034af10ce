"""The public side of a batch: one payee's claims of one epoch, the money they add up to, and their nullifiers.

    v = domain, root, epoch, venue, payee, total, count, aux, nf_1 .. nf_N        used slots first, 0 in the others

The proof is about three numbers made of it, (h, alpha, e) of ``zkrelay.algebra.compression``.  A ledger is given v and
h, computes alpha and e from them, and takes h as it is: a proof for another h, or for another v, is false.  h alone is
binding (P16 is collision resistant) and hiding (nullifiers have 254 bits of entropy), so it is also what a node
records to *commit now, prove later*.

The circuit does not compare the slots with each other.  That no note stands in two of them is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..algebra.compression import MAX_SLOTS, chain, challenge, evaluate
from ..errors import DuplicateNullifier, InvalidBatch, MalformedInput
from .domain import EPOCH_BITS
from .numbers import check_element, check_range, parse_decimal
from .statement import AMOUNT_BITS, VENUE_BITS

BATCH_NAMES = ("domain", "root", "epoch", "venue", "payee", "total", "count", "aux")
_ELEMENTS = ("domain", "root", "payee", "aux")


@dataclass(frozen=True)
class BatchStatement:
    """What a batch's proof shows to everyone.  ``total`` is in units; ``nullifiers`` has one entry for each of N slots.

    ``h`` is the prover's: nothing here compares it with v.  ``sealed`` computes it.

    Raises (on construction):
        NonCanonicalNumber: an element of v, or h, is not in [0, r): x + r is never taken for x.
        MalformedInput: epoch, venue or the number of slots is out of range.
        InvalidBatch: count is no number of slots; total is no sum of so many amounts; a used slot holds 0 or an unused
            one does not.
        DuplicateNullifier: two used slots hold the same note.
    """

    domain: int
    root: int
    epoch: int
    venue: int
    payee: int
    total: int
    count: int
    aux: int
    nullifiers: tuple[int, ...]
    h: int

    def __post_init__(self) -> None:
        for name in _ELEMENTS:
            check_element(name, getattr(self, name))
        check_range("epoch", self.epoch, 0, 1 << EPOCH_BITS)
        check_range("venue", self.venue, 0, 1 << VENUE_BITS)
        if not isinstance(self.nullifiers, tuple) or not 1 <= len(self.nullifiers) <= MAX_SLOTS:
            raise MalformedInput(f"a batch has 1 to {MAX_SLOTS} slots, as a tuple of nullifiers")
        for index, nf in enumerate(self.nullifiers):
            check_element(f"nullifier of slot {index}", nf)
        _check_totals(self.total, self.count, len(self.nullifiers))
        _check_slots(self.nullifiers, self.count)
        check_element("h", self.h)

    @classmethod
    def sealed(cls, *, nullifiers: Sequence[int], num_slots: int, **parts: int) -> BatchStatement:
        """The statement with its h, for the prover: ``nullifiers`` of the used slots, padded to ``num_slots``.

        Raises as the class, and ``InvalidBatch`` for more nullifiers than slots.
        """
        if len(nullifiers) > num_slots:
            raise InvalidBatch(f"{len(nullifiers)} claims do not fit {num_slots} slots")
        padded = (*nullifiers, *[0] * (num_slots - len(nullifiers)))
        unsealed = cls(nullifiers=padded, count=len(nullifiers), h=0, **parts)
        return cls.from_vector(unsealed.vector, chain(num_slots, unsealed.vector))

    @classmethod
    def from_vector(cls, vector: Sequence[int], h: int) -> BatchStatement:
        """Inverse of ``vector``; raises ``MalformedInput`` when it holds no slot, and as the class."""
        head, slots = vector[: len(BATCH_NAMES)], vector[len(BATCH_NAMES) :]
        if not slots:
            raise MalformedInput(f"the vector of a batch has {len(BATCH_NAMES)} values and at least one slot")
        return cls(nullifiers=tuple(slots), h=h, **dict(zip(BATCH_NAMES, head, strict=True)))

    @property
    def num_slots(self) -> int:
        """N, the size of the circuit that proves it."""
        return len(self.nullifiers)

    @property
    def spent(self) -> tuple[int, ...]:
        """The nullifiers of the used slots: what a ledger inserts, all or none."""
        return self.nullifiers[: self.count]

    @property
    def vector(self) -> list[int]:
        """v, in its fixed order."""
        return [*(getattr(self, name) for name in BATCH_NAMES), *self.nullifiers]

    @property
    def public_inputs(self) -> list[int]:
        """(h, alpha, e), what the verifier takes: alpha and e from v and the given h."""
        vector = self.vector
        alpha = challenge(self.h, vector)
        return [self.h, alpha, evaluate(vector, alpha)]

    def to_dict(self) -> dict[str, Any]:
        """Decimal strings by name, for JSON; nothing in it is secret."""
        numbers = {name: str(getattr(self, name)) for name in (*BATCH_NAMES, "h")}
        return {**numbers, "nullifiers": [str(nf) for nf in self.nullifiers]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BatchStatement:
        """Inverse of ``to_dict``; raises ``MalformedInput`` for anything else, and as the class."""
        names = {*BATCH_NAMES, "h", "nullifiers"}
        if set(data) != names:
            raise MalformedInput(f"a batch has exactly the fields {', '.join(sorted(names))}")
        if not isinstance(data["nullifiers"], list) or len(data["nullifiers"]) > MAX_SLOTS:
            raise MalformedInput(f"nullifiers of a batch must be a list of at most {MAX_SLOTS}")
        slots = tuple(parse_decimal(f"nullifier of slot {i}", nf) for i, nf in enumerate(data["nullifiers"]))
        return cls(nullifiers=slots, **{name: parse_decimal(name, data[name]) for name in names - {"nullifiers"}})


def _check_totals(total: int, count: int, num_slots: int) -> None:
    """1 <= count <= N and count <= total < count·2^64: each amount is at least 1 and below 2^64."""
    for name, value in (("count", count), ("total", total)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedInput(f"{name} must be an integer")
    if not 1 <= count <= num_slots:
        raise InvalidBatch(f"count must be in [1, {num_slots}], the number of slots")
    if not count <= total < count << AMOUNT_BITS:
        raise InvalidBatch(f"total must be in [{count}, {count}*2^{AMOUNT_BITS}): it is a sum of {count} amounts")


def _check_slots(nullifiers: Sequence[int], count: int) -> None:
    """Used slots hold nullifiers, all different; unused ones hold 0."""
    seen: dict[int, int] = {}
    for index, nf in enumerate(nullifiers[:count]):
        if nf == 0:
            raise InvalidBatch(f"slot {index} is used and holds no nullifier")
        if nf in seen:
            raise DuplicateNullifier(f"slots {seen[nf]} and {index} hold the same note")
        seen[nf] = index
    for index, nf in enumerate(nullifiers[count:], start=count):
        if nf != 0:
            raise InvalidBatch(f"slot {index} is not used and holds a nullifier")
