"""The tutorial: a commitment opened under a limit.

    commitment = P2(usage, salt)   and   usage <= limit,   usage and limit below 2^64

It shows how circuits are written and *nothing about payment*: the prover picks ``usage`` alone, and an upper bound
does not show that work was done.  A payable claim needs a counterparty's signature over the volume and a funded note
behind it; see ``claim``.
"""

from __future__ import annotations

from zkrelay.r1cs import Circuit, ConstraintApi, private, public

from .compare import assert_less_equal
from .poseidon import poseidon
from .range_check import assert_in_range

USAGE_BITS = 64


class UsageLimit(Circuit):
    """Public: ``commitment``, ``limit``.  Private: ``usage``, ``salt``."""

    commitment = public()
    limit = public()
    usage = private()
    salt = private()

    def define(self, cs: ConstraintApi) -> None:
        assert_in_range(cs, self.usage, USAGE_BITS, "usage")
        assert_in_range(cs, self.limit, USAGE_BITS, "limit")
        assert_less_equal(cs, self.usage, self.limit, USAGE_BITS)
        poseidon(cs, [self.usage, self.salt], output=self.commitment)
