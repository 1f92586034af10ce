"""Test values of the protocol, the same on every machine: fixed seeds, everything else through the relay layer.

The seeds are those of the independent implementation behind ``tests/vectors/protocol``: node secret
H2F("demo-node", 1); three sessions with key seeds ``s0, s1, s2``, rho H2F("demo-rho", i), cap 10^9 bytes, expiry 1000,
and receipts over 100,000,000·(i + 1) + 7 bytes.  Nothing here is a secret: everybody knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..algebra.hash_to_field import TAGS, hash_to_field
from ..relay.claim import Claim
from ..relay.context import ClaimContext
from ..relay.domain import MEBIBYTE, Domain
from ..relay.identity import NodeIdentity, SessionKey
from ..relay.merkle import MerkleTree
from ..relay.note import Note
from ..relay.nullifier import note_nullifier
from ..relay.receipt import Receipt

SESSIONS = 3
CAP_BYTES = 10**9
EXPIRY = 1000
EPOCH = 900
PAYOUT_ADDRESS = 0xA11CE
CLAIMED = 1  # neither the first nor the last leaf


@dataclass(frozen=True)
class Sessions:
    """Three sessions of one node in one domain; ``tree`` holds their notes in order."""

    domain: Domain
    node: NodeIdentity
    notes: list[Note]
    receipts: list[Receipt]
    tree: MerkleTree


def sessions(unit: int) -> Sessions:
    """The sessions for a unit of so many bytes (it is part of the domain, hence of every value but the payee)."""
    domain = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, unit=unit)
    node = NodeIdentity(hash_to_field("demo-node", 1))
    tree = MerkleTree(domain.arity, domain.depth)
    notes, receipts = [], []
    for i in range(SESSIONS):
        key = SessionKey.from_seed(b"s%d" % i)
        note = Note(domain.value, node.payee, key.public, hash_to_field("demo-rho", i), CAP_BYTES, EXPIRY)
        tree.append(note.cm)
        notes.append(note)
        receipts.append(Receipt.sign(key, note.cm, 100_000_000 * (i + 1) + 7))
    return Sessions(domain, node, notes, receipts, tree)


def claim_inputs() -> dict[str, Any]:
    """The whole input of the standard claim circuit (a unit of 1 MiB) for one of the sessions."""
    s = sessions(MEBIBYTE)
    claim = Claim.build(
        s.domain,
        s.notes[CLAIMED],
        s.receipts[CLAIMED],
        s.node,
        s.tree.proof(CLAIMED),
        ClaimContext(payout_address=PAYOUT_ADDRESS),
        epoch=EPOCH,
    )
    return claim.to_json_inputs()


def protocol_values() -> dict[str, Any]:
    """The values of the independent implementation that this version computes (a unit of one byte, as there)."""
    s = sessions(1)
    signatures = [receipt.signature for receipt in s.receipts]
    return {
        "domain": str(s.domain.value),
        "payee": str(s.node.payee),
        "root_arity4_depth10": str(s.tree.root),
        "cms": [str(note.cm) for note in s.notes],
        "nullifiers": [str(note_nullifier(note.cm, note.rho)) for note in s.notes],
        "messages": [str(receipt.message) for receipt in s.receipts],
        "sigs": [[str(value) for value in (*signature.r8, signature.s)] for signature in signatures],
        "tags": {name: str(value) for name, value in TAGS.items()},
    }
