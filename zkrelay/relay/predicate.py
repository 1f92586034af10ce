"""What the claim circuit proves, checked on plain integers: each way to fail has its own error.

The rows are those of ``docs/protocol.md``.  The prover runs this before the circuit, because "constraint 4711 is not
satisfied" tells a node operator nothing; tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..algebra.eddsa import Signature, verify
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon
from ..errors import InvalidClaim, InvalidReceipt, MalformedInput
from .domain import CAP_BITS, EPOCH_BITS, SINGLE_VENUE, Domain
from .merkle import MerkleProof
from .note import note_commitment, note_inner
from .nullifier import claim_commitment, note_nullifier
from .numbers import check_element, check_range
from .receipt import receipt_message
from .share import claim_slope, claim_x, share_y
from .statement import EPOCH_SHIFT, VENUE_BITS, VENUE_SHIFT, statement_type

PRIVATE_NAMES = (
    *("epoch", "venue", "ax", "ay", "r8x", "r8y", "s", "bytes", "ctx", "rho", "cap", "expiry", "path"),
    *("blind", "kn"),
)


def check_claim_inputs(inputs: Mapping[str, Any], domain: Domain) -> None:
    """Return when ``inputs`` (public and private, by the circuit's names) satisfy C1 to C12, and X1 in a domain with
    several venues, for ``domain``'s constants.

    Raises:
        MalformedInput: an input is missing, unknown or of the wrong shape, or a number is out of its range.
        NonCanonicalNumber: a number is no field element.
        InvalidClaim: payee, tree, nullifier, commitment, amount, epoch or share does not hold.
        InvalidReceipt: the bytes are above the cap.
        InvalidPoint, InvalidSignature: as ``eddsa.verify``.
    """
    _check_shape(inputs, domain)
    v = inputs
    if v["domain"] != domain.value:
        raise InvalidClaim("the claim names another domain")
    if v["payee"] != poseidon([T.node_id, v["kn"]]):  # C12
        raise InvalidClaim("the node's secret does not belong to the payee: only the node itself can claim")
    _check_ranges(v, domain)  # C7, C8
    public_key = (v["ax"], v["ay"])
    cm = note_commitment(v["domain"], note_inner(public_key, v["payee"], v["rho"]), v["cap"], v["expiry"])  # C1, C2
    path = tuple(tuple(children) for children in v["path"])
    if MerkleProof(cm, path).root != v["root"]:  # C3
        raise InvalidClaim("the Merkle path does not lead to the root")
    message = receipt_message(cm, v["bytes"], v["ctx"])  # C5
    verify(public_key, message, Signature((v["r8x"], v["r8y"]), v["s"]))  # C4, C6
    if v["nf"] != note_nullifier(cm, v["rho"]):  # C9
        raise InvalidClaim("nf is not the nullifier of this note")
    if v["cc"] != claim_commitment(cm, v["bytes"], v["blind"]):  # C10
        raise InvalidClaim("cc does not commit to this note and these bytes")
    if domain.mode != SINGLE_VENUE:
        _check_share(v)  # X1


def input_names(domain: Domain) -> set[str]:
    """Of all inputs, public and private, of a claim in ``domain``."""
    names = {*statement_type(domain).names, *PRIVATE_NAMES}
    return names if domain.mode == SINGLE_VENUE else names | {"blind_x"}


def _check_shape(inputs: Mapping[str, Any], domain: Domain) -> None:
    names = input_names(domain)
    if set(inputs) != names:
        raise MalformedInput(f"inputs missing or unknown: {', '.join(sorted(set(inputs) ^ names))}")
    for name in names - {"path"}:
        check_element(name, inputs[name])
    path = inputs["path"]
    levels = path if isinstance(path, list) else []
    if len(levels) != domain.depth or any(not isinstance(c, list) or len(c) != domain.arity for c in levels):
        raise MalformedInput(f"path must be {domain.depth} levels of {domain.arity} children")
    for children in path:
        for child in children:
            check_element("child of the path", child)


def _check_ranges(v: Mapping[str, Any], domain: Domain) -> None:
    """C7 and C8 over the integers: 1 <= amount, amount*U <= bytes <= cap, epoch <= expiry, and all widths."""
    check_range("cap", v["cap"], 0, 1 << CAP_BITS)
    check_range("expiry", v["expiry"], 0, 1 << EPOCH_BITS)
    check_range("epoch", v["epoch"], 0, 1 << EPOCH_BITS)
    check_range("venue", v["venue"], 0, 1 << VENUE_BITS)
    amount = _amount(v)
    check_range("amount", amount, 1, domain.max_amount + 1)
    if v["bytes"] > v["cap"]:
        raise InvalidReceipt("the receipt's bytes are above the note's cap")
    if amount * domain.unit > v["bytes"]:
        raise InvalidClaim(f"{amount} units of {domain.unit} bytes are more than the receipt's bytes")
    if v["epoch"] > v["expiry"]:
        raise InvalidClaim(f"epoch {v['epoch']} is after the note's expiry {v['expiry']}")


def _check_share(v: Mapping[str, Any]) -> None:
    if v["x"] != claim_x(v["nf"], _amount(v), v["venue"], v["blind_x"]):
        raise InvalidClaim("x is not the hash of nullifier, amount and venue")
    if v["y"] != share_y(v["kn"], claim_slope(v["kn"], v["nf"]), v["x"]):
        raise InvalidClaim("y is not on the line that hides the node's secret")


def _amount(v: Mapping[str, Any]) -> int:
    return int(v["meta"] - (v["epoch"] << EPOCH_SHIFT) - (v["venue"] << VENUE_SHIFT))
