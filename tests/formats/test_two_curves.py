"""Keys, proofs and statements of both curves: each comes back as it was, and no file passes for one of the other."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay import formats
from zkrelay.algebra.encoding import unpack_field
from zkrelay.curves import CURVES, PairingCurve, bls12_381, bn254
from zkrelay.errors import FormatError, InvalidKey, InvalidPoint, MalformedInput, ZkrelayError
from zkrelay.groth16 import verify
from zkrelay.kernel import current

from ..groth16.bad_points import g1_off_curve, g1_outside_subgroup, g2_off_curve, g2_outside_subgroup, small_order_g1
from ..groth16.small_circuits import Statement, cubic, prove_statement
from .samples import borders, circuit, pack_container, patched, replaced, u32, unpack_container

HEADER, IC, A, B1, B2, C, H, CONTRIBUTIONS = 2, 3, 5, 6, 7, 8, 9, 10
SNARKJS_NAMES = {"bn254": "bn128", "bls12_381": "bls12381"}


@cache
def made(curve: str) -> Statement:
    return prove_statement(*cubic(3, CURVES[curve].fr))


@pytest.fixture(params=list(CURVES))
def curve(request: pytest.FixtureRequest) -> PairingCurve:
    return CURVES[request.param]


@pytest.fixture
def other(curve: PairingCurve) -> PairingCurve:
    return next(known for known in CURVES.values() if known != curve)


@pytest.fixture
def statement(curve: PairingCurve) -> Statement:
    return made(curve.name)


@pytest.fixture
def data(statement: Statement, tmp_path: Path) -> bytes:
    """The bytes of its key."""
    formats.write_zkey(tmp_path / "key.zkey", statement.pk)
    return (tmp_path / "key.zkey").read_bytes()


# -- .zkey


def test_a_key_comes_back_as_it_was(statement: Statement, data: bytes, tmp_path: Path) -> None:
    key = formats.read_zkey(data, check_points=True)
    assert (key.curve, key.verifying_key) == (statement.curve.name, statement.vk)
    formats.write_zkey(tmp_path / "again.zkey", key)
    assert (tmp_path / "again.zkey").read_bytes() == data
    assert formats.coefficients_digest(key) == formats.r1cs_digest(statement.r1cs)


def test_the_sizes_that_the_page_of_formats_has(curve: PairingCurve, data: bytes) -> None:
    """The cubic: 5 wires, 1 public input, a domain of 8."""
    size = {kind: len(payload) for kind, payload in unpack_container(data)}
    fp = curve.fp.num_bytes
    assert size[HEADER] == (660 if curve == bn254.CURVE else 964) == 4 + fp + 4 + 32 + 12 + 3 * 2 * fp + 3 * 4 * fp
    assert [size[kind] for kind in (IC, A, B1, C, H)] == [2 * fp * n for n in (2, 5, 5, 3, 8)]
    assert size[B2] == 4 * fp * 5
    assert size[CONTRIBUTIONS] == 68


def test_digests_of_one_circuit_over_two_fields_differ() -> None:
    assert len({formats.coefficients_digest(made(name).pk) for name in CURVES}) == len(CURVES)


def header_point(curve: PairingCurve, index: int, point: bytes) -> Callable[[bytes], bytes]:
    """alpha_1, beta_1, beta_2, gamma_2, delta_1, delta_2 in place of the one in the header."""
    sizes = [curve.g1_bytes, curve.g1_bytes, curve.g2_bytes, curve.g2_bytes, curve.g1_bytes, curve.g2_bytes]
    at = 4 + curve.fp.num_bytes + 4 + curve.fr.num_bytes + 12 + sum(sizes[:index])
    return lambda data: replaced(data, HEADER, lambda payload: patched(payload, at, point))


def test_points_of_the_header_are_checked_for_curve_and_subgroup(curve: PairingCurve, data: bytes) -> None:
    g1 = [(g1_off_curve(curve), "curve")]
    if curve.g1_cofactor != 1:
        g1 += [(g1_outside_subgroup(curve), "subgroup"), (small_order_g1(curve), "subgroup")]
    g2 = [(g2_off_curve(curve), "curve"), (g2_outside_subgroup(curve), "subgroup")]
    for index, points in enumerate((g1, g1, g2, g2, g1, g2)):
        for point, reason in points:
            with pytest.raises(InvalidPoint, match=reason):
                formats.read_zkey(header_point(curve, index, point)(data))
        size = len(points[0][0])
        with pytest.raises(MalformedInput, match="infinity"):
            formats.read_zkey(header_point(curve, index, bytes(size))(data))


@pytest.mark.parametrize(
    ("kind", "name"), [(A, "a_query"), (B1, "b_g1_query"), (B2, "b_g2_query"), (C, "l_query"), (H, "h_query")]
)
def test_points_of_the_queries_are_checked_when_asked_for(
    curve: PairingCurve, data: bytes, kind: int, name: str
) -> None:
    outside = [g2_off_curve, g2_outside_subgroup] if kind == B2 else [g1_off_curve]
    if kind != B2 and curve.g1_cofactor != 1:
        outside += [g1_outside_subgroup, small_order_g1]
    for make in outside:
        point = make(curve)
        planted = replaced(data, kind, lambda payload, point=point: point + payload[len(point) :])
        formats.read_zkey(planted)
        with pytest.raises(InvalidPoint, match=f"^{name}: "):
            formats.read_zkey(planted, check_points=True)


def test_primes_that_do_not_belong_together_are_refused(curve: PairingCurve, other: PairingCurve, data: bytes) -> None:
    at = 4 + curve.fp.num_bytes
    scalar = u32(32) + other.fr.modulus.to_bytes(32, "little")
    with pytest.raises(FormatError, match=f"the scalar field is not that of {curve.name}, whose base field this is"):
        formats.read_zkey(replaced(data, HEADER, lambda payload: patched(payload, at, scalar)))
    base = u32(other.fp.num_bytes) + other.fp.modulus.to_bytes(other.fp.num_bytes, "little")
    with pytest.raises(FormatError, match=f"the scalar field is not that of {other.name}"):
        formats.read_zkey(replaced(data, HEADER, lambda payload: base + payload[at:]))
    with pytest.raises(FormatError, match="the base field is that of no curve known here"):
        formats.read_zkey(replaced(data, HEADER, lambda payload: patched(payload, 4, bytes(8))))


def test_a_section_of_the_other_curve_does_not_fit(other: PairingCurve, data: bytes, tmp_path: Path) -> None:
    formats.write_zkey(tmp_path / "other.zkey", made(other.name).pk)
    foreign = dict(unpack_container((tmp_path / "other.zkey").read_bytes()))
    for kind in (IC, A, B1, B2, C, H):
        with pytest.raises(FormatError, match=r"do not fit|bytes follow"):
            formats.read_zkey(replaced(data, kind, lambda _, kind=kind: foreign[kind]))
    with pytest.raises(FormatError, match=r"do not fit|bytes follow"):
        formats.read_zkey(replaced(data, HEADER, lambda _: foreign[HEADER]))


def test_a_truncated_key_is_refused(data: bytes) -> None:
    for length in {*borders(data)[:-1], *range(0, len(data), 101)}:
        with pytest.raises(FormatError):
            formats.read_zkey(data[:length])


def test_a_program_over_the_other_field_is_not_the_key_s(statement: Statement, other: PairingCurve) -> None:
    r1cs = made(other.name).r1cs
    program = dataclasses.replace(circuit(), r1cs=r1cs)
    with pytest.raises(InvalidKey, match=f"is over {other.fr.name}, this key over {statement.curve.fr.name}"):
        formats.check_program_of(statement.pk, program, formats.coefficients_digest(statement.pk))


# -- contributions


def contribution(curve: PairingCurve, delta: bytes) -> bytes:
    return delta + bytes(2 * curve.g1_bytes + curve.g2_bytes) + b"t" * 64 + u32(0) + u32(5) + b"\x01\x03Ada"


def test_contributions_have_the_curve_s_points(
    curve: PairingCurve, other: PairingCurve, statement: Statement, data: bytes, tmp_path: Path
) -> None:
    payload = b"h" * 64 + u32(1) + contribution(curve, bytes(statement.pk.delta_g1))
    changed = replaced(data, CONTRIBUTIONS, lambda _: payload)
    key = formats.read_zkey(changed)
    assert isinstance(key.owner, formats.Container)
    (entry,) = formats.contributions_of(key.owner).entries
    assert (entry.name, entry.transcript, entry.delta_after_g1) == ("Ada", b"t" * 64, statement.pk.delta_g1)
    assert len(entry.public_key) == 2 * curve.g1_bytes + curve.g2_bytes
    formats.write_zkey(tmp_path / "again.zkey", key)
    assert (tmp_path / "again.zkey").read_bytes() == changed
    with pytest.raises(FormatError):
        formats.parse_contributions(payload, other.name)
    with pytest.raises(FormatError):
        formats.write_zkey(tmp_path / "x.zkey", made(other.name).pk, contributions=payload)


# -- JSON


def test_json_comes_back_as_it_was(curve: PairingCurve, statement: Statement) -> None:
    key_text, proof_text = formats.verifying_key_to_json(statement.vk), formats.proof_to_json(statement.proof)
    assert json.loads(key_text)["curve"] == json.loads(proof_text)["curve"] == SNARKJS_NAMES[curve.name]
    key, proof = formats.read_verifying_key(key_text.encode()), formats.read_proof(proof_text.encode())
    assert (key, proof) == (statement.vk, statement.proof)
    public = formats.read_public(formats.public_to_json(statement.public, curve.name).encode(), curve.name)
    verify(key, public, proof)


def altered(text: str, **fields: Any) -> bytes:
    return json.dumps({**json.loads(text), **fields}).encode()


@pytest.mark.parametrize("name", ["bls12381", "BLS12381", "bls12_381", "BLS12-381", "Bls12.381"])
def test_names_of_bls12_381(name: str) -> None:
    statement = made("bls12_381")
    assert formats.read_proof(altered(formats.proof_to_json(statement.proof), curve=name)).curve == "bls12_381"
    assert formats.read_verifying_key(altered(formats.verifying_key_to_json(statement.vk), curve=name)) == statement.vk


def test_the_curve_is_not_guessed_from_the_numbers(statement: Statement, other: PairingCurve) -> None:
    """Under the other name, and without a name (which is BN254's), the numbers of BLS12-381 are refused as too large;
    those of BN254 fit, and are no points there."""
    named = altered(formats.proof_to_json(statement.proof), curve=SNARKJS_NAMES[other.name])
    key = altered(formats.verifying_key_to_json(statement.vk), curve=SNARKJS_NAMES[other.name])
    if other == bn254.CURVE:
        unnamed = {k: v for k, v in json.loads(formats.proof_to_json(statement.proof)).items() if k != "curve"}
        for text in (named, json.dumps(unnamed).encode()):
            with pytest.raises(FormatError, match="not below the modulus of bn254_fp"):
                formats.read_proof(text)
        with pytest.raises(FormatError, match="not below the modulus of bn254_fp"):
            formats.read_verifying_key(key)
    else:
        proof = formats.read_proof(named)
        with pytest.raises(InvalidPoint, match=r"^proof\.a: .*curve"):
            proof.check()
        with pytest.raises(MalformedInput, match="the proof is over bls12_381, the key over bn254"):
            verify(statement.vk, statement.public, proof)
        with pytest.raises(InvalidPoint, match=r"^alpha_g1: "):
            formats.read_verifying_key(key)


@pytest.mark.parametrize("value", [bn254.FR.modulus, bls12_381.FR.modulus - 1])
def test_public_inputs_between_the_two_moduli_are_of_bls12_381_only(value: int) -> None:
    text = json.dumps([str(value)]).encode()
    assert formats.read_public(text, "bls12_381") == [value]
    with pytest.raises(FormatError, match="not below the modulus of bn254_fr"):
        formats.read_public(text, "bn254")
    assert json.loads(formats.public_to_json([value], "bls12_381")) == [str(value)]
    with pytest.raises(MalformedInput, match="not below r of bn254"):
        formats.public_to_json([value], "bn254")


@pytest.mark.parametrize("name", ["", "bls12381", "BN254"])
def test_an_unknown_curve_is_refused(name: str) -> None:
    """Names of files are for files: the library has one for each curve."""
    for use in (
        lambda: formats.read_public(b"[]", name),
        lambda: formats.public_to_json([], name),
        lambda: formats.parse_contributions(bytes(68), name),
    ):
        with pytest.raises(MalformedInput, match="unknown curve"):
            use()


def test_the_first_number_that_is_too_large_for_each_place(curve: PairingCurve, statement: Statement) -> None:
    with pytest.raises(FormatError, match=f"not below the modulus of {curve.fr.name}"):
        formats.read_public(json.dumps([str(curve.fr.modulus)]).encode(), curve.name)
    x, y, one = json.loads(formats.proof_to_json(statement.proof))["pi_a"]
    for bad in ([str(int(x) + curve.fp.modulus), y, one], [x, str(curve.fp.modulus), one]):
        with pytest.raises(FormatError, match=f"not below the modulus of {curve.fp.name}"):
            formats.read_proof(altered(formats.proof_to_json(statement.proof), pi_a=bad))


def test_alpha_beta_is_snarkjs_s_power_or_the_pairing_itself(curve: PairingCurve, statement: Statement) -> None:
    text = formats.verifying_key_to_json(statement.vk)

    def shaped(element: bytes) -> list[list[list[str]]]:
        c = [str(value) for value in unpack_field(curve.fp, element)]
        pairs = [c[i : i + 2] for i in range(0, 12, 2)]
        return [pairs[:3], pairs[3:]]

    def power(k: int) -> list[list[list[str]]]:
        kernel, fr = current(), curve.fr
        alpha = kernel.g1_msm(curve.name, fr.to_bytes(k % fr.modulus), statement.vk.alpha_g1)
        return shaped(kernel.pairing(curve.name, alpha, statement.vk.beta_g2))

    theirs = json.loads(text)["vk_alphabeta_12"]
    x = curve.seed
    assert theirs == power(3 if curve == bls12_381.CURVE else 2 * x * (6 * x * x + 3 * x + 1)) != power(1)
    assert formats.read_verifying_key(altered(text, vk_alphabeta_12=power(1))) == statement.vk
    for wrong in (power(2), power(-1), power(-3), power(9)):
        with pytest.raises(InvalidKey, match="vk_alphabeta_12 is not the pairing"):
            formats.read_verifying_key(altered(text, vk_alphabeta_12=wrong))


@given(data=st.data())
def test_edits_of_a_bls12_381_key_raise_our_errors_only(data: st.DataObject) -> None:
    """Bytes overwritten anywhere, most often in the headers, of a file of the curve that other tests do not fuzz."""
    original = _bls_bytes()
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.one_of(st.integers(0, 1200), st.integers(0, len(original) - 1)))
        payload = data.draw(st.binary(min_size=1, max_size=8))
        changed[at : at + len(payload)] = payload
    message = ""
    try:
        formats.read_zkey(bytes(changed))
    except ZkrelayError as error:
        message = str(error)
    assert message == "" or (message.isprintable() and len(message) < 1000)


@cache
def _bls_bytes() -> bytes:
    """The key, put together here from its parts."""
    pk = made("bls12_381").pk
    fp, fr, vk = bls12_381.FP, bls12_381.FR, pk.verifying_key
    primes = u32(48) + fp.modulus.to_bytes(48, "little") + u32(32) + fr.modulus.to_bytes(32, "little")
    counts = u32(pk.num_variables) + u32(pk.num_public) + u32(1 << pk.log_domain)
    points = vk.alpha_g1 + pk.beta_g1 + vk.beta_g2 + vk.gamma_g2 + pk.delta_g1 + vk.delta_g2
    return pack_container(
        "zkey",
        1,
        [
            (1, u32(1)),
            (HEADER, primes + counts + points),
            (IC, vk.gamma_abc_g1),
            (4, u32(pk.num_coefficients) + bytes(pk.coefficients)),
            (A, bytes(pk.a_query)),
            (B1, bytes(pk.b_g1_query)),
            (B2, bytes(pk.b_g2_query)),
            (C, bytes(pk.l_query)),
            (H, bytes(pk.h_query)),
            (CONTRIBUTIONS, bytes(68)),
        ],
    )


def test_the_key_put_together_by_hand_is_the_one_that_is_written(tmp_path: Path) -> None:
    formats.write_zkey(tmp_path / "key.zkey", made("bls12_381").pk)
    assert (tmp_path / "key.zkey").read_bytes() == _bls_bytes()
