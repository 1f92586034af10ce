"""Opening a note without naming the wallet: the statement of RLN-v2 ([RLN-V2]), with the public signals of circom-rln.

"I own a leaf of the funding tree and this is one of its tickets": public ``y, root, nf, x, ext``, in that order.

    leaf = P2(P1(a0), limit)      0 <= ticket < limit      a1 = P3(a0, ext, ticket)      y = a0 + a1·x      nf = P1(a1)

The ledger computes x (the message) and ext (the funding tree's) itself.  One use of a ticket shows one point of the
line y = a0 + a1·x and hides a0; a second use with another x shows a second point, and anybody computes a0.  No hash
has a tag: they are RLN's, so that its clients, verifiers and keys fit.
"""

from __future__ import annotations

from zkrelay.errors import CircuitError
from zkrelay.r1cs import Circuit, ConstraintApi, Expr, private, private_array, public

from .merkle import assert_merkle_member
from .poseidon import poseidon
from .range_check import assert_in_range

ARITY = 2


class Open(Circuit):
    """``depth`` of the binary funding tree and ``limit_bits`` (tickets of a leaf: up to 2^limit_bits) are constants.

    Raises:
        CircuitError: depth outside 1..32, or limit_bits outside 1..64.
    """

    y = public()
    root = public()
    nf = public()
    x = public()
    ext = public()

    a0 = private()
    limit = private()
    ticket = private()
    path = private_array(lambda self: (self.depth, ARITY))

    def __init__(self, depth: int = 20, limit_bits: int = 16) -> None:
        if not (1 <= depth <= 32 and 1 <= limit_bits <= 64):
            raise CircuitError(f"open: depth {depth}, limit_bits {limit_bits}: not in 1..32, 1..64")
        self.depth = depth
        self.limit_bits = limit_bits

    def define(self, cs: ConstraintApi) -> None:
        identity = self.o1_identity(cs)
        leaf = self.o2_leaf(cs, identity)
        self.o3_membership(cs, leaf)
        self.o4_ticket(cs)
        slope = self.o5_slope(cs)
        self.o6_share(cs, slope)
        self.o7_nullifier(cs, slope)

    def o1_identity(self, cs: ConstraintApi) -> Expr:
        """O1: identity commitment P1(a0)."""
        with cs.scope("o1"):
            return poseidon(cs, [self.a0])

    def o2_leaf(self, cs: ConstraintApi, identity: Expr) -> Expr:
        """O2: rate commitment P2(identity, limit)."""
        with cs.scope("o2"):
            return poseidon(cs, [identity, self.limit])

    def o3_membership(self, cs: ConstraintApi, leaf: Expr) -> None:
        """O3: it is a leaf under root."""
        with cs.scope("o3"):
            assert_merkle_member(cs, leaf, self.path, self.root)

    def o4_ticket(self, cs: ConstraintApi) -> None:
        """O4: 0 <= ticket < limit.

        With both in [0, 2^limit_bits), limit = ticket + 1 + rest is below 2^(limit_bits + 1): nothing wraps.
        """
        with cs.scope("o4"):
            assert_in_range(cs, self.ticket, self.limit_bits, "ticket")
            assert_in_range(cs, self.limit - self.ticket - 1, self.limit_bits, "rest")

    def o5_slope(self, cs: ConstraintApi) -> Expr:
        """O5: a1 = P3(a0, ext, ticket)."""
        with cs.scope("o5"):
            return poseidon(cs, [self.a0, self.ext, self.ticket])

    def o6_share(self, cs: ConstraintApi, slope: Expr) -> None:
        """O6: y = a0 + a1·x."""
        with cs.scope("o6"):
            cs.assert_product(slope, self.x, self.y - self.a0)

    def o7_nullifier(self, cs: ConstraintApi, slope: Expr) -> None:
        """O7: nf = P1(a1)."""
        with cs.scope("o7"):
            poseidon(cs, [slope], output=self.nf)
