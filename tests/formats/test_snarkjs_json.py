"""snarkjs's JSON: read strictly, written to the byte, every refusal names its field."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zkrelay import formats
from zkrelay.curves import bn254
from zkrelay.errors import FormatError, InvalidKey, InvalidPoint, NonCanonicalNumber
from zkrelay.formats.snarkjs_json import MAX_BYTES
from zkrelay.groth16 import Proof, verify

from .samples import interop, peak_bytes, small_key

P, R = bn254.FP.modulus, bn254.FR.modulus
NAMES = ["claim", "chain_2p12"]


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def load(name: str) -> Any:
    return json.loads(interop(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_verifying_key_comes_back_byte_for_byte(name: str, tmp_path: Path) -> None:
    """``vk_alphabeta_12`` included: snarkjs's power of the pairing, in its layout."""
    key = formats.read_verifying_key(interop(f"{name}.vkey.json"))
    assert formats.verifying_key_to_json(key).encode() == interop(f"{name}.vkey.json")
    formats.write_verifying_key(tmp_path / "vk.json", key)
    assert (tmp_path / "vk.json").read_bytes() == interop(f"{name}.vkey.json")


@pytest.mark.parametrize("name", NAMES)
def test_proofs_and_public_inputs_keep_their_values(name: str) -> None:
    proof = formats.read_proof(interop(f"{name}.proof.json"))
    again = json.loads(formats.proof_to_json(proof))
    assert again.pop("curve") == "bn128"
    assert again == load(f"{name}.proof.json")
    public = formats.read_public(interop(f"{name}.public.json"))
    assert json.loads(formats.public_to_json(public)) == load(f"{name}.public.json")


@pytest.mark.parametrize("name", NAMES)
def test_rapidsnark_s_proof_is_true(name: str) -> None:
    verify(
        formats.read_verifying_key(interop(f"{name}.vkey.json")),
        formats.read_public(interop(f"{name}.public.json")),
        formats.read_proof(interop(f"{name}.proof.json")),
    )


def test_the_development_mark_survives() -> None:
    key = small_key().verifying_key
    text = formats.verifying_key_to_json(key)
    assert json.loads(text)["development"] is True
    assert formats.read_verifying_key(text.encode()) == key
    ceremony = dataclasses.replace(key, development=False)
    assert "development" not in json.loads(formats.verifying_key_to_json(ceremony))
    assert formats.read_verifying_key(formats.verifying_key_to_json(ceremony).encode()) == ceremony


def test_infinity_is_not_written() -> None:
    proof = formats.read_proof(interop("claim.proof.json"))
    for broken in (Proof(bytes(64), proof.b, proof.c), Proof(proof.a, bytes(128), proof.c)):
        with pytest.raises(InvalidPoint):
            formats.proof_to_json(broken)


@pytest.mark.parametrize("value", [-1, R, 2**256])
def test_a_public_input_outside_the_field_is_not_written(value: int) -> None:
    with pytest.raises(NonCanonicalNumber, match="public input 1"):
        formats.public_to_json([0, value])


# -- numbers

BAD_NUMBERS = [
    ("", "not a canonical decimal string"),
    ("-1", "not a canonical decimal string"),
    ("+1", "not a canonical decimal string"),
    ("01", "not a canonical decimal string"),
    ("00", "not a canonical decimal string"),
    (" 1", "not a canonical decimal string"),
    ("1 ", "not a canonical decimal string"),
    ("1\n", "not a canonical decimal string"),
    ("1_0", "not a canonical decimal string"),
    ("1e3", "not a canonical decimal string"),
    ("1.0", "not a canonical decimal string"),
    ("0x1f", "not a canonical decimal string"),
    ("\u0661", "not a canonical decimal string"),
    ("9" * 156, "not a canonical decimal string"),
    ("9" * 100_000, "not a canonical decimal string"),
    (1, "expected a decimal string"),
    (1.0, "expected a decimal string"),
    (True, "expected a decimal string"),
    (None, "expected a decimal string"),
    ([], "expected a decimal string"),
    ({}, "expected a decimal string"),
]


@pytest.mark.parametrize(("bad", "match"), [*BAD_NUMBERS, (str(R), "not below the modulus")])
def test_public_inputs_are_canonical(bad: Any, match: str) -> None:
    with pytest.raises(FormatError, match=match) as caught:
        formats.read_public(dump(["0", bad]))
    assert caught.value.section == "[1]"


def test_the_largest_public_input() -> None:
    assert formats.read_public(dump([str(R - 1), "0"])) == [R - 1, 0]
    assert formats.read_public(b"[]") == []
    assert formats.read_public(b'["\\u0031"]') == [1]


@pytest.mark.parametrize(
    "path", [("pi_a", 0), ("pi_a", 1), ("pi_b", 0, 0), ("pi_b", 0, 1), ("pi_b", 1, 1), ("pi_c", 1)]
)
@pytest.mark.parametrize(("bad", "match"), [*BAD_NUMBERS, (str(P), "not below the modulus")])
def test_proof_coordinates_are_canonical(path: tuple[Any, ...], bad: Any, match: str) -> None:
    proof = load("claim.proof.json")
    place = proof
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = bad
    with pytest.raises(FormatError, match=match) as caught:
        formats.read_proof(dump(proof))
    assert caught.value.section == path[0] + "".join(f"[{step}]" for step in path[1:])


# -- structure

Change = Callable[[dict[str, Any]], Any]


def put(key: str, value: Any) -> Change:
    return lambda fields: {**fields, key: value}


def drop(key: str) -> Change:
    return lambda fields: {k: v for k, v in fields.items() if k != key}


def inner(key: str, index: int, value: Any) -> Change:
    return lambda fields: {**fields, key: [value if i == index else v for i, v in enumerate(fields[key])]}


PROOF_CASES: list[tuple[Change, str, str]] = [
    (drop("pi_a"), "pi_a", "missing"),
    (drop("pi_b"), "pi_b", "missing"),
    (put("pi_d", []), "'pi_d'", "does not belong"),
    (put("pi_\x1b", []), "pi_", "does not belong"),
    (put("pi_a", "1"), "pi_a", "expected a list"),
    (put("pi_a", {"0": "1"}), "pi_a", "expected a list"),
    (put("pi_a", ["1", "2"]), "pi_a", "expected 3 elements, found 2"),
    (put("pi_a", ["1", "2", "1", "1"]), "pi_a", "expected 3 elements, found 4"),
    (inner("pi_a", 2, "0"), r"pi_a\[2\]", 'expected "1"'),
    (inner("pi_a", 2, "01"), r"pi_a\[2\]", 'expected "1"'),
    (inner("pi_a", 2, 1), r"pi_a\[2\]", 'expected "1"'),
    (put("pi_c", ["0", "1", "0"]), r"pi_c\[2\]", "never infinity"),
    (inner("pi_b", 2, ["0", "0"]), r"pi_b\[2\]", "never infinity"),
    (inner("pi_b", 2, ["1"]), r"pi_b\[2\]", "affine"),
    (inner("pi_b", 2, ["1", "0", "0"]), r"pi_b\[2\]", "affine"),
    (inner("pi_b", 1, ["1"]), r"pi_b\[1\]", "expected 2 elements, found 1"),
    (inner("pi_b", 0, "1"), r"pi_b\[0\]", "expected a list"),
    (put("protocol", "plonk"), "protocol", "groth16"),
    (put("protocol", None), "protocol", "groth16"),
    (put("curve", "bls12-377"), "curve", "bn128"),
    (put("curve", ""), "curve", "bn128"),
    (put("curve", None), "curve", "bn128"),
    (put("curve", 128), "curve", "bn128"),
    (lambda fields: [fields], "", "expected a JSON object"),
    (lambda fields: "proof", "", "expected a JSON object"),
    (lambda fields: None, "", "expected a JSON object"),
]


@pytest.mark.parametrize(("change", "field", "match"), PROOF_CASES)
def test_malformed_proofs_are_refused(change: Change, field: str, match: str) -> None:
    with pytest.raises(FormatError, match=match) as caught:
        formats.read_proof(dump(change(load("claim.proof.json"))))
    assert caught.match(field)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("curve", ["bn128", "BN128", "bn254", "alt_bn128", "ALT-BN128", "altbn128"])
def test_names_of_the_curve(curve: str) -> None:
    formats.read_proof(dump(put("curve", curve)(load("claim.proof.json"))))


KEY_CASES: list[tuple[Change, str]] = [
    (drop("IC"), "IC: the field is missing"),
    (put("IC", []), "nPublic: expected an integer one less than the 0 points"),
    (put("nPublic", 6), "nPublic: expected an integer"),
    (put("nPublic", "7"), "nPublic: expected an integer"),
    (put("nPublic", True), "nPublic: expected an integer"),
    (put("nPublic", 7.0), "nPublic: expected an integer"),
    (inner("IC", 3, ["1", "2"]), r"IC\[3\]: expected 3 elements"),
    (inner("IC", 3, ["1", str(P), "1"]), r"IC\[3\]\[1\]: not below the modulus"),
    (put("vk_gamma_2", [["1", "2"], ["3"], ["1", "0"]]), r"vk_gamma_2\[1\]: expected 2 elements"),
    (put("development", 1), "development: expected true or false"),
    (put("development", None), "development: expected true or false"),
    (put("vk_alphabeta_12", []), "vk_alphabeta_12: expected 2 elements"),
    (put("vk_alphabeta_12", [[["1", "2"]] * 3, [["1", "2"]] * 2]), r"vk_alphabeta_12\[1\]: expected 3 elements"),
    (put("vk_alphabeta_12", [[["1", "2"]] * 3, [["1", "x"]] * 3]), r"vk_alphabeta_12\[1\]\[0\]\[1\]: not a canonical"),
    (put("power", 12), "'power': the field does not belong"),
]


@pytest.mark.parametrize(("change", "match"), KEY_CASES)
def test_malformed_keys_are_refused(change: Change, match: str) -> None:
    with pytest.raises(FormatError, match=match):
        formats.read_verifying_key(dump(change(load("claim.vkey.json"))))


def test_unsound_keys_are_refused() -> None:
    fields = load("claim.vkey.json")
    with pytest.raises(InvalidPoint, match="alpha_g1"):
        formats.read_verifying_key(dump({**fields, "vk_alpha_1": ["1", "3", "1"]}))
    with pytest.raises(InvalidKey, match="gamma equals delta"):
        formats.read_verifying_key(dump({**fields, "vk_gamma_2": fields["vk_delta_2"]}))
    with pytest.raises(InvalidKey, match=r"delta is the G2 generator|gamma equals delta"):
        formats.read_verifying_key(dump({**fields, "vk_delta_2": fields["vk_gamma_2"]}))


def test_alpha_beta_must_belong_to_the_key() -> None:
    fields = load("claim.vkey.json")
    other = load("chain_2p12.vkey.json")["vk_alphabeta_12"]
    with pytest.raises(InvalidKey, match="vk_alphabeta_12 is not the pairing"):
        formats.read_verifying_key(dump({**fields, "vk_alphabeta_12": other}))
    without = formats.read_verifying_key(dump(drop("vk_alphabeta_12")(fields)))
    assert without == formats.read_verifying_key(dump(fields))


def test_alpha_beta_by_definition_is_accepted_too() -> None:
    """Tools that raise to (p^12 - 1)/r itself write another power of the pairing than snarkjs."""
    from zkrelay.algebra.encoding import unpack_field
    from zkrelay.kernel import current

    fields = load("claim.vkey.json")
    key = formats.read_verifying_key(dump(fields))
    gt = [str(c) for c in unpack_field(bn254.FP, current().pairing("bn254", key.alpha_g1, key.beta_g2))]
    pairs = [gt[i : i + 2] for i in range(0, 12, 2)]
    assert [pairs[:3], pairs[3:]] != fields["vk_alphabeta_12"]
    assert formats.read_verifying_key(dump({**fields, "vk_alphabeta_12": [pairs[:3], pairs[3:]]})) == key


# -- JSON itself


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b"[1,]", "not JSON"),
        (b"[] []", "not JSON"),
        (b"\xff\xfe[\x00]\x00", "not UTF-8"),
        (b"\xef\xbb\xbf[]", "not JSON"),
        (b'["\xc0\x80"]', "not UTF-8"),
        (b'["1\x00"]', "not JSON"),
        (b"[NaN]", r"\[0\]: expected a decimal string"),
        (b"[Infinity]", r"\[0\]: expected a decimal string"),
        (b"[1e999]", r"\[0\]: expected a decimal string"),
        (b"[" + b"9" * 100_000 + b"]", r"\[0\]: expected a decimal string"),
        (b"[" * 500_000, "nested too deep|not JSON"),
        (b"[" * 400_000 + b"]" * 400_000, "nested too deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deep"),
        (b'{"a": 1, "a": 2}', "a key twice"),
        (b'[{"b": {"a": 1, "\\u0061": 2}}]', "a key twice"),
        (b" " * MAX_BYTES + b"[]", "more than the limit of 1048576"),
    ],
)
def test_json_bombs_are_refused(data: bytes, match: str) -> None:
    def read() -> None:
        with pytest.raises(FormatError, match=match):
            formats.read_public(data)

    assert peak_bytes(read) < 32 << 20


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    with path.open("wb") as handle:
        handle.truncate(1 << 40)
    with pytest.raises(FormatError, match=r"proof.json: 1099511627776 bytes are more than the limit"):
        formats.read_proof(path)


def test_the_parser_s_error_does_not_carry_the_text_along() -> None:
    with pytest.raises(FormatError) as caught:
        formats.read_inputs(b'{"secret": 12345678901234567890,}')
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "1234567890" not in str(caught.value)
