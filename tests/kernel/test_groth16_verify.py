"""``groth16_verify`` of every kernel: true, false and malformed items in any mixture, each with its own verdict."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.errors import MalformedInput
from zkrelay.kernel import Kernel, Verdict

from . import samples
from .groth16_items import CURVE, Item, Key, R, packed_inputs, packed_proofs, verdicts
from .samples import FP

TRUE, FALSE, MALFORMED = Verdict.TRUE, Verdict.FALSE, Verdict.MALFORMED
P = FP.modulus


def shift(element: bytes, at: int, by: int) -> bytes:
    """The 32-byte number at ``at`` plus ``by``."""
    value = int.from_bytes(element[at : at + 32], "little") + by
    return element[:at] + value.to_bytes(32, "little") + element[at + 32 :]


OUTSIDE = samples.twist_point()
SMALL = [samples.twist_point_of_order(order) for order in samples.TWIST_FACTORS]
NEAR_SMALL = [
    samples.G2.to_affine(samples.G2.add(samples.G2.lift(point), samples.G2.lift(samples.bn254.G2_GENERATOR)))
    for point in SMALL
]
B_OUTSIDE = [samples.pack_g2([point]) for point in (OUTSIDE, *SMALL, *NEAR_SMALL)]
BREAK = {
    "a infinity": lambda proof: bytes(64) + proof[64:],
    "b infinity": lambda proof: proof[:64] + bytes(128) + proof[192:],
    "c infinity": lambda proof: proof[:192] + bytes(64),
    "a not canonical": lambda proof: shift(proof, 0, P),
    "b not canonical": lambda proof: shift(proof, 64 + 96, P),
    "c not canonical": lambda proof: shift(proof, 192 + 32, P),
    "a off curve": lambda proof: shift(proof, 32, 1 if proof[32:64] != (P - 1).to_bytes(32, "little") else -1),
    "b off curve": lambda proof: proof[:64] + proof[128:192] + proof[64:128] + proof[192:],
    "c off curve": lambda proof: proof[:192] + proof[224:] + proof[192:224],
    **{f"b outside {i}": lambda proof, b=b: proof[:64] + b + proof[192:] for i, b in enumerate(B_OUTSIDE)},
}


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(3)


@pytest.mark.parametrize("num_public", [0, 1, 2, 16, 17, 40])
def test_true_and_false_alone(native_kernel: Kernel, num_public: int) -> None:
    """On both sides of the number of inputs for which tables are kept; edge values of inputs among them."""
    key = Key(num_public)
    items = key.items(6, "alone")
    items.append(key.item(samples.rng("zeros"), [0] * num_public))
    proofs = packed_proofs(native_kernel, items)
    for item, proof in zip(items, proofs, strict=True):
        assert verdicts(native_kernel, key, packed_inputs([item]), [proof]) == [TRUE]
        other = proof[192:] + proof[64:192] + proof[:64]
        assert verdicts(native_kernel, key, packed_inputs([item]), [other]) == [FALSE]
        if num_public:
            wrong = dataclasses.replace(item, inputs=[*item.inputs[:-1], (item.inputs[-1] + 1) % R])
            assert verdicts(native_kernel, key, packed_inputs([wrong]), [proof]) == [FALSE]


def test_statement_at_infinity(kernel: Kernel) -> None:
    """Public inputs whose IC points sum to infinity: that pairing is 1, and the others decide."""
    key = Key(1)
    x = -key.ic[0] * pow(key.ic[1], -1, R) % R
    item = key.item(samples.rng("infinity"), [x])
    (proof,) = packed_proofs(kernel, [item])
    assert verdicts(kernel, key, packed_inputs([item]), [proof]) == [TRUE]
    assert verdicts(kernel, key, packed_inputs([item] * 2), [proof] * 2) == [TRUE] * 2


@pytest.mark.parametrize(
    "inputs",
    [
        [1] * 16,
        [1] * 8 + [R - 1] * 8,
        [1] * 8 + [R - 1] + [1] * 7,
        [0] * 15 + [1],
        [0] * 16,
        [5, 7] * 8,
        [R - 1] * 16,
        [(1 << 250) + 3] * 16,
    ],
)
def test_public_inputs_whose_points_meet(kernel: Kernel, inputs: list[int]) -> None:
    """IC points that are all the same: sums of equal and of opposite points, which vector code must notice."""
    key = Key(16)
    key.ic = [key.ic[0]] + [key.ic[1]] * 16
    item = key.item(samples.rng("meet"), inputs)
    (proof,) = packed_proofs(kernel, [item])
    assert verdicts(kernel, key, packed_inputs([item]), [proof]) == [TRUE]
    wrong = dataclasses.replace(item, inputs=[*inputs[:-1], (inputs[-1] + 1) % R])
    assert verdicts(kernel, key, packed_inputs([wrong]), [proof]) == [FALSE]


@pytest.mark.parametrize("what", BREAK)
def test_malformed_alone_and_among_others(kernel: Kernel, key: Key, what: str) -> None:
    items = key.items(2, "malformed")
    proofs = packed_proofs(kernel, items)
    broken = BREAK[what](proofs[0])
    assert verdicts(kernel, key, packed_inputs(items[:1]), [broken]) == [MALFORMED]
    assert verdicts(kernel, key, packed_inputs(items), [broken, proofs[1]]) == [MALFORMED, TRUE]
    swapped = packed_inputs(items[::-1])
    assert verdicts(kernel, key, swapped, [proofs[0], broken]) == [FALSE, MALFORMED]


def test_public_inputs_not_canonical(kernel: Kernel, key: Key) -> None:
    items = key.items(2, "not canonical")
    proofs, inputs = packed_proofs(kernel, items), packed_inputs(items)
    for at in (0, 32, 64):
        alias = shift(inputs, at, R)
        assert verdicts(kernel, key, alias, proofs) == [MALFORMED, TRUE]
        assert verdicts(kernel, key, alias[:96], proofs[:1]) == [MALFORMED]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 127, 129, 200])
def test_counts(native_kernel: Kernel, key: Key, count: int) -> None:
    """All true; then every kind of bad item at random places, for one thread and for several."""
    generator = samples.rng("counts", count)
    items = key.items(count, "counts")
    proofs, inputs = packed_proofs(native_kernel, items), packed_inputs(items)
    assert verdicts(native_kernel, key, inputs, proofs) == [TRUE] * count
    expected = [TRUE] * count
    for i in range(count):
        kind = generator.randrange(12)
        if kind == 0:
            proofs[i], expected[i] = BREAK[generator.choice(list(BREAK))](proofs[i]), MALFORMED
        elif kind == 1:
            proofs[i], expected[i] = proofs[i][192:] + proofs[i][64:192] + proofs[i][:64], FALSE
    for threads in (1, 2, 3):
        assert verdicts(native_kernel, key, inputs, proofs, threads=threads) == expected


def test_all_bad(native_kernel: Kernel, key: Key) -> None:
    items = key.items(70, "all bad")
    proofs = packed_proofs(native_kernel, items)
    rotated = packed_inputs(items[1:] + items[:1])
    assert verdicts(native_kernel, key, rotated, proofs) == [FALSE] * 70
    outside = [proof[:64] + B_OUTSIDE[i % len(B_OUTSIDE)] + proof[192:] for i, proof in enumerate(proofs)]
    assert verdicts(native_kernel, key, packed_inputs(items), outside) == [MALFORMED] * 70


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_subset_of_bad_items_is_named(native_kernel: Kernel, key: Key, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    bad = data.draw(st.sets(st.integers(0, count - 1)))
    outside = data.draw(st.sets(st.integers(0, count - 1)))
    items = key.items(count, "subset")
    proofs = packed_proofs(native_kernel, items)
    changed = [
        dataclasses.replace(item, inputs=[(item.inputs[0] + 1) % R, *item.inputs[1:]]) if i in bad else item
        for i, item in enumerate(items)
    ]
    for i in outside:
        proofs[i] = BREAK["b outside 1"](proofs[i])
    expected = [MALFORMED if i in outside else FALSE if i in bad else TRUE for i in range(count)]
    assert verdicts(native_kernel, key, packed_inputs(changed), proofs) == expected


def cancelling(key: Key) -> list[Item]:
    """Two items, each false, whose equations multiply to a true one: c + 1 and c - 1."""
    one, two = key.items(2, "cancelling")
    return [dataclasses.replace(one, c=(one.c + 1) % R), dataclasses.replace(two, c=(two.c - 1) % R)]


def test_false_items_that_cancel_under_equal_weights(native_kernel: Kernel, key: Key) -> None:
    """With equal weights the combination cannot see them: what the weights are for.  With distinct ones it can."""
    items = cancelling(key)
    proofs, inputs = packed_proofs(native_kernel, items), packed_inputs(items)
    assert verdicts(native_kernel, key, inputs, proofs, weights=b"w" * 32) == [TRUE, TRUE]
    assert verdicts(native_kernel, key, inputs, proofs) == [FALSE, FALSE]
    for i in range(2):
        assert verdicts(native_kernel, key, inputs[96 * i :][:96], proofs[i : i + 1]) == [FALSE]


@settings(max_examples=20, deadline=None)
@given(a=st.binary(min_size=16, max_size=16), b=st.binary(min_size=16, max_size=16))
def test_weights_are_what_the_header_says(native_kernel: Kernel, key: Key, a: bytes, b: bytes) -> None:
    """Two defects d_1, d_2 with w_1·d_1 + w_2·d_2 = 0 for w = 2^64 + a + b·λ pass: the combination is that one."""
    eigenvalue = _eigenvalue()

    def value(weight: bytes) -> int:
        low, high = int.from_bytes(weight[:8], "little"), int.from_bytes(weight[8:], "little")
        return ((1 << 64) + low + high * eigenvalue) % R

    one, two = key.items(2, "weights")
    items = [
        dataclasses.replace(one, c=(one.c + value(b)) % R),
        dataclasses.replace(two, c=(two.c - value(a)) % R),
    ]
    proofs, inputs = packed_proofs(native_kernel, items), packed_inputs(items)
    assert verdicts(native_kernel, key, inputs, proofs, weights=a + b) == [TRUE, TRUE]
    other = bytes([a[0] ^ 1]) + a[1:]
    assert verdicts(native_kernel, key, inputs, proofs, weights=other + b) == [FALSE, FALSE]


def _eigenvalue() -> int:
    """λ with (β·x, y) = λ·(x, y) for the β of the kernel, found from the generator (1, 2)."""
    root = next(r for g in range(2, 50) if (r := pow(g, (R - 1) // 3, R)) != 1)
    x, y = samples.G1.to_affine(samples.G1.mul(root, samples.bn254.G1_GENERATOR))
    assert y == 2 and pow(x, 3, P) == 1
    return root


@pytest.mark.parametrize("edge", [bytes(16), b"\xff" * 16, b"\xff" * 8 + bytes(8), bytes(8) + b"\xff" * 8])
def test_edge_weights(native_kernel: Kernel, key: Key, edge: bytes) -> None:
    items = key.items(9, "edge weights")
    proofs, inputs = packed_proofs(native_kernel, items), packed_inputs(items)
    assert verdicts(native_kernel, key, inputs, proofs, weights=edge * 9) == [TRUE] * 9
    proofs[4] = proofs[3]
    assert verdicts(native_kernel, key, inputs, proofs, weights=edge * 9) == [TRUE] * 4 + [FALSE] + [TRUE] * 4


def test_the_reference_agrees(kernel: Kernel, key: Key) -> None:
    items = key.items(3, "reference")
    proofs, inputs = packed_proofs(kernel, items), packed_inputs(items)
    assert verdicts(kernel, key, inputs, proofs) == [TRUE] * 3
    proofs[1] = proofs[0]
    assert verdicts(kernel, key, inputs, proofs) == [TRUE, FALSE, TRUE]


def test_a_prepared_key_of_another_size_is_refused(kernel: Kernel, key: Key) -> None:
    (item,) = key.items(1, "sizes")
    (proof,), inputs, prepared = packed_proofs(kernel, [item]), packed_inputs([item]), key.prepared(kernel)
    for wrong in (b"", prepared[:-1], prepared + b"\0", Key(2).prepared(kernel)):
        with pytest.raises(MalformedInput):
            kernel.groth16_verify(CURVE, wrong, 3, inputs, proof, bytes(16))
    for num_public in (-1, 1 << 32, 1 << 64):
        with pytest.raises(MalformedInput):
            kernel.groth16_verify(CURVE, prepared, num_public, inputs, proof, bytes(16))
