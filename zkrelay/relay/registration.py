"""What a node proves about its secret besides claims: whose stake it is.

The circuit ``registration`` shows knowledge of kN behind payee and is bound to a context that the ledger recomputes:

    register  aux = H2F("stake-in", domain, payee, address, amount)
    leave     aux = H2F("stake-out", domain, payee, epoch of the stake, venue)
"""

from __future__ import annotations

from ..algebra.hash_to_field import hash_to_field
from ..groth16 import Proof, Prover
from .domain import SINGLE_STORE_VENUE, Domain
from .identity import NodeIdentity
from .proving import prove_statement

REGISTRATION_PUBLIC_NAMES = ("payee", "aux")


def register_context(domain: Domain, payee: int, address: int, amount: int) -> int:
    """A proof for one address and amount is worth nothing for another, here or elsewhere."""
    return hash_to_field("stake-in", domain.value, payee, address, amount)


def leave_context(domain: Domain, payee: int, epoch: int, venue: int = SINGLE_STORE_VENUE) -> int:
    """A proof of having left once says nothing about the next stake, which came in another epoch, nor about another
    venue's.
    """
    return hash_to_field("stake-out", domain.value, payee, epoch, venue)


def prove_registration(node: NodeIdentity, context: int, prover: Prover, *, threads: int = 1) -> Proof:
    """A proof of the node's secret for a context above, verified before it is returned; errors as ``prove_claim``."""
    inputs = {"payee": node.payee, "aux": context, "kn": node.kn}
    return prove_statement([node.payee, context], inputs, prover, threads=threads)
