"""Knowledge of a node's secret, bound to whatever the verifier hashes into ``aux``:

    payee = P2(T.node-id, kN)

A node registers its stake and asks for it back with this statement.  Without it anybody who saw a payee could register
it first, with a withdrawal address of their own.
"""

from __future__ import annotations

from zkrelay.algebra.hash_to_field import TAGS
from zkrelay.r1cs import Circuit, ConstraintApi, private, public

from .poseidon import poseidon


class Registration(Circuit):
    """Public: ``payee``, ``aux``.  Private: ``kn``."""

    payee = public()
    aux = public()
    kn = private()

    def define(self, cs: ConstraintApi) -> None:
        with cs.scope("node"):
            poseidon(cs, [cs.constant(TAGS["node-id"]), self.kn], output=self.payee)
        with cs.scope("context"):
            cs.mul(self.aux, self.aux, "bound")
