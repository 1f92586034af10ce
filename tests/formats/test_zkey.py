"""``.zkey``: other provers' keys come back byte for byte; ours are read; nothing unsound or malformed is."""

from __future__ import annotations

import dataclasses
import hashlib
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from zkrelay import formats
from zkrelay.algebra.encoding import pack_g1, pack_g2
from zkrelay.curves import bls12_381, bn254
from zkrelay.errors import FormatError, InvalidKey, InvalidPoint, MalformedInput, NonCanonicalNumber
from zkrelay.formats import Container, coefficients_digest, read_zkey, write_zkey
from zkrelay.groth16 import ProvingKey, prove, setup, verify
from zkrelay.groth16.qap import coefficient_records
from zkrelay.kernel import current

from ..groth16.small_circuits import assignment_bytes, cubic
from .samples import borders, interop, pack_container, patched, peak_bytes, replaced, small_key, u32, unpack_container

P, R = bn254.FP.modulus, bn254.FR.modulus
G1, G2 = pack_g1([bn254.G1_GENERATOR]), pack_g2([bn254.G2_GENERATOR])
# payload offsets of the Groth16 header (section 2)
N_VARS, N_PUBLIC, DOMAIN, ALPHA_1, BETA_1, BETA_2, GAMMA_2, DELTA_1, DELTA_2 = 72, 76, 80, 84, 148, 212, 340, 468, 532


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("zkey") / "ours.zkey"
    write_zkey(path, small_key())
    return path.read_bytes()


def queries(key: ProvingKey) -> dict[str, object]:
    """Everything of a key but what owns the memory, and what was prepared from it."""
    fields = {field.name: getattr(key, field.name) for field in dataclasses.fields(key) if field.compare}
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in fields.items()}


def test_a_key_of_another_prover_comes_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "claim.zkey"
    path.write_bytes(interop("claim.zkey"))
    key = read_zkey(path)
    assert (key.num_variables, key.num_public, key.log_domain, key.num_coefficients) == (10322, 7, 14, 50911)
    assert key.verifying_key.development
    assert isinstance(key.a_query, memoryview)  # a view over the map, not a copy
    assert isinstance(key.owner, Container)
    write_zkey(tmp_path / "again.zkey", key)
    assert (tmp_path / "again.zkey").read_bytes() == interop("claim.zkey")


def test_its_verifying_key_is_that_of_the_json() -> None:
    vk = read_zkey(interop("claim.zkey")).verifying_key
    assert dataclasses.replace(vk, development=False) == formats.read_verifying_key(interop("claim.vkey.json"))


def test_opening_a_key_copies_nothing() -> None:
    data = interop("claim.zkey")
    assert peak_bytes(lambda: read_zkey(data, check=False)) < 64 << 10


def test_every_point_of_another_prover_s_key_is_sound() -> None:
    if current().name == "reference":
        pytest.skip("50,000 points take minutes in Python integers")
    read_zkey(interop("claim.zkey"), check_points=True, threads=2)


def test_we_prove_with_another_prover_s_key() -> None:
    if current().name == "reference":
        pytest.skip("a proof of 10,296 rows takes minutes in Python integers")
    key, public = read_zkey(interop("claim.zkey")), formats.read_public(interop("claim.public.json"))
    verify(key.verifying_key, public, prove(key, formats.read_wtns(interop("claim.wtns")).assignment))


def test_its_records_are_those_of_its_circuit() -> None:
    """The digest of a key and of the circuit it was made for agree, whoever wrote the key."""
    r1cs = formats.read_r1cs(interop("claim.r1cs.gz"))
    assert coefficients_digest(coefficient_records(r1cs)) == coefficients_digest(read_zkey(interop("claim.zkey")))


def test_round_trip(tmp_path: Path, ours: bytes) -> None:
    key = read_zkey(ours, check_points=True)
    assert queries(key) == queries(small_key())
    write_zkey(tmp_path / "again.zkey", key)
    assert (tmp_path / "again.zkey").read_bytes() == ours
    _, z = cubic(3)
    formats.write_wtns(tmp_path / "z.wtns", bn254.FR, assignment_bytes(z))
    verify(key.verifying_key, z[1:2], prove(key, formats.read_wtns(tmp_path / "z.wtns").assignment))


def test_sections_in_snarkjs_s_order_read_alike(ours: bytes) -> None:
    sections = dict(unpack_container(ours))
    shuffled = pack_container("zkey", 1, [(kind, sections[kind]) for kind in (1, 2, 4, 3, 9, 8, 5, 6, 7, 10)])
    assert queries(read_zkey(shuffled)) == queries(read_zkey(ours))


def test_digest_is_of_the_sorted_records() -> None:
    records = bytes(small_key().coefficients)
    rows = [records[i : i + 44] for i in range(0, len(records), 44)]
    expected = hashlib.sha256(b"".join(sorted(rows, key=lambda row: struct.unpack_from("<III", row)))).hexdigest()
    random.Random(3).shuffle(rows)
    assert coefficients_digest(b"".join(rows)) == coefficients_digest(small_key()) == expected
    assert coefficients_digest(setup(cubic(5)[0])) == expected  # another key of the same circuit
    changed = patched(rows[0], 12, bytes([rows[0][12] ^ 1]))
    assert coefficients_digest(b"".join([changed, *rows[1:]])) != expected
    assert coefficients_digest(b"".join([*rows, rows[0]])) != expected
    doubled = [*rows, changed]  # the same place twice: still independent of the order
    assert coefficients_digest(b"".join(doubled)) == coefficients_digest(b"".join(doubled[::-1]))


# -- contributions


def contribution(delta: bytes = G1, kind: int = 0, parameters: bytes = b"", length: int | None = None) -> bytes:
    points = delta + G1 + G1 + G2
    return points + bytes(range(64)) + u32(kind) + u32(len(parameters) if length is None else length) + parameters


def section_10(*contributions: bytes, count: int | None = None) -> bytes:
    return b"h" * 64 + u32(len(contributions) if count is None else count) + b"".join(contributions)


def test_contributions_are_read_and_written_back(tmp_path: Path, ours: bytes) -> None:
    delta = bytes(small_key().delta_g1)
    payload = section_10(
        contribution(parameters=b"\x01\x05Alice"),
        contribution(),
        contribution(delta, 1, b"\x01\x03a\x1bb\x02\x0a\x03\x04\xde\xad\xbe\xef"),
    )
    data = replaced(ours, 10, lambda _: payload)
    key = read_zkey(data)
    assert not key.verifying_key.development
    assert isinstance(key.owner, Container)
    found = formats.contributions_of(key.owner)
    assert found.circuit_hash == b"h" * 64
    assert [(c.kind, c.name, c.iterations_log2, c.beacon_hash) for c in found.entries] == [
        (0, "Alice", None, b""),
        (0, "", None, b""),
        (1, "a\ufffdb", 10, b"\xde\xad\xbe\xef"),
    ]
    assert found.entries[2].delta_after_g1 == delta
    assert found.entries[0].public_key == G1 + G1 + G2
    assert found.entries[0].transcript == bytes(range(64))
    write_zkey(tmp_path / "again.zkey", key)
    assert (tmp_path / "again.zkey").read_bytes() == data


@pytest.mark.parametrize(
    ("payload", "match"),
    [
        (b"", "the circuit hash needs 64 bytes"),
        (bytes(64), "number of contributions needs 4 bytes"),
        (section_10(count=1), "1 contributions of at least 392 bytes do not fit into 0"),
        (section_10(contribution(), count=2**32 - 1), "4294967295 contributions"),
        (section_10(contribution(), count=0), "392 bytes follow"),
        (section_10(contribution(kind=2)), "kind 2"),
        (section_10(contribution(length=1)), "parameters needs 1 bytes"),
        (section_10(contribution(length=2**32 - 1)), "parameters needs 4294967295 bytes"),
        (section_10(contribution(parameters=b"\x01\x05Al")), "the name needs 5 bytes"),
        (section_10(contribution(parameters=b"\x01")), "length of the name needs 1 bytes"),
        (section_10(contribution(parameters=b"\x02\x01\x01\x00")), "parameter 1 is unknown or out of order"),
        (section_10(contribution(parameters=b"\x01\x00\x01\x00")), "parameter 1 is unknown or out of order"),
        (section_10(contribution(parameters=b"\x04\x00")), "parameter 4 is unknown"),
        (section_10(contribution(parameters=b"\x00")), "parameter 0 is unknown"),
    ],
)
def test_malformed_contributions_are_refused(ours: bytes, payload: bytes, match: str) -> None:
    data = replaced(ours, 10, lambda _: payload)

    def read() -> None:
        with pytest.raises(FormatError, match=match) as caught:
            read_zkey(data)
        assert caught.value.section == "10 (contributions)"

    assert peak_bytes(read) < 1 << 20


def test_the_last_contribution_must_end_in_the_key_s_delta(ours: bytes) -> None:
    with pytest.raises(InvalidKey, match="does not end in this key's delta"):
        read_zkey(replaced(ours, 10, lambda _: section_10(contribution())))


def test_writing_asks_where_a_key_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "x.zkey"
    key = small_key()
    claimed = dataclasses.replace(key, verifying_key=dataclasses.replace(key.verifying_key, development=False))
    with pytest.raises(InvalidKey, match="contributions it comes from are unknown"):
        write_zkey(path, claimed)
    with pytest.raises(InvalidKey, match="these do not fit"):
        write_zkey(path, claimed, contributions=section_10())
    with pytest.raises(InvalidKey, match="these do not fit"):
        write_zkey(path, key, contributions=section_10(contribution()))
    with pytest.raises(InvalidKey, match="a_query has"):
        write_zkey(path, dataclasses.replace(key, a_query=bytes(64)))
    assert not list(tmp_path.iterdir())
    write_zkey(path, claimed, contributions=section_10(contribution(bytes(key.delta_g1))))
    assert not read_zkey(path).verifying_key.development


# -- hostile keys


def header(at: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, 2, lambda payload: patched(payload, at, value))


def section(kind: int, at: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, kind, lambda payload: patched(payload, at, value))


def resized(kind: int, change: int) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, kind, lambda p: p + bytes(change) if change > 0 else p[:change])


def without(kind: int) -> Callable[[bytes], bytes]:
    return lambda data: pack_container("zkey", 1, [s for s in unpack_container(data) if s[0] != kind])


OFF_CURVE_G1 = pack_g1([(1, 3)])
OFF_CURVE_G2 = pack_g2([((1, 2), (3, 4))])
NOT_CANONICAL = P.to_bytes(32, "little")

MALFORMED: list[tuple[Callable[[bytes], bytes], str]] = [
    (section(1, 0, u32(2)), r"a key for PLONK; only Groth16 \(1\) is read"),
    (section(1, 0, u32(10)), "a key for FFLONK"),
    (section(1, 0, u32(77)), "a key for protocol 77"),
    (resized(1, 1), "1 bytes follow"),
    (header(0, u32(48)), "the base field is that of no curve"),
    (header(4, b"\x00"), "the base field is that of no curve"),
    (header(0, u32(2**32 - 1)), "the prime needs 4294967295 bytes"),
    (header(36, u32(24)), "the scalar field is not that of bn254"),
    (header(40, b"\x00"), "the scalar field is not that of bn254"),
    (header(40, bls12_381.FR.to_bytes(bls12_381.FR.modulus - 1)), "the scalar field is not that of bn254"),
    (header(40, bls12_381.FR.modulus.to_bytes(32, "little")), "the scalar field is not that of bn254"),
    (header(DOMAIN, u32(0)), "a domain of 0"),
    (header(DOMAIN, u32(1)), "a domain of 1"),
    (header(DOMAIN, u32(7)), "a domain of 7"),
    (header(DOMAIN, u32(1 << 25)), "a domain of 33554432"),
    (header(DOMAIN, u32(1 << 24)), "16777216 points of 64 bytes do not fit"),
    (header(DOMAIN, u32(4)), "256 bytes follow"),
    (header(N_VARS, u32(2**32 - 1)), "4294967295 points of 64 bytes do not fit"),
    (header(N_VARS, u32(1)), "1 variables cannot hold 1 public inputs"),
    (header(N_PUBLIC, u32(5)), "5 variables cannot hold 5 public inputs"),
    (header(N_PUBLIC, u32(2**32 - 1)), "cannot hold 4294967295 public inputs"),
    (header(N_PUBLIC, u32(0)), "64 bytes follow"),
    (header(N_PUBLIC, u32(2)), "3 points of 64 bytes do not fit into the 128 bytes left"),
    (resized(2, 1), "1 bytes follow"),
    (resized(2, -1), "delta_2 needs 128 bytes"),
    *[(resized(kind, -1), "do not fit") for kind in range(3, 10)],
    *[(resized(kind, 1), "1 bytes follow") for kind in range(3, 11)],
    *[(without(kind), rf"section {kind} \(.*\) is missing") for kind in range(1, 11)],
    (section(4, 0, u32(2**32 - 1)), "4294967295 records of 44 bytes do not fit"),
    (section(4, 4 + 44, u32(2)), "record 1: the matrix is neither A"),
    (section(4, 4 + 4, u32(8)), "record 0: the row is outside the domain of 8"),
    (section(4, 4 + 2 * 44 + 8, u32(5)), "record 2: the column is outside the 5 variables"),
    (section(4, 4 + 12, R.to_bytes(32, "little")), "record 0: the value is not below r"),
]


@pytest.mark.parametrize(("change", "match"), MALFORMED, ids=[match for _, match in MALFORMED])
def test_malformed_is_refused(ours: bytes, change: Callable[[bytes], bytes], match: str) -> None:
    data = change(ours)

    def read() -> None:
        with pytest.raises(FormatError, match=match):
            read_zkey(data)

    assert peak_bytes(read) < 1 << 20


UNSOUND: list[tuple[Callable[[bytes], bytes], type[MalformedInput], str]] = [
    (header(ALPHA_1, OFF_CURVE_G1), InvalidPoint, "alpha_g1"),
    (header(ALPHA_1, bytes(64)), InvalidKey, "alpha_g1 is the point at infinity"),
    (header(ALPHA_1, NOT_CANONICAL), NonCanonicalNumber, "alpha_g1"),
    (header(BETA_1, OFF_CURVE_G1), InvalidPoint, ""),
    (header(BETA_1, bytes(64)), InvalidPoint, ""),
    (header(BETA_2, OFF_CURVE_G2), InvalidPoint, "beta_g2"),
    (header(GAMMA_2, OFF_CURVE_G2), InvalidPoint, "gamma_g2"),
    (header(DELTA_1, OFF_CURVE_G1), InvalidPoint, ""),
    (header(DELTA_2, OFF_CURVE_G2), InvalidPoint, "delta_g2"),
    (header(DELTA_2, bytes(128)), InvalidKey, "delta_g2 is the point at infinity"),
    (header(DELTA_2, G2), InvalidKey, "gamma equals delta|phase 2"),
    (section(3, 64, bytes(64)), InvalidKey, "the IC point of public input 0 is infinity"),
    (section(3, 64, OFF_CURVE_G1), InvalidPoint, "gamma_abc_g1"),
]


@pytest.mark.parametrize(("change", "error", "match"), UNSOUND)
def test_unsound_is_refused(
    ours: bytes, change: Callable[[bytes], bytes], error: type[MalformedInput], match: str
) -> None:
    with pytest.raises(error, match=match or None):
        read_zkey(change(ours))


QUERIES = [(5, "a_query"), (6, "b_g1_query"), (8, "l_query"), (9, "h_query")]


@pytest.mark.parametrize(("kind", "name"), QUERIES)
def test_a_planted_point_is_found_when_points_are_checked(ours: bytes, kind: int, name: str) -> None:
    data = section(kind, 64, OFF_CURVE_G1)(ours)
    read_zkey(data)
    with pytest.raises(InvalidPoint, match=name):
        read_zkey(data, check_points=True)


def test_planted_points_of_g2_and_foreign_halves_are_found(ours: bytes) -> None:
    with pytest.raises(InvalidPoint, match="b_g2_query"):
        read_zkey(section(7, 128, OFF_CURVE_G2)(ours), check_points=True)
    for at in (BETA_1, DELTA_1):
        data = header(at, G1)(ours)
        read_zkey(data)
        with pytest.raises(InvalidKey, match="not the same multiple"):
            read_zkey(data, check_points=True)


def test_truncation_is_refused(ours: bytes) -> None:
    rng = random.Random(4)
    for data in (ours, interop("claim.zkey")):
        for length in {*borders(data)[:-1], *(rng.randrange(len(data)) for _ in range(100))}:
            with pytest.raises(FormatError):
                read_zkey(data[:length])


def test_other_versions_and_sections_are_refused(ours: bytes) -> None:
    with pytest.raises(FormatError, match=r"version 2 of \.zkey"):
        read_zkey(patched(ours, 4, u32(2)))
    with pytest.raises(FormatError, match="section type 11"):
        read_zkey(pack_container("zkey", 1, [*unpack_container(ours), (11, b"")]))
