"""Each rule on rows that it must decide, and on rows next to them that it must not."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest
from named_rows import NONE, ONE, P, bits, boolean, equal, system_from

from zkrelay.audit.derive.engine import derive
from zkrelay.audit.derive.state import OutOfTime, State
from zkrelay.audit.replay import replay_steps, statement_of
from zkrelay.audit.system import System
from zkrelay.circuits.standard import standard_circuit
from zkrelay.curves import CURVES, PrimeField
from zkrelay.r1cs import compile_circuit

Side = Mapping[str, int]
Rows = Sequence[tuple[Side, Side, Side]]


def known(system: System) -> set[str]:
    """Names of what the rules determine beyond the inputs; every derivation is replayed by the checker."""
    state = derive(system)
    found = {w for w in system.signals if state.known[w]}
    everything = len(found) == len(system.signals)
    rows = [(row.a, row.b, row.c) for row in system.rows]
    outputs = found - system.inputs
    statement = statement_of(rows, system.num_wires, system.inputs, outputs, system.modulus)
    replay_steps(statement, "strong" if everything else "weak", [*state.log, "end"])
    return {system.name(w) for w in found - system.inputs}


def decided(rows: Rows, private: Sequence[str], **more: object) -> set[str]:
    return known(system_from(rows, private=private, **more))


# -- solve ------------------------------------------------------------------------------------------------------------


def test_a_product_of_known_forms_is_known() -> None:
    assert decided([({"x": 1, "1": 3}, {"x": 2}, {"y": 5, "x": 1})], ["x"]) == {"y"}


def test_a_factor_beside_a_constant_is_known_unless_that_is_zero() -> None:
    assert decided([({"y": 1}, {"1": 7}, {"x": 1})], ["x"]) == {"y"}
    assert decided([({"y": 1}, {"1": 7}, {"x": 1, "y": 7})], ["x"]) == set()  # the y cancel


def test_a_square_root_is_not_known() -> None:
    assert decided([({"y": 1}, {"y": 1}, {"x": 1})], ["x"]) == set()


def test_two_unknown_wires_in_one_row_are_not_known() -> None:
    assert decided([equal({"y": 1, "z": 1}, {"x": 1})], ["x"]) == set()


# -- digits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 64, 252, 253])
def test_bits_below_the_field_are_known(count: int) -> None:
    assert len(decided(bits({"x": 1}, count), ["x"])) == count


@pytest.mark.parametrize("count", [254, 255, 300])
def test_bits_that_may_wrap_are_not_known(count: int) -> None:
    assert decided(bits({"x": 1}, count), ["x"]) == set()


def test_scaled_negative_and_mixed_digits_are_known() -> None:
    rows = [*map(boolean, "abc"), equal({"a": -3, "b": 6, "c": -12}, {"x": 7})]
    assert decided(rows, ["x"]) == {"a", "b", "c"}


@pytest.mark.parametrize("weights", [(1, 1, 2), (1, 2, 3), (2, 2, 5)])
def test_digits_that_others_can_make_up_are_not_known(weights: tuple[int, ...]) -> None:
    rows = [*map(boolean, "abc"), equal(dict(zip("abc", weights, strict=True)), {"x": 1})]
    assert decided(rows, ["x"]) == set()


def test_digits_without_a_range_are_not_known() -> None:
    assert decided([boolean("a"), equal({"a": 1, "b": 2}, {"x": 1})], ["x"]) == set()


def test_a_carry_of_known_width_is_a_digit() -> None:
    """BinSum: a sum of sums, whose carry is what the bits leave."""
    rows = [*bits({"low": 1}, 8, "low"), *bits({"carry": 1}, 3, "carry"), equal({"low": 1, "carry": 256}, {"x": 1})]
    assert {"low", "carry"} <= decided(rows, ["x"])


def test_a_boolean_form_is_a_digit() -> None:
    """The lowest bit as x - 2b - 4c, which is itself boolean."""
    low: Side = {"x": 1, "b": -2, "c": -4}
    rows = [boolean("b"), boolean("c"), (low, {**low, "1": -1}, NONE)]
    assert decided(rows, ["x"]) == {"b", "c"}
    assert decided(rows[1:], ["x"]) == set()


# -- constants --------------------------------------------------------------------------------------------------------


def test_constants_run_through_products_and_quotients() -> None:
    rows = [equal({"k": 1}, {"1": 6}), ({"k": 1}, {"k": 1}, {"kk": 1}), ({"q": 1}, {"kk": 1}, {"1": 72})]
    rows += [({"y": 1}, {"q": 1}, {"x": 1})]  # q is 2
    assert decided(rows, ["x"]) == {"k", "kk", "q", "y"}


def test_a_quotient_by_the_constant_zero_is_not_known() -> None:
    rows = [equal({"k": 1, "1": -6}, {"1": -6}), ({"q": 1}, {"k": 1}, {"x": 1})]
    assert decided(rows, ["x"]) == {"k"}


# -- cases ------------------------------------------------------------------------------------------------------------

IS_ZERO: Rows = [({"x": 1}, {"inverse": 1}, {"1": 1, "zero": -1}), ({"x": 1}, {"zero": 1}, NONE)]


def test_is_zero_is_known_and_its_inverse_is_not() -> None:
    assert decided(IS_ZERO, ["x"]) == {"zero"}


@pytest.mark.parametrize("lost", [0, 1])
def test_is_zero_needs_both_its_rows(lost: int) -> None:
    assert "zero" not in decided([IS_ZERO[1 - lost]], ["x"])


def test_an_inverse_shows_that_a_divisor_is_not_zero() -> None:
    rows = [({"x": 1}, {"inverse": 1}, ONE), ({"y": 1}, {"x": 1}, {"n": 1})]
    assert decided(rows, ["x", "n"]) == {"inverse", "y"}
    assert decided(rows[1:], ["x", "n"]) == set()


def test_a_decoder_whose_sum_is_one_is_known() -> None:
    """out_i·(x - i) = 0 and Σ out = 1; with Σ out boolean only, all may be 0: circomlib's Decoder."""
    decoder: Rows = [({f"o{i}": 1}, {"x": 1, "1": -i}, NONE) for i in range(4)]
    total: Side = {f"o{i}": 1 for i in range(4)}
    assert decided([*decoder, equal(total, {"1": 1})], ["x"]) == {"o0", "o1", "o2", "o3"}
    assert decided([*decoder, equal(total, {"s": 1}), boolean("s")], ["x"]) == set()


# -- division ---------------------------------------------------------------------------------------------------------


def test_a_divisor_that_vanishes_where_the_numerator_does_not() -> None:
    assert decided([({"y": 1}, {"x": 1, "1": 1}, {"x": 1, "1": -1})], ["x"]) == {"y"}
    assert decided([({"y": 1}, {"x": 1, "1": 1}, {"x": 3, "1": 3})], ["x"]) == set()  # 0/0 at x = -1


D, A = 168696, 168700


def edwards_addition(a: int, d: int) -> Rows:
    return [
        ({"x1": 1}, {"y2": 1}, {"beta": 1}),
        ({"y1": 1}, {"x2": 1}, {"gamma": 1}),
        ({"x1": -a, "y1": 1}, {"x2": 1, "y2": 1}, {"delta": 1}),
        ({"beta": 1}, {"gamma": 1}, {"tau": 1}),
        ({"1": 1, "tau": d}, {"x": 1}, {"beta": 1, "gamma": 1}),
        ({"1": 1, "tau": -d}, {"y": 1}, {"delta": 1, "beta": a, "gamma": -1}),
    ]


def test_complete_addition_is_known_for_all_inputs() -> None:
    assert {"x", "y"} <= decided(edwards_addition(A, D), ["x1", "y1", "x2", "y2"])


def test_addition_on_a_curve_that_is_not_complete_is_not_known() -> None:
    """d a square: the denominators vanish for some points."""
    found = decided(edwards_addition(A, 4), ["x1", "y1", "x2", "y2"])
    assert not {"x", "y"} & found


def test_a_montgomery_addition_of_unknown_points_is_not_known() -> None:
    rows: Rows = [
        ({"s": 1}, {"u1": 1, "u2": -1}, {"v1": 1, "v2": -1}),
        ({"s": 1}, {"s": 1}, {"u3": 1, "u1": 1, "u2": 1, "1": 168698}),
        ({"s": 1}, {"u1": 1, "u3": -1}, {"v3": 1, "v1": 1}),
    ]
    assert decided(rows, ["u1", "v1", "u2", "v2"]) == set()


# -- bounds -----------------------------------------------------------------------------------------------------------


def canonical_bits(bound: int, count: int = 254) -> Rows:
    """Bits of x with Σ 2^i·b_i <= bound, as circuits.bits states it."""
    rows = list(bits({"x": 1}, count, "b"))
    matched: Side = {"1": 1}
    for i in reversed(range(count)):
        bit = f"b[{i}]"
        if bound >> i & 1:
            rows.append((matched, {bit: 1}, {f"m[{i}]": 1}))
            matched = {f"m[{i}]": 1}
        else:
            rest = {name: -k for name, k in matched.items()}
            rows.append(({bit: 1}, {**rest, "1": rest.get("1", 0) + 1, bit: -1}, NONE))
    return rows


def test_bits_bounded_below_p_are_known() -> None:
    assert len(decided(canonical_bits(P - 1), ["x"])) >= 254


def test_bits_bounded_by_p_are_not_known() -> None:
    """0 and p both have bits at most p."""
    assert not {f"b[{i}]" for i in range(254)} & decided(canonical_bits(P), ["x"])


# -- elimination ------------------------------------------------------------------------------------------------------


def test_linear_rows_are_solved_together() -> None:
    rows = [equal({"y": 1, "z": 1}, {"x": 1}), equal({"y": 1, "z": -1}, {"x": 3})]
    assert decided(rows, ["x"]) == {"y", "z"}
    assert decided([rows[0], equal({"y": 2, "z": 2}, {"x": 2})], ["x"]) == set()


# -- whole circuits ---------------------------------------------------------------------------------------------------


# the long ones: claim_x1 has the rows of claim and more, and each curve has one of the two already
@pytest.mark.parametrize(
    ("name", "curve"),
    [
        *((name, curve) for name in ("open", "registration", "usage_limit") for curve in CURVES),
        ("claim_x1", "bn254"),
        ("claim", "bls12_381"),
        pytest.param("claim", "bn254", marks=pytest.mark.long),
        pytest.param("claim_x1", "bls12_381", marks=pytest.mark.long),
    ],
)
def test_our_circuits_determine_every_signal(name: str, curve: str) -> None:
    from zkrelay.audit.system import system_of

    system = system_of(compile_circuit(standard_circuit(name), CURVES[curve].fr).r1cs)
    assert len(known(system)) == system.num_wires - 1 - len(system.inputs)


# -- against the definition -------------------------------------------------------------------------------------------

F7 = PrimeField("prime_7", 7)


def determined_by_definition(system: System) -> set[str]:
    """Every assignment over a tiny field: wires that agree wherever the inputs do."""
    p = system.modulus
    groups: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for rest in itertools.product(range(p), repeat=system.num_wires - 1):
        assignment = (1, *rest)
        if next(system.violated(assignment), None) is None:
            groups.setdefault(tuple(assignment[w] for w in sorted(system.inputs)), []).append(assignment)
    return {
        system.name(w)
        for w in system.signals
        if w not in system.inputs and all(len({z[w] for z in group}) == 1 for group in groups.values())
    }


@pytest.mark.parametrize("rows", [IS_ZERO, bits({"x": 1}, 2), bits({"x": 1}, 3)], ids=["is_zero", "bits2", "bits3"])
def test_it_knows_exactly_what_is_determined_in_a_tiny_field(rows: Rows) -> None:
    system = system_from(rows, private=["x"], field=F7)
    assert known(system) == determined_by_definition(system)


def test_time_that_runs_out_inside_a_split_leaves_no_half_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was derived before the deadline stays."""
    note = State.note

    def noted(state: State, line: str) -> None:
        note(state, line)
        if line == "e":
            raise OutOfTime

    monkeypatch.setattr(State, "note", noted)
    state = derive(system_from([({"x": 1}, {"x": 1}, {"y": 1}), *IS_ZERO], private=["x"]))
    assert state.log == ["s 0 2"] and state.trail is None
