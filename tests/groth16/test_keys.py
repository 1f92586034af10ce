"""What a verifying or proving key from outside must pass, each refusal with its own message."""

from __future__ import annotations

import dataclasses
import struct

import pytest

from zkrelay.algebra.points import g1_generator, g2_generator, negate_g1, negate_g2
from zkrelay.curves import PairingCurve
from zkrelay.errors import InvalidKey, InvalidPoint, MalformedInput, NonCanonicalNumber
from zkrelay.groth16 import ProvingKey, VerifyingKey
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


def replace_point(points: bytes, index: int, point: bytes) -> bytes:
    size = len(point)
    return points[: index * size] + point + points[(index + 1) * size :]


def changed(key: VerifyingKey, **change: object) -> VerifyingKey:
    return dataclasses.replace(key, **change)


def test_an_honest_key_passes(statement: Statement) -> None:
    statement.vk.check()
    statement.pk.check()
    statement.pk.check(threads=2)


# --- verifying keys


@pytest.mark.parametrize("name", ["alpha_g1", "beta_g2", "gamma_g2", "delta_g2"])
def test_infinity_is_refused_by_name(statement: Statement, name: str) -> None:
    with pytest.raises(InvalidKey, match=f"{name} is the point at infinity"):
        changed(statement.vk, **{name: bytes(len(getattr(statement.vk, name)))}).check()


@pytest.mark.parametrize(("index", "what"), [(0, "the constant"), (1, "public input 0"), (3, "public input 2")])
def test_a_zero_ic_point_is_refused(statement: Statement, index: int, what: str) -> None:
    points = replace_point(statement.vk.gamma_abc_g1, index, bytes(statement.curve.g1_bytes))
    with pytest.raises(InvalidKey, match=f"IC point of {what} is infinity"):
        changed(statement.vk, gamma_abc_g1=points).check()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("first", "second"), [("gamma", "delta"), ("beta", "delta"), ("beta", "gamma")])
def test_two_equal_points_are_refused(statement: Statement, first: str, second: str, sign: int) -> None:
    """The forgeries that such a key allows are made in ``test_forgeries.py``."""
    point = getattr(statement.vk, f"{second}_g2")
    key = changed(statement.vk, **{f"{first}_g2": point if sign == 1 else negate_g2(point, statement.vk.curve)})
    with pytest.raises(InvalidKey, match=f"{first} equals {second} up to sign"):
        key.check()


@pytest.mark.parametrize("sign", [1, -1])
def test_delta_without_a_contribution_is_refused(statement: Statement, sign: int) -> None:
    curve = statement.vk.curve
    generator = g2_generator(curve)
    delta, gamma = generator if sign == 1 else negate_g2(generator, curve), current().g2_add(curve, *[generator] * 2)
    with pytest.raises(InvalidKey, match="phase 2 of the setup had no contribution"):
        changed(statement.vk, gamma_g2=gamma, delta_g2=delta).check()


@pytest.mark.parametrize("sign", [1, -1])
def test_two_public_inputs_with_one_ic_point_are_refused(statement: Statement, sign: int) -> None:
    first = statement.vk.gamma_abc_g1[statement.curve.g1_bytes :][: statement.curve.g1_bytes]
    points = replace_point(statement.vk.gamma_abc_g1, 3, first if sign == 1 else negate_g1(first, statement.vk.curve))
    with pytest.raises(InvalidKey, match="public inputs 0 and 2 have the same IC point"):
        changed(statement.vk, gamma_abc_g1=points).check()


@pytest.mark.parametrize("name", ["alpha_g1", "beta_g2", "gamma_g2", "delta_g2"])
def test_points_outside_their_group_are_refused_by_name(statement: Statement, name: str) -> None:
    for point, reason in outsiders(statement.curve, name[-2:]):
        with pytest.raises(InvalidPoint, match=f"^{name}: .*{reason}"):
            changed(statement.vk, **{name: point}).check()


def outsiders(curve: PairingCurve, group: str) -> list[tuple[bytes, str]]:
    """Points off the curve and, where the group has a cofactor, on the curve and outside the group."""
    if group == "g2":
        return [
            (g2_off_curve(curve), "curve"),
            (g2_outside_subgroup(curve), "subgroup"),
            (small_order_g2(curve), "subgroup"),
        ]
    outside = [(make(curve), "subgroup") for make in (g1_outside_subgroup, small_order_g1) if curve.g1_cofactor != 1]
    return [(g1_off_curve(curve), "curve"), *outside]


@pytest.mark.parametrize("index", [0, 2])
def test_an_ic_point_outside_its_group_is_refused_with_its_index(statement: Statement, index: int) -> None:
    for point, reason in outsiders(statement.curve, "g1"):
        points = replace_point(statement.vk.gamma_abc_g1, index, point)
        with pytest.raises(InvalidPoint, match=rf"^gamma_abc_g1: (?=.*\b{index}\b).*{reason}"):
            changed(statement.vk, gamma_abc_g1=points).check()


@pytest.mark.parametrize("name", ["alpha_g1", "beta_g2", "gamma_g2", "delta_g2", "gamma_abc_g1"])
def test_coordinates_plus_p_are_refused_by_name(statement: Statement, name: str) -> None:
    with pytest.raises(NonCanonicalNumber, match=f"^{name}: "):
        changed(statement.vk, **{name: not_canonical(statement.curve, getattr(statement.vk, name))}).check()


@pytest.mark.parametrize("name", ["alpha_g1", "beta_g2", "gamma_g2", "delta_g2"])
def test_points_of_another_length_are_refused_by_name(statement: Statement, name: str) -> None:
    for wrong in (b"", getattr(statement.vk, name)[:-1], getattr(statement.vk, name) * 2):
        with pytest.raises(InvalidKey, match=f"{name} must have"):
            changed(statement.vk, **{name: wrong}).check()


def test_ic_of_another_length_is_refused(statement: Statement) -> None:
    size = statement.curve.g1_bytes
    for wrong in (0, size - 1, size + 1, 4 * size - 1):
        with pytest.raises(InvalidKey, match="gamma_abc_g1 must hold"):
            changed(statement.vk, gamma_abc_g1=statement.vk.gamma_abc_g1[:wrong]).check()


@pytest.mark.parametrize("name", ["", "bn128", "BLS12_381", "bls12-381"])
def test_an_unknown_curve_is_refused(statement: Statement, name: str) -> None:
    with pytest.raises(MalformedInput, match="unknown curve"):
        changed(statement.vk, curve=name)


def test_a_key_under_the_name_of_the_other_curve_is_refused(statement: Statement, foreign: Statement) -> None:
    """Nothing of it fits: lengths, field, curve."""
    with pytest.raises(InvalidKey, match=f"must have .* bytes over {foreign.vk.curve}|must hold"):
        changed(statement.vk, curve=foreign.vk.curve).check()
    with pytest.raises(InvalidKey, match="the key's header asks for"):
        dataclasses.replace(statement.pk, verifying_key=foreign.vk).check_shape()


# --- proving keys


@pytest.mark.parametrize("name", ["beta_g1", "delta_g1", "a_query", "b_g1_query", "b_g2_query", "l_query", "h_query"])
def test_a_query_of_another_length_is_refused_by_name(statement: Statement, name: str) -> None:
    points = getattr(statement.pk, name)
    size = statement.curve.g1_bytes
    for wrong in (points[:-size], points + points[:size], points[:-1], b""):
        with pytest.raises(InvalidKey, match=f"^{name} has {len(wrong)} bytes"):
            dataclasses.replace(statement.pk, **{name: wrong}).check_shape()


@pytest.mark.parametrize("change", [{"log_domain": 6}, {"log_domain": 4}, {"num_variables": 15}])
def test_a_header_that_does_not_fit_the_queries_is_refused(statement: Statement, change: dict[str, int]) -> None:
    with pytest.raises(InvalidKey, match="the key's header asks for"):
        dataclasses.replace(statement.pk, **change).check()


@pytest.mark.parametrize("log_domain", [-1, 25, 64, 10**9])
def test_a_domain_beyond_the_limits_is_refused_before_any_memory_is_taken(
    statement: Statement, log_domain: int
) -> None:
    with pytest.raises(InvalidKey, match="domain"):
        dataclasses.replace(statement.pk, log_domain=log_domain).check_shape()


def test_fewer_variables_than_public_inputs_are_refused(statement: Statement) -> None:
    with pytest.raises(InvalidKey, match="cannot hold 3 public inputs"):
        dataclasses.replace(statement.pk, num_variables=3).check()


def test_half_a_coefficient_record_is_refused(statement: Statement) -> None:
    with pytest.raises(InvalidKey, match="whole number of records"):
        dataclasses.replace(statement.pk, coefficients=bytes(statement.pk.coefficients)[:-1]).check()


@pytest.mark.parametrize(("field", "value"), [(0, 2), (0, 1 << 31), (1, 32), (1, (1 << 32) - 1), (2, 16), (2, 1 << 31)])
def test_a_coefficient_record_out_of_range_is_refused(statement: Statement, field: int, value: int) -> None:
    """Matrix 0..1, row 0..31, column 0..15: the kernel indexes with these."""
    data = bytearray(statement.pk.coefficients)
    struct.pack_into("<I", data, 44 * 5 + 4 * field, value)
    name = ("matrix", "row", "column")[field]
    with pytest.raises(InvalidKey, match=f"coefficient record 5: {name} {value} is not below"):
        dataclasses.replace(statement.pk, coefficients=bytes(data)).check()


def test_a_coefficient_that_is_not_canonical_is_refused(statement: Statement) -> None:
    data = bytearray(statement.pk.coefficients)
    data[44 * 5 + 12 : 44 * 6] = statement.r.to_bytes(32, "little")
    with pytest.raises(NonCanonicalNumber, match=r"^coefficients: .*\b5\b"):
        dataclasses.replace(statement.pk, coefficients=bytes(data)).check()


@pytest.mark.parametrize("name", ["beta_g1", "delta_g1", "a_query", "b_g1_query", "l_query", "h_query"])
def test_a_query_outside_its_group_is_refused_by_name(statement: Statement, name: str) -> None:
    points = bytes(getattr(statement.pk, name))
    last = len(points) // statement.curve.g1_bytes - 1
    for point, reason in outsiders(statement.curve, "g1"):
        with pytest.raises(InvalidPoint, match=rf"^{name}: (?=.*\b{last}\b).*{reason}"):
            dataclasses.replace(statement.pk, **{name: replace_point(points, last, point)}).check()


def test_a_g2_query_outside_its_group_is_refused(statement: Statement) -> None:
    for point, reason in outsiders(statement.curve, "g2"):
        points = replace_point(bytes(statement.pk.b_g2_query), 7, point)
        with pytest.raises(InvalidPoint, match=rf"^b_g2_query: (?=.*\b7\b).*{reason}"):
            dataclasses.replace(statement.pk, b_g2_query=points).check()


@pytest.mark.parametrize("name", ["beta", "delta"])
def test_g1_and_g2_forms_that_disagree_are_refused(statement: Statement, name: str) -> None:
    with pytest.raises(InvalidKey, match=f"{name}_g1 and {name}_g2"):
        dataclasses.replace(statement.pk, **{f"{name}_g1": g1_generator(statement.vk.curve)}).check()


@pytest.mark.parametrize("name", ["beta_g1", "delta_g1"])
def test_infinity_in_a_single_point_is_refused(statement: Statement, name: str) -> None:
    with pytest.raises(InvalidPoint, match=f"^{name}: "):
        dataclasses.replace(statement.pk, **{name: bytes(statement.curve.g1_bytes)}).check()


def test_a_proving_key_with_a_bad_verifying_key_is_refused(statement: Statement) -> None:
    vk = changed(statement.vk, gamma_g2=statement.vk.delta_g2)
    with pytest.raises(InvalidKey, match="gamma equals delta"):
        dataclasses.replace(statement.pk, verifying_key=vk).check()


def test_counts(statement: Statement) -> None:
    pk: ProvingKey = statement.pk
    rows = [r1cs_row for m in (statement.r1cs.a, statement.r1cs.b) for r1cs_row in range(m.nnz)]
    assert pk.num_coefficients == len(rows) + 4
    assert pk.num_public == 3
    assert len(statement.z) == pk.num_variables
    assert (pk.curve, pk.fr) == (statement.curve.name, statement.r1cs.field)
