"""An honest session for the adversary to start from: a domain, two clients, a node, notes in a tree, receipts."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt

MIB = 1 << 20
CAP = 500 * MIB
SIGNED_BYTES = 123 * MIB + 4567
AMOUNT = 100
EPOCH = 900
EXPIRY = 1000
CONTEXT = ClaimContext(payout_address=0xA11CE, relayer=0xCA44, relayer_fee=3)


@dataclass
class World:
    """``inputs()`` is a fresh copy of the honest claim's whole input, to be tampered with."""

    domain: Domain = field(default_factory=lambda: Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1))
    node: NodeIdentity = field(default_factory=lambda: NodeIdentity(20261121))
    client: SessionKey = field(default_factory=lambda: SessionKey.from_seed(b"honest client"))
    mallory: SessionKey = field(default_factory=lambda: SessionKey.from_seed(b"mallory"))
    tree: MerkleTree = field(default_factory=MerkleTree)

    def __post_init__(self) -> None:
        self.note = self.make_note(self.client, rho=77)
        self.other_note = self.make_note(self.client, rho=78)
        for leaf in (11, 12, 13, 14, 15, self.note.cm, self.other_note.cm, 16):
            self.tree.append(leaf)
        self.receipt = Receipt.sign(self.client, self.note.cm, SIGNED_BYTES, ctx=5)
        self.claim = self.make_claim()

    def make_note(
        self, key: SessionKey, rho: int, cap: int = CAP, expiry: int = EXPIRY, payee: int | None = None
    ) -> Note:
        return Note(self.domain.value, self.node.payee if payee is None else payee, key.public, rho, cap, expiry)

    def make_claim(self, **changes: Any) -> Claim:
        """The honest claim with other parts: note, receipt, node, proof, context, epoch, amount."""
        arguments: dict[str, Any] = {
            "note": self.note,
            "receipt": self.receipt,
            "node": self.node,
            "proof": self.tree.proof(5),
            "context": CONTEXT,
            "epoch": EPOCH,
            "amount": AMOUNT,
            **changes,
        }
        return Claim.build(self.domain, **arguments)

    def inputs(self, **changes: Any) -> dict[str, Any]:
        return {**copy.deepcopy(self.claim.inputs), **changes}
