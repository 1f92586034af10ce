"""Claims: the input dictionary, and a specific error for each way in which a claim can be false."""

from __future__ import annotations

import copy
import dataclasses
import json

import pytest
from curve_points import small_order_point

from zkrelay.algebra.eddsa import ORDER
from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.curves import bn254
from zkrelay.errors import (
    InvalidClaim,
    InvalidPoint,
    InvalidReceipt,
    InvalidSignature,
    MalformedInput,
    NonCanonicalNumber,
    ZkrelayError,
)
from zkrelay.relay.claim import session_commitment
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import note_commitment, note_inner
from zkrelay.relay.nullifier import claim_commitment, note_nullifier
from zkrelay.relay.predicate import PRIVATE_NAMES, check_claim_inputs
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.statement import PUBLIC_NAMES, pack_meta

from .parties import CAP, CONTEXT, DOMAIN, EXPIRY, make_session

R = bn254.FR.modulus
SESSION = make_session()
CLAIM = SESSION.claim()
INPUTS = CLAIM.inputs
S2P64 = 1 << 64


def test_inputs_are_the_circuit_s_by_name_and_order() -> None:
    assert list(INPUTS)[:7] == list(PUBLIC_NAMES)
    assert set(INPUTS) == {*PUBLIC_NAMES, *PRIVATE_NAMES}
    assert [len(INPUTS["path"]), *{len(children) for children in INPUTS["path"]}] == [DOMAIN.depth, DOMAIN.arity]
    assert [INPUTS[name] for name in PUBLIC_NAMES] == CLAIM.statement.public_inputs


def test_values_of_an_honest_claim() -> None:
    note, statement = SESSION.note, CLAIM.statement
    assert statement.amount == 123  # whole units of 1000 in 123,456 bytes
    assert (statement.epoch, statement.venue, statement.aux) == (900, 0, CONTEXT.aux)
    assert statement.root == SESSION.tree.root
    assert statement.nf == note_nullifier(note.cm, note.rho)
    blind = hash_to_field("blind", note.rho, note.cm)
    assert INPUTS["blind"] == blind
    assert statement.cc == claim_commitment(note.cm, 123_456, blind) == session_commitment(note, SESSION.receipt)


def test_building_again_gives_the_same_statement() -> None:
    assert SESSION.claim() == CLAIM


def test_json_form_has_decimal_strings() -> None:
    def numbers(value: object) -> object:
        return [numbers(item) for item in value] if isinstance(value, list) else int(str(value))

    text = json.dumps(CLAIM.to_json_inputs())
    assert {name: numbers(value) for name, value in json.loads(text).items()} == INPUTS
    assert '"ctx": "0"' in text


def test_secrets_are_not_shown() -> None:
    for secret in (SESSION.node.kn, SESSION.note.rho, INPUTS["blind"]):
        assert str(secret) not in repr(CLAIM)


@pytest.mark.parametrize("amount", [1, 122, 123])
def test_smaller_amounts_may_be_claimed(amount: int) -> None:
    assert SESSION.claim(amount=amount).statement.amount == amount


def test_bounds_are_reached() -> None:
    full = make_session(num_bytes=CAP)
    assert full.claim(epoch=EXPIRY).statement.amount == CAP // DOMAIN.unit
    widest = make_session(num_bytes=S2P64 - 1, cap=S2P64 - 1, domain=dataclasses.replace(DOMAIN, unit=1))
    claim = widest.claim(domain=dataclasses.replace(DOMAIN, unit=1))
    assert claim.statement.amount == S2P64 - 1


def test_amount_is_held_to_32_bits_for_large_units() -> None:
    domain = dataclasses.replace(DOMAIN, unit=1 << 20)
    session = make_session(num_bytes=S2P64 - 1, cap=S2P64 - 1, domain=domain)
    assert session.claim(domain=domain).statement.amount == 1 << 32
    with pytest.raises(MalformedInput, match="amount"):
        session.claim(domain=domain, amount=(1 << 32) + 1)


OTHER_NODE = NodeIdentity(0xBAD)
OTHER_KEY = SessionKey.from_seed(b"another client")
OTHER_NOTE = dataclasses.replace(SESSION.note, rho=1)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"node": OTHER_NODE}, InvalidClaim, "another payee"),
        ({"note": OTHER_NOTE}, InvalidReceipt, "another note"),
        ({"note": dataclasses.replace(SESSION.note, domain=5)}, InvalidClaim, "another domain"),
        ({"domain": dataclasses.replace(DOMAIN, tree_no=2)}, InvalidClaim, "another domain"),
        ({"venue": 1}, InvalidClaim, "only venue is 0"),
        ({"domain": dataclasses.replace(DOMAIN, depth=4)}, MalformedInput, "path must be 4 levels"),
        ({"proof": SESSION.tree.proof(0)}, InvalidClaim, "another note"),
        ({"receipt": Receipt.sign(SESSION.key, OTHER_NOTE.cm, 9999)}, InvalidReceipt, "another note"),
        ({"receipt": Receipt.sign(OTHER_KEY, SESSION.note.cm, 9999)}, InvalidSignature, "differs"),
        ({"receipt": Receipt.sign(SESSION.key, SESSION.note.cm, CAP + 1)}, InvalidReceipt, "above the note's cap"),
        ({"receipt": Receipt.sign(SESSION.key, SESSION.note.cm, 999)}, InvalidReceipt, "less than one unit"),
        ({"receipt": dataclasses.replace(SESSION.receipt, num_bytes=123_457)}, InvalidSignature, "differs"),
        ({"amount": 124}, InvalidClaim, "124 units"),
        ({"amount": 0}, MalformedInput, "amount"),
        ({"amount": -1}, MalformedInput, "amount"),
        ({"amount": S2P64}, MalformedInput, "amount"),
        ({"epoch": EXPIRY + 1}, InvalidClaim, "after the note's expiry"),
        ({"epoch": 1 << 32}, MalformedInput, "epoch"),
        ({"epoch": -1}, MalformedInput, "epoch"),
    ],
)
def test_what_cannot_be_claimed(change: dict[str, object], error: type[ZkrelayError], message: str) -> None:
    with pytest.raises(error, match=message):
        SESSION.claim(**change)


def test_context_changes_the_statement_only_in_aux() -> None:
    other = SESSION.claim(context=ClaimContext(payout_address=0xBAD)).statement
    assert other.aux != CLAIM.statement.aux
    assert dataclasses.replace(other, aux=CLAIM.statement.aux) == CLAIM.statement


class TestPredicate:
    """``check_claim_inputs`` on raw inputs, as a prover that chooses any witness would give them."""

    def refuse(self, error: type[ZkrelayError], message: str, **changes: object) -> None:
        with pytest.raises(error, match=message):
            check_claim_inputs({**copy.deepcopy(INPUTS), **changes}, DOMAIN)

    def test_honest_inputs_pass(self) -> None:
        check_claim_inputs(INPUTS, DOMAIN)

    @pytest.mark.parametrize("name", sorted({*PUBLIC_NAMES, *PRIVATE_NAMES} - {"path", "aux"}))
    def test_tamper_every_field(self, name: str) -> None:
        """Only aux is free (the ledger recomputes it), and meta downwards (a smaller amount is another true claim)."""
        for value in (INPUTS[name] + 1, *([] if name == "meta" else [(INPUTS[name] - 1) % R])):
            with pytest.raises(ZkrelayError):
                check_claim_inputs({**INPUTS, name: value}, DOMAIN)

    @pytest.mark.parametrize("level", range(DOMAIN.depth))
    @pytest.mark.parametrize("child", range(DOMAIN.arity))
    def test_tamper_every_child_of_the_path(self, level: int, child: int) -> None:
        path = copy.deepcopy(INPUTS["path"])
        path[level][child] = (path[level][child] + 1) % R
        self.refuse(InvalidClaim, "Merkle", path=path)

    @pytest.mark.parametrize("name", sorted({*PUBLIC_NAMES, *PRIVATE_NAMES} - {"path"}))
    @pytest.mark.parametrize("bad", [-1, R, True, "1", None])
    def test_every_number_must_be_canonical(self, name: str, bad: object) -> None:
        self.refuse(NonCanonicalNumber, name, **{name: bad})

    def test_names_and_shapes(self) -> None:
        self.refuse(MalformedInput, "unknown", amount=5)
        with pytest.raises(MalformedInput, match="kn"):
            check_claim_inputs({name: value for name, value in INPUTS.items() if name != "kn"}, DOMAIN)
        self.refuse(MalformedInput, "path must", path=INPUTS["path"][:-1])
        self.refuse(MalformedInput, "path must", path=[children[:-1] for children in INPUTS["path"]])
        self.refuse(NonCanonicalNumber, "child", path=[[R, *children[1:]] for children in INPUTS["path"]])

    def test_client_claims_own_note(self) -> None:
        """The client knows everything but kN."""
        self.refuse(InvalidClaim, "only the node", kn=1)

    def test_wrap_around(self) -> None:
        """cap - bytes = -1, amounts near r and 2^64, and epochs traded against venues."""
        self.refuse(MalformedInput, "cap", cap=R - 1)
        self.refuse(MalformedInput, "cap", cap=S2P64)
        self.refuse(InvalidReceipt, "above the note's cap", cap=INPUTS["bytes"] - 1)
        self.refuse(InvalidReceipt, "above the note's cap", bytes=R - 1)
        self.refuse(MalformedInput, "amount", meta=INPUTS["meta"] + S2P64)
        self.refuse(MalformedInput, "amount", meta=INPUTS["meta"] - INPUTS["meta"] % S2P64)
        shifted = pack_meta(CLAIM.statement.amount, 0, 1)
        self.refuse(MalformedInput, "epoch", meta=shifted, epoch=1 << 32, venue=0)
        self.refuse(MalformedInput, "amount", meta=R - 1)
        self.refuse(InvalidClaim, "after the note's expiry", epoch=EXPIRY + 1, meta=pack_meta(1, EXPIRY + 1, 0))

    def test_signature_attacks(self) -> None:
        self.refuse(NonCanonicalNumber, "S ", s=INPUTS["s"] + ORDER)
        self.refuse(InvalidPoint, "not on", r8x=INPUTS["r8x"] + 1)
        self.refuse(InvalidPoint, "not on", r8y=INPUTS["r8y"] + 1)

    @pytest.mark.parametrize("order", [1, 2, 4, 8])
    def test_smallorder_A(self, order: int) -> None:
        """A node that invents a client with a key of small order could sign for it; the note would be real."""
        ax, ay = small_order_point(order)
        session = forged_session_inputs(ax, ay)
        with pytest.raises(InvalidPoint, match="small order"):
            check_claim_inputs(session, DOMAIN)

    def test_offcurve_A(self) -> None:
        with pytest.raises(InvalidPoint, match="not on"):
            check_claim_inputs(forged_session_inputs(INPUTS["ax"], INPUTS["ay"] + 1), DOMAIN)


def forged_session_inputs(ax: int, ay: int) -> dict[str, object]:
    """Inputs in which everything but the key and its signature holds: note, tree, nullifier and commitment are real."""
    inputs = copy.deepcopy(INPUTS)
    cm = note_commitment(DOMAIN.value, note_inner((ax, ay), inputs["payee"], inputs["rho"]), CAP, EXPIRY)
    tree = MerkleTree(DOMAIN.arity, DOMAIN.depth)
    proof = tree.proof(tree.append(cm))
    changes = {
        "ax": ax,
        "ay": ay,
        "root": tree.root,
        "path": [list(children) for children in proof.path],
        "nf": note_nullifier(cm, inputs["rho"]),
        "cc": claim_commitment(cm, inputs["bytes"], inputs["blind"]),
    }
    return {**inputs, **changes}
