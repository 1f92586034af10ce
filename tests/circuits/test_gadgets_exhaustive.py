"""Gadgets over tiny fields: every input, every hint.  Satisfiable exactly when the statement holds."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from tiny import F13, F31, TINY_EDWARDS, Gadget, outputs, points

from zkrelay.circuits import boolean, compare, merkle, montgomery
from zkrelay.circuits.bits import assert_bits_between, pack_bits, to_bits, to_bits_bounded, to_bits_strict
from zkrelay.circuits.edwards import EdwardsPoint, add, assert_on_curve, assert_sum, double
from zkrelay.circuits.fixed_base import fixed_base_mul
from zkrelay.circuits.poseidon import sbox
from zkrelay.circuits.range_check import assert_in_range
from zkrelay.circuits.select import lookup4, select
from zkrelay.circuits.variable_base import incomplete_steps, variable_base_mul
from zkrelay.errors import CircuitError, UnsatisfiedConstraint
from zkrelay.r1cs import compile_circuit, run

P = F13.modulus
BITS = (0, 1)


def check(body: Callable, num_inputs: int, num_outputs: int, cases: dict, field=F13) -> None:
    """``cases`` maps every input tuple to the set of outputs that must be satisfiable (empty: refused).

    The test engine must agree with the enumeration: it accepts the honest output and nothing else.
    """
    gadget = Gadget(num_inputs, num_outputs, body)
    compiled = compile_circuit(gadget, field)
    for x, expected in cases.items():
        assert outputs(compiled, x, num_outputs) == expected, x
        for out in expected:
            assert run(gadget, {"x": list(x), "out": list(out)}, field) >= 1
            wrong = [(out[0] + 1) % field.modulus, *out[1:]] if out else None
            if wrong and tuple(wrong) not in expected:
                with pytest.raises(UnsatisfiedConstraint):
                    run(gadget, {"x": list(x), "out": wrong}, field)


def every(*domains) -> list[tuple[int, ...]]:
    return list(itertools.product(*domains))


def test_assert_boolean() -> None:
    def body(cs, x):
        boolean.assert_boolean(cs, x[0])
        return []

    check(body, 1, 0, {(v,): {()} if v in BITS else set() for v in range(P)})


@pytest.mark.parametrize(
    ("gate", "truth"),
    [
        (boolean.and_, lambda a, b: a & b),
        (boolean.or_, lambda a, b: a | b),
        (boolean.xor, lambda a, b: a ^ b),
    ],
)
def test_gates(gate, truth) -> None:
    check(lambda cs, x: [gate(cs, *x)], 2, 1, {x: {(truth(*x),)} for x in every(BITS, BITS)})


def test_not() -> None:
    check(lambda cs, x: [boolean.not_(cs, x[0])], 1, 1, {(0,): {(1,)}, (1,): {(0,)}})


def test_select() -> None:
    cases = {(b, u, v): {(u if b else v,)} for b, u, v in every(BITS, range(P), range(P))}
    check(lambda cs, x: [select(cs, *x)], 3, 1, cases)


def test_lookup4() -> None:
    table = (3, 11, 7, 12)
    cases = {(lo, hi): {(table[lo + 2 * hi],)} for lo, hi in every(BITS, BITS)}
    check(lambda cs, x: [lookup4(cs, x[0], x[1], cs.mul(x[0], x[1]), table)], 2, 1, cases)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_to_bits(count: int) -> None:
    cases = {(v,): {tuple(v >> i & 1 for i in range(count))} if v < 1 << count else set() for v in range(P)}
    check(lambda cs, x: to_bits(cs, x[0], count), 1, count, cases)


def test_to_bits_refuses_an_ambiguous_length() -> None:
    """4 bits over F13 would give 0 and 13 the same element."""
    with pytest.raises(CircuitError, match="to_bits_strict"):
        compile_circuit(Gadget(1, 4, lambda cs, x: to_bits(cs, x[0], 4)), F13)


@pytest.mark.parametrize("field", [F13, F31])
def test_to_bits_strict_has_one_answer(field) -> None:
    n = field.num_bits
    cases = {(v,): {tuple(v >> i & 1 for i in range(n))} for v in range(field.modulus)}
    check(lambda cs, x: to_bits_strict(cs, x[0]), 1, n, cases, field)


@pytest.mark.parametrize(("low_bits", "high_min", "high_max", "offset"), [(2, 1, 5, 3), (1, 2, 12, 5), (3, 0, 2, 0)])
def test_to_bits_bounded(low_bits: int, high_min: int, high_max: int, offset: int) -> None:
    """Every integer congruent to x + offset with high part between the bounds, and nothing else."""
    n, p = F31.num_bits, F31.modulus

    def body(cs, x):
        return [pack_bits(cs, to_bits_bounded(cs, x[0], n, low_bits, high_min, high_max, offset))]

    gadget = compile_circuit(Gadget(1, 1, body), F31)
    for v in range(p):
        allowed = {e for e in range(1 << n) if e % p == (v + offset) % p and high_min <= e >> low_bits <= high_max}
        assert outputs(gadget, (v,), 1) == {(e % p,) for e in allowed}
        if v + offset in allowed:
            gadget.assign({"x": [v], "out": [(v + offset) % p]})


def test_bits_between_all_bounds() -> None:
    """For all 0 <= lower <= upper < 8: exactly the bits of the integers between, and only booleans."""
    for lower, upper in itertools.combinations_with_replacement(range(8), 2):

        def body(cs, x, lower=lower, upper=upper):
            assert_bits_between(cs, x, lower, upper)
            return []

        compiled = compile_circuit(Gadget(3, 0, body), F13)
        for x in every(range(4), range(4), range(4)):
            value = x[0] + 2 * x[1] + 4 * x[2]
            good = max(x) <= 1 and lower <= value <= upper
            assert outputs(compiled, x, 0) == ({()} if good else set()), (lower, upper, x)


def test_range_check() -> None:
    def body(cs, x):
        assert_in_range(cs, x[0], 3)
        return []

    check(body, 1, 0, {(v,): {()} if v < 8 else set() for v in range(P)})


def test_is_zero_and_is_equal() -> None:
    check(lambda cs, x: [compare.is_zero(cs, x[0])], 1, 1, {(v,): {(int(v == 0),)} for v in range(P)})
    cases = {(a, b): {(int(a == b),)} for a, b in every(range(P), range(P))}
    check(lambda cs, x: [compare.is_equal(cs, *x)], 2, 1, cases)


def test_assert_not_zero() -> None:
    def body(cs, x):
        compare.assert_not_zero(cs, x[0])
        return []

    check(body, 1, 0, {(v,): {()} if v else set() for v in range(P)})


def test_less_than() -> None:
    cases = {(a, b): {(int(a < b),)} for a, b in every(range(4), range(4))}
    check(lambda cs, x: [compare.less_than(cs, *x, 2)], 2, 1, cases)


def test_assert_less_equal() -> None:
    def body(cs, x):
        compare.assert_less_equal(cs, *x, 2)
        return []

    check(body, 2, 0, {(a, b): {()} if a <= b else set() for a, b in every(range(4), range(4))})


def test_comparators_refuse_sizes_that_wrap() -> None:
    for body in (
        lambda cs, x: [compare.less_than(cs, *x, 3)],
        lambda cs, x: compare.assert_less_equal(cs, *x, 3) or [],
    ):
        with pytest.raises(CircuitError):
            compile_circuit(Gadget(2, 1, body), F13)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_is_one_of(size: int) -> None:
    def body(cs, x):
        merkle.assert_is_one_of(cs, x[0], x[1:])
        return []

    cases = {x: {()} if x[0] in x[1:] else set() for x in every(range(5), *[range(3)] * size)}
    check(body, 1 + size, 0, cases)


def test_sbox_is_the_fifth_power() -> None:
    check(lambda cs, x: [sbox(cs, x[0])], 1, 1, {(v,): {(pow(v, 5, P),)} for v in range(P)})


# --- the embedded curve, over F127 with 8·17 points
# --------------------------------------------------------------------

CURVE = TINY_EDWARDS
ALL_POINTS = points(CURVE)
SUBGROUP = [q for q in ALL_POINTS if CURVE.mul_vartime(CURVE.order, q) == (0, 1)]
PRIME_ORDER = [q for q in SUBGROUP if q != (0, 1)]


def test_the_tiny_curve_is_complete_and_shaped_like_baby_jubjub() -> None:
    assert len(ALL_POINTS) == CURVE.order * CURVE.cofactor
    assert len(SUBGROUP) == CURVE.order
    assert CURVE.montgomery_b == 1
    assert incomplete_steps(CURVE) == 2


def test_on_curve() -> None:
    def body(cs, x):
        assert_on_curve(cs, CURVE, EdwardsPoint(*x))
        return []

    sample = [*ALL_POINTS, *[(x, y) for x in range(0, 127, 9) for y in range(127)]]
    check(body, 2, 0, {x: {()} if CURVE.is_on_curve(x) else set() for x in sample}, CURVE.field)


def test_edwards_addition_is_complete() -> None:
    """Points of small order and every eighth other plus every point, equal and opposite ones among them: one sum."""

    def body(cs, x):
        total = add(cs, CURVE, EdwardsPoint(*x[:2]), EdwardsPoint(*x[2:]))
        return [total.x, total.y]

    gadget = Gadget(4, 2, body)
    compiled = compile_circuit(gadget, CURVE.field)
    small = [q for q in ALL_POINTS if CURVE.mul_vartime(CURVE.cofactor, q) == (0, 1)]
    assert len(small) == CURVE.cofactor
    for p, q in itertools.product([*small, *ALL_POINTS[::8]], ALL_POINTS):
        assert outputs(compiled, (*p, *q), 2) == {CURVE.add_vartime(p, q)}


def test_assert_sum_accepts_the_sum_only() -> None:
    def body(cs, x):
        assert_sum(cs, CURVE, *(EdwardsPoint(*x[i : i + 2]) for i in (0, 2, 4)))
        return []

    compiled = compile_circuit(Gadget(6, 0, body), CURVE.field)
    p, q = ALL_POINTS[5], ALL_POINTS[77]
    for r in ALL_POINTS:
        assert outputs(compiled, (*p, *q, *r), 0) == ({()} if r == CURVE.add_vartime(p, q) else set())


def test_edwards_doubling_is_complete() -> None:
    def body(cs, x):
        point = EdwardsPoint(*x)
        assert_on_curve(cs, CURVE, point)
        twice = double(cs, CURVE, point)
        return [twice.x, twice.y]

    cases = {q: {CURVE.add_vartime(q, q)} for q in ALL_POINTS}
    check(body, 2, 2, cases, CURVE.field)


def test_montgomery_map_round_trip_and_no_image_for_the_identity() -> None:
    def body(cs, x):
        back = montgomery.to_edwards(cs, CURVE, montgomery.to_montgomery(cs, CURVE, EdwardsPoint(*x)))
        return [back.x, back.y]

    cases = {q: {q} for q in ALL_POINTS if q[0]}
    cases[(0, 1)] = set()
    check(body, 2, 2, cases, CURVE.field)


def test_montgomery_addition_where_its_contract_holds() -> None:
    def body(cs, x):
        p, q = (montgomery.to_montgomery(cs, CURVE, EdwardsPoint(*x[i : i + 2])) for i in (0, 2))
        total = montgomery.to_edwards(cs, CURVE, montgomery.add_incomplete(cs, CURVE, p, q))
        return [total.x, total.y]

    compiled = compile_circuit(Gadget(4, 2, body), CURVE.field)
    for p, q in itertools.product(PRIME_ORDER[::4], PRIME_ORDER):
        minus_q = ((-q[0]) % 127, q[1])
        if p not in (q, minus_q):
            assert outputs(compiled, (*p, *q), 2) == {CURVE.add_vartime(p, q)}


def test_montgomery_addition_outside_its_contract_is_broken() -> None:
    """Why the contract exists: with equal points the slope is free and other sums can be shown."""

    def body(cs, x):
        p, q = (montgomery.to_montgomery(cs, CURVE, EdwardsPoint(*x[i : i + 2])) for i in (0, 2))
        total = montgomery.add_incomplete(cs, CURVE, p, q)
        return [total.u, total.v]

    compiled = compile_circuit(Gadget(4, 2, body), CURVE.field)
    q = PRIME_ORDER[0]
    assert len(outputs(compiled, (*q, *q), 2)) > 1


@pytest.mark.parametrize("count", [4, 5, 6])
def test_variable_base_mul_every_scalar(count: int) -> None:
    """Every scalar of 4, 5 and 6 bits: K·P = (2^n + e)·P and nothing else; 6 bits go far past the order."""

    def body(cs, x):
        product = variable_base_mul(cs, CURVE, EdwardsPoint(*x[:2]), x[2:])
        return [product.x, product.y]

    compiled = compile_circuit(Gadget(2 + count, 2, body), CURVE.field)
    for point in PRIME_ORDER[::5]:
        for e in range(1 << count):
            bits = [e >> i & 1 for i in range(count)]
            expected = CURVE.mul_vartime((1 << count) + e, point)
            assert outputs(compiled, (*point, *bits), 2) == {expected}, (point, e)


def test_variable_base_mul_refuses_the_identity() -> None:
    def body(cs, x):
        product = variable_base_mul(cs, CURVE, EdwardsPoint(*x[:2]), x[2:])
        return [product.x, product.y]

    compiled = compile_circuit(Gadget(6, 2, body), CURVE.field)
    for e in range(16):
        assert outputs(compiled, (0, 1, *[e >> i & 1 for i in range(4)]), 2) == set()


@pytest.mark.parametrize("count", [3, 4, 5, 6])
def test_fixed_base_mul_every_scalar(count: int) -> None:
    base = PRIME_ORDER[0]

    def body(cs, x):
        product = fixed_base_mul(cs, CURVE, x, base)
        return [product.x, product.y]

    compiled = compile_circuit(Gadget(count, 2, body), CURVE.field)
    for scalar in range(1 << count):
        bits = [scalar >> i & 1 for i in range(count)]
        assert outputs(compiled, bits, 2) == {CURVE.mul_vartime(scalar, base)}, scalar


def test_fixed_base_mul_refuses_lengths_its_argument_does_not_cover() -> None:
    for count in (2, 7):
        with pytest.raises(CircuitError, match="bits"):
            compile_circuit(Gadget(count, 2, lambda cs, x: fixed_base_mul(cs, CURVE, x, PRIME_ORDER[0])), CURVE.field)
