"""Funding domains, keys, tickets and openings: what they hash, and what they refuse."""

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path
from typing import Any

import pytest
from open_world import FEE_BYTES, LIMIT, TICKET_BYTES, OpenWorld

from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.errors import FormatError, InvalidClaim, InvalidKey, MalformedInput, NonCanonicalNumber
from zkrelay.relay.funding import MAX_LIMIT, FundingKey, funding_leaf, ticket_nullifiers
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.merkle import MerkleProof
from zkrelay.relay.opening import Opening, OpenMessage, OpenStatement, Ticket

R = bn254.FR.modulus
WORLD = OpenWorld(depth=4)


def test_equations_by_hand() -> None:
    """Every public value from the page's formulas, written out once more."""
    a0, ticket = WORLD.key.a0, LIMIT - 1
    ext = hash_to_field("open", hash_to_field("funding", 31337, 0xC0FFEE, 1))
    x = hash_to_field("open-msg", WORLD.domain.value, 4711, TICKET_BYTES, 1000)
    slope = poseidon([a0, ext, ticket])
    statement = WORLD.opening.statement
    assert statement.public_inputs == [
        (a0 + slope * x) % R,
        WORLD.tree.root,
        poseidon([slope]),
        x,
        ext,
    ]
    assert statement.share.x == x
    assert OpenStatement.from_public_inputs(statement.public_inputs) == statement
    assert WORLD.tree.proof(5).leaf == poseidon([poseidon([a0]), LIMIT])


def test_the_external_nullifier_knows_the_deployment_and_no_note_tree() -> None:
    funding = WORLD.funding
    for name, value in (("chain_id", 1), ("contract", 1), ("funding_tree_no", 2)):
        assert dataclasses.replace(funding, **{name: value}).ext != funding.ext
    other_tree = WORLD.make_message(domain=dataclasses.replace(WORLD.domain, tree_no=2).value)
    opening = WORLD.make_opening(message=other_tree)
    assert opening.statement.ext == WORLD.opening.statement.ext
    assert opening.statement.nf == WORLD.opening.statement.nf
    assert opening.statement.x != WORLD.opening.statement.x


def test_every_part_of_the_message_is_in_x() -> None:
    for name in ("domain", "inner", "ticket_bytes", "expiry"):
        assert dataclasses.replace(WORLD.message, **{name: 7}).x != WORLD.message.x


def test_fee_and_price() -> None:
    assert WORLD.funding.cap == TICKET_BYTES - FEE_BYTES
    assert WORLD.funding.price(LIMIT, WORLD.domain) == LIMIT * 500
    for limit in (0, MAX_LIMIT + 1):
        with pytest.raises(MalformedInput, match="limit"):
            WORLD.funding.price(limit, WORLD.domain)


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_id": -1},
        {"chain_id": 1 << 256},
        {"contract": 1 << 160},
        {"funding_tree_no": 1 << 64},
        {"ticket_bytes": 0},
        {"ticket_bytes": 1 << 64},
        {"fee_bytes": TICKET_BYTES},
        {"fee_bytes": -1},
        {"depth": 0},
        {"depth": 33},
        {"depth": True},
    ],
)
def test_funding_domains_out_of_range(changes: dict[str, int]) -> None:
    """fee_bytes = D is fee_cannot_mint's border: a note of cap 0, and below it caps that wrap."""
    with pytest.raises(MalformedInput):
        dataclasses.replace(WORLD.funding, **changes)


def test_keys(tmp_path: Path) -> None:
    key = FundingKey.generate()
    assert key.a0 != FundingKey.generate().a0
    assert str(key.a0) not in repr(key) and str(key.identity) in repr(key)
    path = tmp_path / "funding.json"
    key.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert FundingKey.load(path).identity == key.identity
    for bad in (0, R, -1, True, "5"):
        with pytest.raises(NonCanonicalNumber):
            FundingKey(bad)  # type: ignore[arg-type]
    NodeIdentity(5).save(tmp_path / "node.json")
    with pytest.raises(FormatError):
        FundingKey.load(tmp_path / "node.json")
    path.chmod(0o644)
    with pytest.raises(InvalidKey, match="others"):
        FundingKey.load(path)


def test_leaves_and_tickets_out_of_range() -> None:
    for identity, limit in ((R, 1), (-1, 1), (1, 0), (1, MAX_LIMIT + 1), (1, -1), (1, True)):
        with pytest.raises(MalformedInput):
            funding_leaf(identity, limit)
    for number, limit in ((LIMIT, LIMIT), (-1, LIMIT), (0, 0), (MAX_LIMIT, MAX_LIMIT), (True, LIMIT)):
        with pytest.raises(MalformedInput):
            Ticket(number, limit)
    assert funding_leaf(1, MAX_LIMIT) != funding_leaf(1, MAX_LIMIT - 1)


def test_nullifiers_of_many_tickets_are_those_of_each() -> None:
    numbers = [0, 3, MAX_LIMIT - 1]
    many = ticket_nullifiers(WORLD.key.a0, WORLD.funding.ext, numbers)
    assert many == [Ticket(n, MAX_LIMIT).nullifier(WORLD.key, WORLD.funding) for n in numbers]
    assert len(set(many)) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": FundingKey(5)}, "leaf of this key"),
        ({"ticket": Ticket(0, LIMIT + 1)}, "leaf of this key"),
        ({"proof": WORLD.tree.proof(0)}, "leaf of this key"),
        ({"funding": dataclasses.replace(WORLD.funding, depth=5)}, "5 levels"),
        ({"funding": dataclasses.replace(WORLD.funding, ticket_bytes=TICKET_BYTES + 1)}, "worth"),
        ({"message": WORLD.make_message(ticket_bytes=TICKET_BYTES - 1)}, "worth"),
        (
            {"proof": MerkleProof(WORLD.tree.proof(5).leaf, (*WORLD.tree.proof(5).path[:3], (1, 2)))},
            "level 3",
        ),
        ({"proof": MerkleProof(WORLD.tree.proof(5).leaf, ((WORLD.tree.proof(5).leaf, 1, 2),) * 4)}, "2 children"),
    ],
)
def test_what_cannot_be_opened(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((InvalidClaim, MalformedInput), match=message):
        WORLD.make_opening(**changes)


@pytest.mark.parametrize(
    "changes",
    [{"domain": R}, {"inner": -1}, {"ticket_bytes": 0}, {"ticket_bytes": 1 << 64}, {"expiry": 1 << 32}, {"expiry": -1}],
)
def test_messages_out_of_range(changes: dict[str, int]) -> None:
    with pytest.raises(MalformedInput):
        WORLD.make_message(**changes)


def test_statements_are_canonical_and_of_five() -> None:
    values = WORLD.opening.statement.public_inputs
    for index in range(5):
        with pytest.raises(NonCanonicalNumber):
            OpenStatement.from_public_inputs([*values[:index], values[index] + R, *values[index + 1 :]])
    for wrong in (values[:4], [*values, 0], []):
        with pytest.raises(MalformedInput, match="5 public inputs"):
            OpenStatement.from_public_inputs(wrong)


def test_no_secret_is_shown() -> None:
    opening: Opening = WORLD.opening
    secrets = [str(WORLD.key.a0), str(opening.inputs["path"][2][0])]
    assert not any(secret in repr(opening) for secret in secrets)


def test_openings_of_different_deposits_differ_in_nullifier_share_and_note_only() -> None:
    """Field by field: what everybody sees of two openings by two wallets, and of two by one wallet, has the same shape.

    root, ext, D, expiry and domain are equal; y, nf and x have no equal part and are uniform field elements.  Nothing
    else is in a statement or a message.
    """
    other = FundingKey.generate()
    world = OpenWorld(depth=4)
    position = world.fund(other, limit=77)
    mine = world.make_opening(proof=world.tree.proof(5))
    again = world.make_opening(ticket=Ticket(0, LIMIT), proof=world.tree.proof(5), message=world.make_message(inner=1))
    theirs = world.make_opening(
        key=other, ticket=Ticket(76, 77), proof=world.tree.proof(position), message=world.make_message(inner=2)
    )
    assert {f.name for f in dataclasses.fields(OpenStatement)} == {"y", "root", "nf", "x", "ext"}
    assert {f.name for f in dataclasses.fields(OpenMessage)} == {"domain", "inner", "ticket_bytes", "expiry"}
    for pair in ((mine, theirs), (mine, again)):
        different = {
            f.name
            for f in dataclasses.fields(OpenStatement)
            if getattr(pair[0].statement, f.name) != getattr(pair[1].statement, f.name)
        }
        assert different == {"y", "nf", "x"}
        different = {
            f.name
            for f in dataclasses.fields(OpenMessage)
            if getattr(pair[0].message, f.name) != getattr(pair[1].message, f.name)
        }
        assert different == {"inner"}
