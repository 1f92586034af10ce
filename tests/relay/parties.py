"""One honest session from deposit to claim, for tests to bend."""

from __future__ import annotations

from dataclasses import dataclass

from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import Domain
from zkrelay.relay.funding import FundingDomain
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt

DOMAIN = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, unit=1000, price_per_unit=3, arity=4, depth=3)
FUNDING = FundingDomain(31337, 0xC0FFEE, funding_tree_no=1, ticket_bytes=10_000, fee_bytes=1_500, depth=3)
CAP = 1_000_000
EXPIRY = 1000
CONTEXT = ClaimContext(payout_address=0xABCDEF, relayer=0x1234, relayer_fee=5)


@dataclass(frozen=True)
class Session:
    """Client key, node, their note, the best receipt, and a tree that holds the note among others."""

    key: SessionKey
    node: NodeIdentity
    note: Note
    receipt: Receipt
    tree: MerkleTree
    position: int

    def claim(self, **changes: object) -> Claim:
        """The honest claim, or one with changed arguments of ``Claim.build``."""
        arguments: dict[str, object] = {
            "domain": DOMAIN,
            "note": self.note,
            "receipt": self.receipt,
            "node": self.node,
            "proof": self.tree.proof(self.position),
            "context": CONTEXT,
            "epoch": 900,
            **changes,
        }
        return Claim.build(**arguments)  # type: ignore[arg-type]


def make_session(
    num_bytes: int = 123_456,
    cap: int = CAP,
    expiry: int = EXPIRY,
    domain: Domain = DOMAIN,
    key: SessionKey | None = None,
) -> Session:
    key = key or SessionKey.from_seed(b"a client")
    node = NodeIdentity(0x5EC2E7)
    note = Note(domain.value, node.payee, key.public, rho=77777, cap=cap, expiry=expiry)
    tree = MerkleTree(domain.arity, domain.depth)
    tree.extend([1001, 1002, 1003, 1004, 1005])
    position = tree.append(note.cm)
    tree.append(1006)
    return Session(key, node, note, Receipt.sign(key, note.cm, num_bytes), tree, position)
