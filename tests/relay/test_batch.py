"""Claims put together: what may share a batch, what its inputs hold, and how many claims become how many batches."""

from __future__ import annotations

import dataclasses

import pytest

from zkrelay.errors import DuplicateNullifier, InvalidBatch
from zkrelay.relay.batch import Batch, cut_into_batches
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt

from .parties import CAP, CONTEXT, DOMAIN

NODE = NodeIdentity(0x5EC2E7)
NOTES = [
    Note(DOMAIN.value, NODE.payee, SessionKey.from_seed(b"%d" % i).public, rho=100 + i, cap=CAP, expiry=1000)
    for i in range(7)
]
TREE = MerkleTree(DOMAIN.arity, DOMAIN.depth)
for note in NOTES:
    TREE.extend([note.cm, note.rho])


def claim(index: int, **changes: object) -> Claim:
    receipt = Receipt.sign(SessionKey.from_seed(b"%d" % index), NOTES[index].cm, 10_000 * (index + 1))
    arguments: dict[str, object] = {"context": CONTEXT, "epoch": 900, "amount": index + 1, **changes}
    proof = TREE.proof(2 * index)
    return Claim.build(DOMAIN, NOTES[index], receipt, NODE, proof=proof, **arguments)  # type: ignore[arg-type]


CLAIMS = [claim(i) for i in range(7)]


def test_statement() -> None:
    statement = Batch.build(CLAIMS[:3], 5).statement
    first = CLAIMS[0].statement
    for name in ("domain", "root", "epoch", "venue", "payee", "aux"):
        assert getattr(statement, name) == getattr(first, name)
    assert (statement.total, statement.count, statement.num_slots) == (6, 3, 5)
    assert statement.spent == tuple(one.statement.nf for one in CLAIMS[:3])
    assert statement.nullifiers[3:] == (0, 0)


def test_unused_slots_repeat_the_first_and_are_not_used() -> None:
    inputs = Batch.build(CLAIMS[:3], 5).inputs
    assert inputs["used"] == [1, 1, 1, 0, 0]
    for name in ("amount", "ax", "rho", "bytes", "path"):
        assert inputs[name][3:] == [inputs[name][0]] * 2


def test_paths_are_cut_where_the_slots_share_the_tree() -> None:
    inputs = Batch.build(CLAIMS, 7).inputs
    whole = [one.inputs["path"] for one in CLAIMS]
    shared = len(whole[0]) - len(inputs["path"][0])
    assert shared > 0
    assert inputs["path"] == [path[: len(path) - shared] for path in whole]
    assert inputs["top"][0] == whole[0][-1]
    for path in whole:
        assert all(path[-level] in inputs["top"] for level in range(1, shared + 1))


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"epoch": 899}, "epoch"), ({"context": ClaimContext(payout_address=1)}, "aux")],
)
def test_claims_that_do_not_belong_together(changes: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidBatch, match=f"claim 2 has another {name}"):
        Batch.build([CLAIMS[0], CLAIMS[1], claim(2, **changes)], 5)


@pytest.mark.parametrize("name", ["domain", "root", "payee", "venue"])
def test_each_shared_part_is_compared(name: str) -> None:
    other = dataclasses.replace(CLAIMS[1].statement, **{name: getattr(CLAIMS[1].statement, name) + 1})
    with pytest.raises(InvalidBatch, match=f"claim 1 has another {name}"):
        Batch.build([CLAIMS[0], Claim(other, CLAIMS[1].inputs)], 5)


@pytest.mark.parametrize(("count", "num_slots"), [(0, 5), (3, 2), (1, 0)])
def test_number_of_claims(count: int, num_slots: int) -> None:
    with pytest.raises(InvalidBatch, match="do not fit"):
        Batch.build(CLAIMS[:count], num_slots)


def test_batch_duplicate_nf() -> None:
    again = claim(1, amount=1)
    with pytest.raises(DuplicateNullifier, match="slots 1 and 2"):
        Batch.build([CLAIMS[0], CLAIMS[1], again], 5)


def test_secrets_stay_out_of_the_repr() -> None:
    batch = Batch.build(CLAIMS[:2], 2)
    text = repr(batch)
    for secret in (NODE.kn, *(note.rho for note in NOTES[:2]), CLAIMS[0].inputs["s"]):
        assert f"{secret}" not in text.replace(str(batch.statement), "")


def test_json_inputs_are_decimal_strings() -> None:
    inputs = Batch.build(CLAIMS[:2], 3).to_json_inputs()
    assert inputs["kn"] == str(NODE.kn)
    assert inputs["used"] == ["1", "1", "0"]
    assert isinstance(inputs["top"][0][0], str)


def test_cut_into_batches() -> None:
    """By what they share, in order, and no more than the slots."""
    late = [claim(5, epoch=901), claim(6, epoch=901)]
    batches = cut_into_batches([CLAIMS[0], late[0], *CLAIMS[1:4], late[1], CLAIMS[4]], 2)
    assert [batch.statement.spent for batch in batches] == [
        tuple(one.statement.nf for one in group) for group in (CLAIMS[:2], CLAIMS[2:4], CLAIMS[4:5], late)
    ]
    assert all(batch.statement.num_slots == 2 for batch in batches)
    assert cut_into_batches([], 2) == []
