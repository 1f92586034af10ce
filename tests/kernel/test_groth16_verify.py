"""``groth16_verify`` of every kernel: true, false and malformed items in any mixture, each with its own verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.errors import MalformedInput
from zkrelay.kernel import Kernel, Verdict

from . import samples
from .curve_samples import BN254, CURVES, CurveSamples
from .groth16_items import Item, Key

TRUE, FALSE, MALFORMED = Verdict.TRUE, Verdict.FALSE, Verdict.MALFORMED
curves = pytest.mark.parametrize("curve", CURVES, ids=repr)


def shift(element: bytes, at: int, by: int, size: int = 32) -> bytes:
    """The number of ``size`` bytes at ``at`` plus ``by``."""
    value = int.from_bytes(element[at : at + size], "little") + by
    return element[:at] + value.to_bytes(size, "little") + element[at + size :]


def split(curve: CurveSamples, proof: bytes) -> tuple[bytes, bytes, bytes]:
    size = curve.curve.g1_bytes
    return proof[:size], proof[size:-size], proof[-size:]


def exchanged(curve: CurveSamples, proof: bytes) -> bytes:
    """A and C change places: members of their groups, and a false proof."""
    a, b, c = split(curve, proof)
    return c + b + a


def outside_g2(curve: CurveSamples) -> list[bytes]:
    small = [curve.twist_point_of_order(order) for order in curve.g2_factors]
    near_small = [curve.g2.sum([point, curve.curve.g2_generator]) for point in small]
    return [curve.g2.pack([point]) for point in (curve.twist_point(), *small, *near_small)]


def outside_g1(curve: CurveSamples) -> list[bytes]:
    small = [curve.g1_point_of_order(order) for order in curve.g1_factors]
    near_small = [curve.g1.sum([point, curve.curve.g1_generator]) for point in small]
    random = [curve.g1_curve_point()] if small else []
    return [curve.g1.pack([point]) for point in (*random, *small, *near_small)]


def breaks(curve: CurveSamples) -> dict[str, Callable[[bytes], bytes]]:
    """What makes a proof malformed."""
    p, n, g1, g2 = curve.fp.modulus, curve.fp.num_bytes, curve.curve.g1_bytes, curve.curve.g2_bytes
    last = (p - 1).to_bytes(n, "little")
    return {
        "a infinity": lambda proof: bytes(g1) + proof[g1:],
        "b infinity": lambda proof: proof[:g1] + bytes(g2) + proof[g1 + g2 :],
        "c infinity": lambda proof: proof[: g1 + g2] + bytes(g1),
        "a not canonical": lambda proof: shift(proof, 0, p, n),
        "b not canonical": lambda proof: shift(proof, g1 + 3 * n, p, n),
        "c not canonical": lambda proof: shift(proof, g1 + g2 + n, p, n),
        "a off curve": lambda proof: shift(proof, n, 1 if proof[n:g1] != last else -1, n),
        "b off curve": lambda proof: proof[:g1] + proof[2 * g1 : 3 * g1] + proof[g1 : 2 * g1] + proof[3 * g1 :],
        "c off curve": lambda proof: proof[: g1 + g2] + proof[g1 + g2 + n :] + proof[g1 + g2 :][:n],
        **{
            f"b outside {i}": lambda proof, b=b: proof[:g1] + b + proof[g1 + g2 :]
            for i, b in enumerate(outside_g2(curve))
        },
        **{f"a outside {i}": lambda proof, a=a: a + proof[g1:] for i, a in enumerate(outside_g1(curve))},
        **{f"c outside {i}": lambda proof, c=c: proof[: g1 + g2] + c for i, c in enumerate(outside_g1(curve))},
    }


BREAK = {curve: breaks(curve) for curve in CURVES}
KEYS = {curve: Key(3, curve=curve) for curve in CURVES}


@pytest.fixture(scope="module", params=CURVES, ids=repr)
def key(request: pytest.FixtureRequest) -> Key:
    return KEYS[request.param]


@curves
@pytest.mark.parametrize("num_public", [0, 1, 2, 16, 17, 40])
def test_true_and_false_alone(native_kernel: Kernel, curve: CurveSamples, num_public: int) -> None:
    """On both sides of the number of inputs for which tables are kept; edge values of inputs among them."""
    key = Key(num_public, curve=curve)
    items = key.items(6, "alone")
    items.append(key.item(samples.rng("zeros"), [0] * num_public))
    proofs = key.packed_proofs(native_kernel, items)
    for item, proof in zip(items, proofs, strict=True):
        assert key.verdicts(native_kernel, key.packed_inputs([item]), [proof]) == [TRUE]
        other = exchanged(key.curve, proof)
        assert key.verdicts(native_kernel, key.packed_inputs([item]), [other]) == [FALSE]
        if num_public:
            wrong = dataclasses.replace(item, inputs=[*item.inputs[:-1], (item.inputs[-1] + 1) % key.r])
            assert key.verdicts(native_kernel, key.packed_inputs([wrong]), [proof]) == [FALSE]


@curves
def test_statement_at_infinity(kernel: Kernel, curve: CurveSamples) -> None:
    """Public inputs whose IC points sum to infinity: that pairing is 1, and the others decide."""
    key = Key(1, curve=curve)
    x = -key.ic[0] * pow(key.ic[1], -1, key.r) % key.r
    item = key.item(samples.rng("infinity"), [x])
    (proof,) = key.packed_proofs(kernel, [item])
    assert key.verdicts(kernel, key.packed_inputs([item]), [proof]) == [TRUE]
    assert key.verdicts(kernel, key.packed_inputs([item] * 2), [proof] * 2) == [TRUE] * 2


@curves
@pytest.mark.parametrize(
    "inputs",
    [
        [1] * 16,
        [1] * 8 + [-1] * 8,
        [1] * 8 + [-1] + [1] * 7,
        [0] * 15 + [1],
        [0] * 16,
        [5, 7] * 8,
        [-1] * 16,
        [(1 << 250) + 3] * 16,
    ],
)
def test_public_inputs_whose_points_meet(native_kernel: Kernel, curve: CurveSamples, inputs: list[int]) -> None:
    """IC points that are all the same: sums of equal and of opposite points, which vector code must notice."""
    key = Key(16, curve=curve)
    key.ic = [key.ic[0]] + [key.ic[1]] * 16
    item = key.item(samples.rng("meet"), [value % key.r for value in inputs])
    (proof,) = key.packed_proofs(native_kernel, [item])
    assert key.verdicts(native_kernel, key.packed_inputs([item]), [proof]) == [TRUE]
    wrong = dataclasses.replace(item, inputs=[*item.inputs[:-1], (item.inputs[-1] + 1) % key.r])
    assert key.verdicts(native_kernel, key.packed_inputs([wrong]), [proof]) == [FALSE]


BROKEN = [(curve, what) for curve in CURVES for what in BREAK[curve]]


@pytest.mark.parametrize(("curve", "what"), BROKEN, ids=[f"{curve} {what}" for curve, what in BROKEN])
def test_malformed_alone_and_among_others(native_kernel: Kernel, curve: CurveSamples, what: str) -> None:
    key = KEYS[curve]
    items = key.items(2, "malformed")
    proofs = key.packed_proofs(native_kernel, items)
    broken = BREAK[curve][what](proofs[0])
    assert key.verdicts(native_kernel, key.packed_inputs(items[:1]), [broken]) == [MALFORMED]
    assert key.verdicts(native_kernel, key.packed_inputs(items), [broken, proofs[1]]) == [MALFORMED, TRUE]
    swapped = key.packed_inputs(items[::-1])
    assert key.verdicts(native_kernel, swapped, [proofs[0], broken]) == [FALSE, MALFORMED]


@curves
def test_the_reference_calls_the_same_proofs_malformed(reference: Kernel, curve: CurveSamples) -> None:
    key = KEYS[curve]
    items = key.items(1, "malformed")
    (proof,) = key.packed_proofs(reference, items)
    broken = [spoil(proof) for spoil in BREAK[curve].values()]
    inputs = key.packed_inputs(items * len(broken))
    assert key.verdicts(reference, inputs, broken) == [MALFORMED] * len(broken)


def test_public_inputs_not_canonical(kernel: Kernel, key: Key) -> None:
    items = key.items(2, "not canonical")
    proofs, inputs = key.packed_proofs(kernel, items), key.packed_inputs(items)
    for at in (0, 32, 64):
        alias = shift(inputs, at, key.r)
        assert key.verdicts(kernel, alias, proofs) == [MALFORMED, TRUE]
        assert key.verdicts(kernel, alias[:96], proofs[:1]) == [MALFORMED]


@pytest.mark.parametrize(
    "count", [0, 1, 2, 3, 7, 8, 9, 64, 65, *(pytest.param(n, marks=pytest.mark.long) for n in (63, 127, 129, 200))]
)
def test_counts(native_kernel: Kernel, key: Key, count: int) -> None:
    """All true; then every kind of bad item at random places, for one thread and for several."""
    generator = samples.rng("counts", count)
    items = key.items(count, "counts")
    proofs, inputs = key.packed_proofs(native_kernel, items), key.packed_inputs(items)
    assert key.verdicts(native_kernel, inputs, proofs) == [TRUE] * count
    expected = [TRUE] * count
    for i in range(count):
        kind = generator.randrange(12)
        if kind == 0:
            proofs[i], expected[i] = BREAK[key.curve][generator.choice(list(BREAK[key.curve]))](proofs[i]), MALFORMED
        elif kind == 1:
            proofs[i], expected[i] = exchanged(key.curve, proofs[i]), FALSE
    for threads in (1, 2, 3) if count < 100 else (3,):
        assert key.verdicts(native_kernel, inputs, proofs, threads=threads) == expected


def test_all_bad(native_kernel: Kernel, key: Key) -> None:
    items = key.items(70, "all bad")
    proofs = key.packed_proofs(native_kernel, items)
    changed = [dataclasses.replace(item, inputs=[(item.inputs[0] + 1) % key.r, *item.inputs[1:]]) for item in items]
    assert key.verdicts(native_kernel, key.packed_inputs(changed), proofs) == [FALSE] * 70
    points = outside_g2(key.curve)
    parts = [split(key.curve, proof) for proof in proofs]
    outside = [a + points[i % len(points)] + c for i, (a, _, c) in enumerate(parts)]
    assert key.verdicts(native_kernel, key.packed_inputs(items), outside) == [MALFORMED] * 70


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_subset_of_bad_items_is_named(native_kernel: Kernel, key: Key, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    bad = data.draw(st.sets(st.integers(0, count - 1)))
    outside = data.draw(st.sets(st.integers(0, count - 1)))
    items = key.items(count, "subset")
    proofs = key.packed_proofs(native_kernel, items)
    changed = [
        dataclasses.replace(item, inputs=[(item.inputs[0] + 1) % key.r, *item.inputs[1:]]) if i in bad else item
        for i, item in enumerate(items)
    ]
    for i in outside:
        proofs[i] = BREAK[key.curve]["b outside 1"](proofs[i])
    expected = [MALFORMED if i in outside else FALSE if i in bad else TRUE for i in range(count)]
    assert key.verdicts(native_kernel, key.packed_inputs(changed), proofs) == expected


def cancelling(key: Key) -> list[Item]:
    """Two items, each false, whose equations multiply to a true one: c + 1 and c - 1."""
    one, two = key.items(2, "cancelling")
    return [dataclasses.replace(one, c=(one.c + 1) % key.r), dataclasses.replace(two, c=(two.c - 1) % key.r)]


def test_false_items_that_cancel_under_equal_weights(native_kernel: Kernel, key: Key) -> None:
    """With equal weights the combination cannot see them: what the weights are for.  With distinct ones it can."""
    items = cancelling(key)
    proofs, inputs = key.packed_proofs(native_kernel, items), key.packed_inputs(items)
    assert key.verdicts(native_kernel, inputs, proofs, weights=b"w" * 32) == [TRUE, TRUE]
    assert key.verdicts(native_kernel, inputs, proofs) == [FALSE, FALSE]
    for i in range(2):
        assert key.verdicts(native_kernel, inputs[96 * i :][:96], proofs[i : i + 1]) == [FALSE]


@settings(max_examples=20, deadline=None)
@given(a=st.binary(min_size=16, max_size=16), b=st.binary(min_size=16, max_size=16))
def test_weights_are_what_the_header_says(native_kernel: Kernel, key: Key, a: bytes, b: bytes) -> None:
    """Two defects d_1, d_2 with w_1·d_1 + w_2·d_2 = 0 for w = 2^64 + a + b·λ pass: the combination is that one."""
    eigenvalue = _eigenvalue(key)

    def value(weight: bytes) -> int:
        low, high = int.from_bytes(weight[:8], "little"), int.from_bytes(weight[8:], "little")
        return ((1 << 64) + low + high * eigenvalue) % key.r

    one, two = key.items(2, "weights")
    items = [
        dataclasses.replace(one, c=(one.c + value(b)) % key.r),
        dataclasses.replace(two, c=(two.c - value(a)) % key.r),
    ]
    proofs, inputs = key.packed_proofs(native_kernel, items), key.packed_inputs(items)
    assert key.verdicts(native_kernel, inputs, proofs, weights=a + b) == [TRUE, TRUE]
    other = bytes([a[0] ^ 1]) + a[1:]
    assert key.verdicts(native_kernel, inputs, proofs, weights=other + b) == [FALSE, FALSE]


def _eigenvalue(key: Key) -> int:
    """λ with (β·x, y) = λ·(x, y) for the β of the kernel: the smallest root of BN254, and -x² of BLS12-381."""
    curve, r = key.curve, key.r
    seed = curve.curve.seed
    root = next(c for g in range(2, 50) if (c := pow(g, (r - 1) // 3, r)) != 1) if curve is BN254 else -(seed**2) % r
    (x, y), (x1, y1) = curve.curve.g1_generator, curve.g1.to_affine(curve.g1.mul(root, curve.curve.g1_generator))
    assert y1 == y and x1 != x and (pow(x1, 3, curve.fp.modulus) - pow(x, 3, curve.fp.modulus)) % curve.fp.modulus == 0
    return root


@pytest.mark.parametrize("edge", [bytes(16), b"\xff" * 16, b"\xff" * 8 + bytes(8), bytes(8) + b"\xff" * 8])
def test_edge_weights(native_kernel: Kernel, key: Key, edge: bytes) -> None:
    items = key.items(9, "edge weights")
    proofs, inputs = key.packed_proofs(native_kernel, items), key.packed_inputs(items)
    assert key.verdicts(native_kernel, inputs, proofs, weights=edge * 9) == [TRUE] * 9
    proofs[4] = proofs[3]
    assert key.verdicts(native_kernel, inputs, proofs, weights=edge * 9) == [TRUE] * 4 + [FALSE] + [TRUE] * 4


def test_the_reference_agrees(kernel: Kernel, key: Key) -> None:
    items = key.items(3, "reference")
    proofs, inputs = key.packed_proofs(kernel, items), key.packed_inputs(items)
    assert key.verdicts(kernel, inputs, proofs) == [TRUE] * 3
    proofs[1] = proofs[0]
    assert key.verdicts(kernel, inputs, proofs) == [TRUE, FALSE, TRUE]


def test_a_prepared_key_of_another_size_is_refused(kernel: Kernel, key: Key) -> None:
    (item,) = key.items(1, "sizes")
    (proof,), inputs, prepared = key.packed_proofs(kernel, [item]), key.packed_inputs([item]), key.prepared(kernel)
    for wrong in (b"", prepared[:-1], prepared + b"\0", Key(2, curve=key.curve).prepared(kernel)):
        with pytest.raises(MalformedInput):
            kernel.groth16_verify(key.name, wrong, 3, inputs, proof, bytes(16))
    for num_public in (-1, 1 << 32, 1 << 64):
        with pytest.raises(MalformedInput):
            kernel.groth16_verify(key.name, prepared, num_public, inputs, proof, bytes(16))
