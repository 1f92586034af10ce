"""``verify_many``: exactly the items that ``verify`` refuses, each with the error that ``verify`` raises."""

from __future__ import annotations

import dataclasses
import pickle
import random
import secrets
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.encoding import pack_field
from zkrelay.algebra.points import g1_generator, negate_g1
from zkrelay.curves import CURVES
from zkrelay.errors import InvalidKey, InvalidPoint, InvalidProof, MalformedInput, NonCanonicalNumber, ZkrelayError
from zkrelay.groth16 import BatchVerdict, Proof, rerandomize, verify, verify_many
from zkrelay.kernel import current

from .bad_points import (
    g1_off_curve,
    g1_outside_subgroup,
    g2_off_curve,
    g2_outside_subgroup,
    not_canonical,
    small_order_g1,
    small_order_g2,
)
from .small_circuits import Statement

Item = tuple[Sequence[int], Proof]


@pytest.fixture(scope="module")
def proofs(statement: Statement) -> list[Proof]:
    """Distinct proofs of one statement."""
    return [rerandomize(statement.vk, statement.proof) for _ in range(40)]


def one_by_one(statement: Statement, items: Sequence[Item]) -> dict[int, tuple[type[ZkrelayError], str]]:
    out: dict[int, tuple[type[ZkrelayError], str]] = {}
    for index, (public_inputs, proof) in enumerate(items):
        try:
            verify(statement.vk, public_inputs, proof)
        except ZkrelayError as error:
            out[index] = (type(error), str(error))
    return out


def named(verdict: BatchVerdict) -> dict[int, tuple[type[ZkrelayError], str]]:
    return {index: (type(error), str(error)) for index, error in verdict.refused.items()}


def shifted(proof: Proof, by: int) -> Proof:
    """C + by·g1: false, and by how much is known."""
    kernel, fr = current(), CURVES[proof.curve].fr
    multiple = kernel.g1_msm(proof.curve, pack_field(fr, [by % fr.modulus]), g1_generator(proof.curve))
    return dataclasses.replace(proof, c=kernel.g1_add(proof.curve, proof.c, multiple))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 8, 9, 40])
def test_true_proofs(statement: Statement, proofs: list[Proof], count: int) -> None:
    for key in (statement.vk, statement.vk.prepared):
        verdict = verify_many(key, [(statement.public, proof) for proof in proofs[:count]])
        assert verdict.all_true and verdict.refused == {} and verdict.num_items == count


def test_a_verdict_is_no_boolean(statement: Statement) -> None:
    """``assert verify_many(..)`` and ``if not verify_many(..)`` would hold for every proof."""
    for items in ([], [(statement.public, statement.proof)], [([1, 2, 3], statement.proof)]):
        with pytest.raises(TypeError, match="all_true"):
            bool(verify_many(statement.vk, items))


def test_a_verdict_does_not_change(statement: Statement) -> None:
    verdict = verify_many(statement.vk, [([1, 2, 3], statement.proof)])
    with pytest.raises(TypeError):
        verdict.refused[1] = InvalidProof("")  # type: ignore[index]


def bad_items(statement: Statement, other: Statement, foreign: Statement) -> dict[str, Item]:
    good, public, curve = statement.proof, statement.public, statement.curve
    replace = dataclasses.replace
    items = {
        "another statement": ([*public[:-1], (public[-1] + 1) % statement.r], good),
        "swapped inputs": (public[::-1], good),
        "another circuit": (other.public, other.proof),
        "c negated": (public, replace(good, c=negate_g1(good.c, good.curve))),
        "a and c exchanged": (public, replace(good, a=good.c, c=good.a)),
        "one input less": (public[:-1], good),
        "one input more": ([*public, 0], good),
        "x + r": ([public[0] + statement.r, *public[1:]], good),
        "negative": ([-1, *public[1:]], good),
        "bool": ([True, *public[1:]], good),
        "text": (["1", *public[1:]], good),  # type: ignore[list-item]
        "a infinity": (public, replace(good, a=bytes(curve.g1_bytes))),
        "b infinity": (public, replace(good, b=bytes(curve.g2_bytes))),
        "c infinity": (public, replace(good, c=bytes(curve.g1_bytes))),
        "a off curve": (public, replace(good, a=g1_off_curve(curve))),
        "b off curve": (public, replace(good, b=g2_off_curve(curve))),
        "b outside": (public, replace(good, b=g2_outside_subgroup(curve))),
        "b small order": (public, replace(good, b=small_order_g2(curve))),
        "a not canonical": (public, replace(good, a=not_canonical(curve, good.a))),
        "b not canonical": (public, replace(good, b=not_canonical(curve, good.b, 3))),
        "c not canonical": (public, replace(good, c=not_canonical(curve, good.c, 1))),
        "the other curve": (foreign.public, foreign.proof),
    }
    if curve.g1_cofactor != 1:
        items |= {
            "a outside": (public, replace(good, a=g1_outside_subgroup(curve))),
            "c outside": (public, replace(good, c=g1_outside_subgroup(curve))),
            "a small order": (public, replace(good, a=small_order_g1(curve))),
            "c plus order 3": (public, replace(good, c=current().g1_add(good.curve, good.c, small_order_g1(curve)))),
        }
    return items


def test_every_refusal_is_that_of_verify(statement: Statement, other_statement: Statement, foreign: Statement) -> None:
    """Each bad item alone, each beside a true one, and all of them together in any order."""
    bad = list(bad_items(statement, other_statement, foreign).values())
    good: Item = (statement.public, statement.proof)
    for item in bad:
        for items in ([item], [item, good], [good, item]):
            assert named(verify_many(statement.vk, items)) == one_by_one(statement, items) != {}
    together = [*bad, good] * 2
    random.Random("order").shuffle(together)
    assert named(verify_many(statement.vk, together)) == one_by_one(statement, together)


def test_the_kinds_of_refusals(statement: Statement, other_statement: Statement, foreign: Statement) -> None:
    names, items = zip(*bad_items(statement, other_statement, foreign).items(), strict=True)
    kinds = {names[index]: type(error) for index, error in verify_many(statement.vk, items).refused.items()}
    assert set(kinds) == set(names)
    assert {kinds[name] for name in names[:5]} == {InvalidProof}
    assert {kinds[name] for name in ("x + r", "negative", "a not canonical", "b not canonical")} == {NonCanonicalNumber}
    outside = ("infinity", "off curve", "outside", "order")
    assert {kinds[name] for name in names if any(word in name for word in outside)} == {InvalidPoint}
    assert kinds["the other curve"] is MalformedInput


def test_what_is_no_item(statement: Statement) -> None:
    good = (statement.public, statement.proof)
    junk = [None, 5, (), (statement.public,), statement.proof, (statement.proof, statement.public), "ab", [1, 2]]
    verdict = verify_many(statement.vk, [good, *junk, good])  # type: ignore[list-item]
    assert list(verdict.refused) == list(range(1, 1 + len(junk)))
    assert {type(error) for error in verdict.refused.values()} == {MalformedInput}


def test_false_proofs_that_cancel_each_other(statement: Statement, proofs: list[Proof]) -> None:
    """C + P and C - P multiply to a true equation under equal weights; and three with P, P, -2P."""
    pair = [shifted(proofs[0], 5), shifted(proofs[1], -5)]
    triple = [shifted(proofs[2], 7), shifted(proofs[3], 7), shifted(proofs[4], -14)]
    items = [(statement.public, proof) for proof in [*pair, proofs[5], *triple]]
    verdict = verify_many(statement.vk, items)
    assert list(verdict.refused) == [0, 1, 3, 4, 5]
    assert {type(error) for error in verdict.refused.values()} == {InvalidProof}


def test_weights_are_fresh_and_as_many_as_items(
    statement: Statement, proofs: list[Proof], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With weights that an adversary knows, the pair above passes: so they must come from the operating system."""
    drawn: list[int] = []
    real = secrets.token_bytes

    def record(size: int) -> bytes:
        drawn.append(size)
        return real(size)

    items = [(statement.public, shifted(proofs[0], 5)), (statement.public, shifted(proofs[1], -5))]
    monkeypatch.setattr("secrets.token_bytes", record)
    for _ in range(3):
        assert len(verify_many(statement.vk, items).refused) == 2
    assert drawn == [32, 32, 32]
    monkeypatch.setattr("secrets.token_bytes", bytes)
    if current().name != "reference":
        assert verify_many(statement.vk, items).all_true


def test_duplicates(statement: Statement, proofs: list[Proof]) -> None:
    """The same proof many times is true many times: whether it is paid twice is the nullifier's business."""
    false = shifted(proofs[0], 1)
    items = [(statement.public, proof) for proof in [proofs[0]] * 5 + [false] * 5 + [proofs[0]] * 5]
    assert list(verify_many(statement.vk, items).refused) == [5, 6, 7, 8, 9]


def test_three_bad_of_a_thousand(statement: Statement, proofs: list[Proof]) -> None:
    generator = random.Random("three of a thousand")
    items: list[Item] = [(statement.public, generator.choice(proofs)) for _ in range(1000)]
    bad = sorted(generator.sample(range(1000), 3))
    items[bad[0]] = (statement.public, shifted(proofs[0], 1))
    items[bad[1]] = ([*statement.public[:-1], 0], proofs[1])
    items[bad[2]] = (statement.public, dataclasses.replace(proofs[2], b=g2_outside_subgroup(statement.curve)))
    if current().name == "reference":
        pytest.skip("the reference verifies one by one: an hour")
    for threads in (1, 2):
        verdict = verify_many(statement.vk, items, threads=threads)
        assert list(verdict.refused) == bad
        assert [type(error) for error in verdict.refused.values()] == [InvalidProof, InvalidProof, InvalidPoint]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_bad_subset_is_named(statement: Statement, proofs: list[Proof], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 6 if current().name == "reference" else 40))
    bad = data.draw(st.sets(st.integers(0, max(count - 1, 0)), max_size=count))
    false = dataclasses.replace(proofs[0], c=negate_g1(proofs[0].c, statement.vk.curve))
    items = [(statement.public, false if index in bad else proofs[index]) for index in range(count)]
    assert list(verify_many(statement.vk, items).refused) == sorted(bad)


def test_a_bad_key_is_an_error_at_once(statement: Statement) -> None:
    same = dataclasses.replace(statement.vk, gamma_g2=statement.vk.delta_g2)
    for items in ([], [(statement.public, statement.proof)]):
        with pytest.raises(InvalidKey):
            verify_many(same, items)
    for threads in (0, 257, -1):
        with pytest.raises(MalformedInput, match="threads"):
            verify_many(statement.vk, [(statement.public, statement.proof)], threads=threads)


def test_a_prepared_key_travels_without_the_kernels_part(statement: Statement) -> None:
    """What a kernel computed ahead is of one build: a pickled key leaves it behind."""
    verify(statement.vk, statement.public, statement.proof)
    assert statement.vk.prepared.for_kernel(current()) is statement.vk.prepared.for_kernel(current())
    for key in (statement.vk, statement.vk.prepared):
        data = pickle.dumps(key)
        assert len(data) < 5000
        verify(pickle.loads(data), statement.public, statement.proof)
