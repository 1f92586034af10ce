"""X1: whoever claims one note twice gives its secret away; whoever only tries again does not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from claim_world import AMOUNT, EPOCH, World
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.algebra.poseidon import poseidon
from zkrelay.circuits.claim_x1 import ClaimX1
from zkrelay.curves import bn254
from zkrelay.errors import InvalidClaim, InvalidEvidence, MalformedInput, NonCanonicalNumber, UnsatisfiedConstraint
from zkrelay.r1cs import CompiledCircuit, compile_circuit, run
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import SEVERAL_VENUES, Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.predicate import check_claim_inputs
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.share import Share, claim_blind_x, claim_slope, claim_x, share_y
from zkrelay.relay.slash import random_salt, recover, recover_funding, slash_handle
from zkrelay.relay.statement import ClaimStatement, SharedClaimStatement, statement_type

R = bn254.FR.modulus
MODE_1 = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, mode=SEVERAL_VENUES)


@pytest.fixture(scope="module")
def shared() -> World:
    """A world whose domain has several venues; its honest claim goes to venue 0."""
    return World(domain=MODE_1)


@pytest.fixture(scope="module")
def x1() -> CompiledCircuit:
    return compile_circuit(ClaimX1())


def statement(world: World, **changes: Any) -> SharedClaimStatement:
    found = world.make_claim(**changes).statement
    assert isinstance(found, SharedClaimStatement)
    return found


def refused(x1: CompiledCircuit, inputs: dict[str, Any]) -> None:
    """By the compiled circuit and by the node's own predicate."""
    with pytest.raises(UnsatisfiedConstraint):
        x1.assign(inputs)
    with pytest.raises(MalformedInput):
        check_claim_inputs(inputs, MODE_1)


def test_protocol_vector() -> None:
    """x and y of the independent implementation: node H2F("demo-node", 1), amount 100,000,000 at venue 1."""
    cm = 13391110883930709196474543412155736860755558588369480624815876287226063102152
    nf = 2143299919339917854098714068632990652928741181982295372563127039294277769850
    kn, rho = hash_to_field("demo-node", 1), hash_to_field("demo-rho", 1)
    x = claim_x(nf, 100_000_000, 1, claim_blind_x(rho, cm))
    assert x == 5739003625534358255358441008961108042436510666447075997829500576851640001173
    y = share_y(kn, claim_slope(kn, nf), x)
    assert y == 740837134675191762405192257561318046293644015208736698930960292494214581812


@pytest.mark.parametrize("changes", [{}, {"venue": 1}, {"venue": (1 << 32) - 1}, {"amount": 1}])
def test_honest_claims_with_a_share(x1: CompiledCircuit, shared: World, changes: dict[str, int]) -> None:
    claim = shared.make_claim(**changes)
    check_claim_inputs(claim.inputs, MODE_1)
    x1.assign(claim.inputs)
    assert SharedClaimStatement.from_public_inputs(claim.statement.public_inputs) == claim.statement


@pytest.mark.parametrize(
    "changes", [{"venue": 1}, {"amount": AMOUNT + 1}, {"amount": AMOUNT - 1, "venue": 2}, {"venue": 3, "epoch": 1}]
)
def test_slash_recovers(shared: World, changes: dict[str, int]) -> None:
    """A second venue, a second amount, or both: kN, in either order."""
    first, second = statement(shared), statement(shared, **changes)
    for pair in ((first, second), (second, first)):
        evidence = recover(*pair)
        assert (evidence.secret, evidence.identity) == (shared.node.kn, shared.node.payee)
        assert NodeIdentity(evidence.secret).payee == shared.node.payee
        assert str(shared.node.kn) not in repr(evidence)


def test_slash_honest_retry_safe(shared: World) -> None:
    """New root, epoch, payout, relayer, fee, or a better receipt for the same amount: the same point."""
    first = statement(shared)
    shared.tree.append(12345)
    better = Receipt.sign(shared.client, shared.note.cm, shared.receipt.num_bytes + 17, ctx=9)
    retries: list[dict[str, Any]] = [
        {},
        {"proof": shared.tree.proof(5)},
        {"epoch": EPOCH - 1},
        {"context": ClaimContext(payout_address=1, relayer=2, relayer_fee=0)},
        {"receipt": better},
        {"proof": shared.tree.proof(5), "epoch": 0, "context": ClaimContext(payout_address=9), "receipt": better},
    ]
    for changes in retries:
        again = statement(shared, **changes)
        assert again.share == first.share
        with pytest.raises(InvalidEvidence, match="no offence"):
            recover(first, again)


def test_slash_wrong_pair_refused(shared: World) -> None:
    """Two notes of one node, two nodes, tampered points: nobody is convicted, and least of all somebody else."""
    first, second = statement(shared), statement(shared, venue=1)
    other_receipt = Receipt.sign(shared.client, shared.other_note.cm, shared.receipt.num_bytes)
    other = statement(shared, note=shared.other_note, receipt=other_receipt, proof=shared.tree.proof(6), venue=1)
    with pytest.raises(InvalidEvidence, match="different nullifiers"):
        recover(first, other)
    with pytest.raises(InvalidEvidence, match="payee's secret"):
        recover(first, dataclasses.replace(other, nf=first.nf))
    with pytest.raises(InvalidEvidence, match="two payees"):
        recover(first, dataclasses.replace(second, payee=NodeIdentity(5).payee))
    for name in ("x", "y"):
        with pytest.raises(InvalidEvidence, match="payee's secret"):
            recover(first, dataclasses.replace(second, **{name: getattr(second, name) + 1}))
    for accused in (NodeIdentity(5), NodeIdentity(6)):
        pair = [dataclasses.replace(s, payee=accused.payee) for s in (first, second)]
        with pytest.raises(InvalidEvidence, match="payee's secret"):
            recover(*pair)
    # Knowing kN is no reason to be believed about a note that it did not claim.
    slope = claim_slope(shared.node.kn, first.nf) + 1
    with pytest.raises(InvalidEvidence, match="line of this note"):
        recover(*(dataclasses.replace(first, x=x, y=share_y(shared.node.kn, slope, x)) for x in (1, 2)))


@settings(max_examples=60)
@given(
    st.integers(0, R - 1), st.integers(0, R - 1), st.integers(0, R - 1), st.integers(0, R - 1), st.integers(0, R - 1)
)
def test_any_other_pair_convicts_nobody(nf: int, x1: int, y1: int, x2: int, y2: int) -> None:
    """Random points under anybody's name."""
    payee = NodeIdentity(77).payee
    rest = {"domain": 1, "root": 2, "payee": payee, "amount": 1, "epoch": 0, "venue": 0, "cc": 3, "aux": 4}
    first, second = (SharedClaimStatement(**rest, nf=nf, x=x, y=y) for x, y in ((x1, y1), (x2, y2)))
    with pytest.raises(InvalidEvidence):
        recover(first, second)
    with pytest.raises(InvalidEvidence):
        recover_funding(first.share, second.share)


def test_one_share_says_nothing(shared: World) -> None:
    """For any secret there is a slope that gives the same point: y alone excludes no kN."""
    share = statement(shared).share
    for guess in (1, 2, R - 1):
        slope = (share.y - guess) * pow(share.x, -1, R) % R
        assert share_y(guess, slope, share.x) == share.y


def test_tamper_every_share_field(x1: CompiledCircuit, shared: World) -> None:
    honest = shared.inputs()
    for name in ("x", "y", "blind_x"):
        for other in (honest[name] + 1, R - 1 - honest[name], 0):
            refused(x1, {**honest, name: other % R})
    with pytest.raises(UnsatisfiedConstraint, match="claim_x1"):
        run(ClaimX1(), {**honest, "x": honest["x"] + 1})
    # x of another venue or amount, with the y that belongs to it
    for changes in ({"venue": 1}, {"amount": AMOUNT - 1}):
        lie = statement(shared, **changes)
        refused(x1, {**honest, "x": lie.x, "y": lie.y})
    # y on a line through another secret
    mallory = share_y(5, claim_slope(5, honest["nf"]), honest["x"])
    refused(x1, {**honest, "y": mallory})


def test_amounts_and_venues_cannot_be_traded_in_x(x1: CompiledCircuit, shared: World) -> None:
    """meta has one reading, so x does: venue + 1 and epoch - 2^32 give the same meta and are refused."""
    honest = shared.inputs()
    epoch, venue = honest["epoch"] - (1 << 32), honest["venue"] + 1
    x = claim_x(honest["nf"], AMOUNT, venue, honest["blind_x"])
    lie = {"epoch": epoch % R, "venue": venue, "x": x}
    lie["y"] = share_y(shared.node.kn, claim_slope(shared.node.kn, honest["nf"]), x)
    refused(x1, {**honest, **lie})


def test_varying_the_blinding_harms_only_the_node(x1: CompiledCircuit, shared: World) -> None:
    """blind_x is a free witness: another one is another point of the same line, and convicts its prover."""
    honest = shared.inputs()
    x = claim_x(honest["nf"], AMOUNT, 0, 1)
    y = share_y(shared.node.kn, claim_slope(shared.node.kn, honest["nf"]), x)
    x1.assign({**honest, "blind_x": 1, "x": x, "y": y})
    assert recover(statement(shared), dataclasses.replace(statement(shared), x=x, y=y)).secret == shared.node.kn


def test_each_mode_takes_its_own_statement_only(world: World, shared: World) -> None:
    """Mode 1 has no door for claims without a share, mode 0 none for claims with one."""
    plain, with_share = world.claim.statement, shared.claim.statement
    assert statement_type(world.domain) is ClaimStatement and type(plain) is ClaimStatement
    assert statement_type(MODE_1) is SharedClaimStatement and type(with_share) is SharedClaimStatement
    for kind, inputs in ((SharedClaimStatement, plain.public_inputs), (ClaimStatement, with_share.public_inputs)):
        with pytest.raises(MalformedInput, match="public inputs here"):
            kind.from_public_inputs(inputs)
    with pytest.raises(MalformedInput, match="missing or unknown"):
        check_claim_inputs(world.inputs(), MODE_1)
    with pytest.raises(MalformedInput, match="missing or unknown"):
        check_claim_inputs(shared.inputs(), world.domain)
    with pytest.raises(InvalidClaim, match="only venue"):
        world.make_claim(venue=1)
    with pytest.raises(MalformedInput, match="venue"):
        shared.make_claim(venue=1 << 32)
    for name in ("x", "y"):
        values = with_share.public_inputs
        values[7 + ("x", "y").index(name)] += R
        with pytest.raises(NonCanonicalNumber, match=name):
            SharedClaimStatement.from_public_inputs(values)


def test_slash_handle_binds_everything(shared: World) -> None:
    evidence = recover(statement(shared), statement(shared, venue=1))
    salt, domain = random_salt(), MODE_1.value
    payee, kn = evidence.identity, evidence.secret
    handle = slash_handle(domain, payee, kn, 0xA11CE, salt)
    assert handle == hash_to_field("slash", domain, shared.node.payee, shared.node.kn, 0xA11CE, salt)
    changed = {
        slash_handle(domain + 1, payee, kn, 0xA11CE, salt),
        slash_handle(domain, payee, kn, 0xB0B, salt),
        slash_handle(domain, payee, kn, 0xA11CE, salt ^ 1),
        slash_handle(domain, payee, kn - 1, 0xA11CE, salt),
        slash_handle(domain, 5, kn, 0xA11CE, salt),
    }
    assert len(changed) == 5 and handle not in changed
    assert random_salt() != random_salt()
    for slasher, other_salt in ((-1, salt), (1 << 256, salt), (1, 1 << 256), (1, -1)):
        with pytest.raises(MalformedInput):
            slash_handle(domain, payee, kn, slasher, other_salt)
    for elements in ((R, payee, kn), (domain, R, kn), (domain, payee, kn + R), (domain, payee, -1)):
        with pytest.raises(NonCanonicalNumber):
            slash_handle(*elements, 1, salt)


def test_shares_are_canonical() -> None:
    for name in ("nf", "x", "y"):
        for bad in (R, -1, R + 5, True, "1"):
            with pytest.raises(NonCanonicalNumber, match=name):
                Share(**{**{"nf": 1, "x": 2, "y": 3}, name: bad})


def test_funding_shares() -> None:
    """Tickets: a1 must hash to the nullifier, so points off the line give nothing."""
    a0, slope = 99, poseidon([99, 7, 0])
    nf = poseidon([slope])
    first, second = (Share(nf, x, share_y(a0, slope, x)) for x in (5, 6))
    evidence = recover_funding(first, second)
    assert (evidence.secret, evidence.identity) == (a0, poseidon([a0]))
    for bad in (
        (first, first),
        (first, dataclasses.replace(second, nf=1)),
        (first, dataclasses.replace(second, y=second.y + 1)),
        (dataclasses.replace(first, x=4), second),
    ):
        with pytest.raises(InvalidEvidence):
            recover_funding(*bad)
