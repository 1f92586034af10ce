"""Phase 2: keys that prove, transcripts that hold, and every field of a transcript changed."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from zkrelay import ceremony, formats
from zkrelay.algebra.encoding import unpack_field
from zkrelay.algebra.points import g1_generator, g2_generator, negate_g1
from zkrelay.ceremony.key_transcript import commit
from zkrelay.ceremony.knowledge import Secret, beacon_generator, random_generator
from zkrelay.ceremony.points import group_of
from zkrelay.curves import CURVES
from zkrelay.errors import CeremonyRefused, InvalidKey, InvalidPoint, MalformedInput
from zkrelay.formats.zkey import C, H
from zkrelay.groth16 import Proof, prove, verify

from ..formats.samples import replaced
from .damage import fields, overwritten, with_entries
from .small_ceremony import BEACON, ITERATIONS, SmallCeremony, small_ceremony


@pytest.fixture(params=list(CURVES))
def made(request: pytest.FixtureRequest) -> SmallCeremony:
    return small_ceremony(request.param)


def judged(made: SmallCeremony, key: bytes) -> ceremony.KeyCeremony:
    powers = formats.read_ptau(made.prepared)
    return ceremony.verify_key(formats.read_zkey(key, check=False), made.system, powers, threads=2)


def refused(made: SmallCeremony, key: bytes, match: str) -> None:
    with pytest.raises(CeremonyRefused, match=match):
        judged(made, key)


def test_an_honest_ceremony_holds(made: SmallCeremony) -> None:
    found = judged(made, made.keys[4])
    assert [entry.name for entry in found.entries] == ["from 0", "from 1", "from 2", "the end"]
    assert [entry.kind for entry in found.entries] == [0, 0, 0, 1]
    assert len(set(found.hashes)) == 4
    assert found.circuit_hash == made.keys[0][-68:-4]


def test_the_key_proves(made: SmallCeremony) -> None:
    key = formats.read_zkey(made.keys[4], check_points=True)
    assert not key.verifying_key.development
    proof = prove(key, made.assignment)
    verify(key.verifying_key, unpack_field(key.fr, made.assignment)[1:3], proof)


def test_the_first_key_is_no_key_yet(made: SmallCeremony) -> None:
    refused(made, made.keys[0], "no contribution")
    assert formats.read_zkey(made.keys[0], check=False).verifying_key.development
    with pytest.raises(InvalidKey, match="before the first contribution"):
        formats.read_zkey(made.keys[0])


def test_beacons_alone_make_no_key(made: SmallCeremony, tmp_path: Path) -> None:
    """Whoever computes their secrets knows δ, and with γ = 1 A = α, B = β, C = -Σ x_i·IC_i/δ pass for any statement."""
    first = formats.read_zkey(made.keys[0], check=False)
    ceremony.apply_beacon_to_key(tmp_path / "1.zkey", first, BEACON, ITERATIONS)
    key = formats.read_zkey(tmp_path / "1.zkey")
    vk, curve = key.verifying_key, CURVES[made.curve]
    delta, _ = commit(beacon_generator(BEACON, ITERATIONS), curve)
    statement = [3, 5]
    scalars = b"".join(map(curve.fr.to_bytes, [1, *statement]))
    claimed = group_of(curve.name, in_g2=False).msm(scalars, vk.gamma_abc_g1)
    forged = Proof(vk.alpha_g1, vk.beta_g2, delta.times_g1(negate_g1(claimed, curve.name), inverse=True), curve.name)
    verify(vk, statement, forged)
    assert vk.development
    refused(made, (tmp_path / "1.zkey").read_bytes(), "none but beacons")
    ceremony.apply_beacon_to_key(tmp_path / "2.zkey", key, BEACON[::-1], ITERATIONS)
    assert formats.read_zkey(tmp_path / "2.zkey").verifying_key.development
    refused(made, (tmp_path / "2.zkey").read_bytes(), "none but beacons")


def test_one_person_makes_a_key(made: SmallCeremony, tmp_path: Path) -> None:
    """Wherever in the list."""
    first = formats.read_zkey(made.keys[0], check=False)
    ceremony.apply_beacon_to_key(tmp_path / "1.zkey", first, BEACON, ITERATIONS)
    ceremony.contribute_to_key(tmp_path / "2.zkey", formats.read_zkey(tmp_path / "1.zkey", check=False))
    assert not formats.read_zkey(tmp_path / "2.zkey").verifying_key.development
    assert len(judged(made, (tmp_path / "2.zkey").read_bytes()).entries) == 2


@pytest.mark.parametrize("index", range(5))
def test_keys_come_back_byte_for_byte(made: SmallCeremony, index: int, tmp_path: Path) -> None:
    key = formats.read_zkey(made.keys[index], check=False)
    formats.write_zkey(tmp_path / "again.zkey", key)
    assert (tmp_path / "again.zkey").read_bytes() == made.keys[index]


@pytest.mark.parametrize("number", [0, 2, 3])
@pytest.mark.parametrize("name", ["delta", "s", "sx", "spx", "transcript"])
def test_every_field_of_a_contribution_counts(made: SmallCeremony, name: str, number: int) -> None:
    field = fields(made.curve, powers=False)[name]
    others = {0: bytes(64), 1: g1_generator(made.curve), 2: g2_generator(made.curve)}

    def change(records: list[bytes]) -> list[bytes]:
        records[number] = overwritten(records[number], field, others[field.group])
        return records

    refused(made, with_entries(made.keys[4], made.curve, change, powers=False), rf"contribution {number + 1} \(")


@pytest.mark.parametrize("name", ["delta", "s", "sx", "spx"])
def test_infinity_is_refused(made: SmallCeremony, name: str) -> None:
    field = fields(made.curve, powers=False)[name]

    def change(records: list[bytes]) -> list[bytes]:
        return [records[0], overwritten(records[1], field, bytes(field.size)), *records[2:]]

    refused(made, with_entries(made.keys[4], made.curve, change, powers=False), "infinity")


def test_s_that_is_sx_is_refused(made: SmallCeremony) -> None:
    s, sx = (fields(made.curve, powers=False)[name] for name in ("s", "sx"))

    def change(records: list[bytes]) -> list[bytes]:
        value = records[0][s.start : s.start + s.size]
        return [overwritten(records[0], sx, value), *records[1:]]

    refused(made, with_entries(made.keys[4], made.curve, change, powers=False), "secret is one")


@pytest.mark.parametrize(
    "change",
    [
        lambda records: [records[1], records[0], *records[2:]],
        lambda records: records[1:],
        lambda records: records[:-1],
        lambda records: [records[0], *records],
        lambda records: [records[0], records[2], records[3]],
    ],
    ids=["exchanged", "first removed", "last removed", "repeated", "one removed"],
)
def test_the_list_is_as_it_was_made(made: SmallCeremony, change: Callable[[list[bytes]], list[bytes]]) -> None:
    refused(made, with_entries(made.keys[4], made.curve, change, powers=False), "contribution|delta in G1")


def test_a_beacon_is_the_one_that_it_names(made: SmallCeremony) -> None:
    beacon = bytes(range(32))

    def other_hash(records: list[bytes]) -> list[bytes]:
        assert records[3].endswith(beacon)
        return [*records[:3], records[3][:-1] + b"\0"]

    def of_a_person(records: list[bytes]) -> list[bytes]:
        field = fields(made.curve, powers=False)["transcript"]
        at = field.start + field.size
        return [*records[:2], records[2][:at] + b"\1" + records[2][at + 1 :], records[3]]

    for change, match in ((other_hash, "not the one that its beacon makes"), (of_a_person, "without iterations")):
        refused(made, with_entries(made.keys[4], made.curve, change, powers=False), match)


@pytest.mark.parametrize(("log2", "error"), [(9, CeremonyRefused), (64, CeremonyRefused), (63, MalformedInput)])
def test_a_beacon_does_not_hold_up_the_verifier(made: SmallCeremony, log2: int, error: type[Exception]) -> None:
    def change(records: list[bytes]) -> list[bytes]:
        assert records[3][-35:-32] == b"\x0a\x03\x20"
        return [*records[:3], records[3][:-35] + bytes([log2]) + records[3][-34:]]

    damaged = with_entries(made.keys[4], made.curve, change, powers=False)
    with pytest.raises(error, match="iterations"):
        judged(made, damaged)


def test_the_circuit_hash_counts(made: SmallCeremony) -> None:
    refused(made, replaced(made.keys[4], 10, lambda payload: bytes(64) + payload[64:]), "circuit hash")


@pytest.mark.parametrize(("section", "match"), [(3, "IC"), (5, "A is"), (6, "B1"), (7, "B2"), (8, "C is"), (9, "H is")])
def test_every_section_counts(made: SmallCeremony, section: int, match: str) -> None:
    """Two points exchanged: all of them are good points, so only the sums can tell."""
    size = CURVES[made.curve].g2_bytes if section == 7 else CURVES[made.curve].g1_bytes

    def exchange(payload: bytes) -> bytes:
        points = [payload[i : i + size] for i in range(0, len(payload), size)]
        one, other = next((i, j) for i in range(len(points)) for j in range(i) if points[i] != points[j])
        points[one], points[other] = points[other], points[one]
        return b"".join(points)

    refused(made, replaced(made.keys[4], section, exchange), match)


def test_coefficients_count(made: SmallCeremony) -> None:
    def exchange(payload: bytes) -> bytes:
        return payload[:4] + payload[48:92] + payload[4:48] + payload[92:]

    refused(made, replaced(made.keys[4], 4, exchange), "coefficients")


@pytest.mark.parametrize("name", ["alpha", "beta in G1", "beta in G2", "gamma", "delta in G1", "delta in G2"])
def test_every_point_of_the_header_counts(made: SmallCeremony, name: str) -> None:
    curve = CURVES[made.curve]
    g1, g2, start = curve.g1_bytes, curve.g2_bytes, 8 + curve.fp.num_bytes + 32 + 12
    order = [
        ("alpha", g1),
        ("beta in G1", g1),
        ("beta in G2", g2),
        ("gamma", g2),
        ("delta in G1", g1),
        ("delta in G2", g2),
    ]
    at = start + sum(size for other, size in order[: [other for other, _ in order].index(name)])
    size = dict(order)[name]
    twice = formats.read_zkey(made.keys[1], check=False)  # another delta, of the same groups
    value = bytes(twice.delta_g1) if size == g1 else twice.verifying_key.delta_g2
    refused(made, replaced(made.keys[4], 2, lambda p: p[:at] + value + p[at + size :]), name)


@pytest.mark.parametrize("section", [C, H])
def test_points_outside_the_group_are_refused(made: SmallCeremony, section: int) -> None:
    damaged = replaced(made.keys[4], section, lambda payload: payload[:-1] + bytes([payload[-1] ^ 1]))
    with pytest.raises((InvalidPoint, MalformedInput)):
        judged(made, damaged)


def test_another_circuit_is_refused(made: SmallCeremony) -> None:
    key, powers = formats.read_zkey(made.keys[4], check=False), formats.read_ptau(made.prepared)
    system = made.system
    coefficients = bytearray(system.coefficients)
    coefficients[0] ^= 1
    with pytest.raises(CeremonyRefused, match="circuit hash"):
        ceremony.verify_key(key, replace(system, coefficients=bytes(coefficients)), powers)
    with pytest.raises(CeremonyRefused, match="another circuit"):
        ceremony.verify_key(key, replace(system, num_public=1), powers)


def test_other_powers_are_refused(made: SmallCeremony, tmp_path: Path) -> None:
    ceremony.contribute_to_powers(tmp_path / "more.ptau", formats.read_ptau(made.powers[4]))
    ceremony.prepare_powers(tmp_path / "other.ptau", formats.read_ptau(tmp_path / "more.ptau"))
    key = formats.read_zkey(made.keys[4], check=False)
    with pytest.raises(CeremonyRefused, match="circuit hash"):
        ceremony.verify_key(key, made.system, formats.read_ptau(tmp_path / "other.ptau"))


def test_what_cannot_start_a_key(made: SmallCeremony) -> None:
    with pytest.raises(MalformedInput, match="not prepared"):
        ceremony.new_key(made.system, formats.read_ptau(made.powers[4]))
    other = small_ceremony("bls12_381" if made.curve == "bn254" else "bn254")
    with pytest.raises(MalformedInput, match="powers of tau are over"):
        ceremony.new_key(made.system, formats.read_ptau(other.prepared))


def test_a_key_without_a_file_has_no_transcript(made: SmallCeremony, tmp_path: Path) -> None:
    powers = formats.read_ptau(made.prepared)
    key = ceremony.new_key(made.system, powers).key
    with pytest.raises(InvalidKey, match="was read from"):
        ceremony.contribute_to_key(tmp_path / "out.zkey", key)
    with pytest.raises(InvalidKey, match="was read from"):
        ceremony.verify_key(key, made.system, powers)


@pytest.mark.parametrize("section", [C, H])
def test_contributing_to_a_damaged_key_writes_nothing(made: SmallCeremony, section: int, tmp_path: Path) -> None:
    damaged = replaced(made.keys[2], section, lambda payload: payload[:-1] + bytes([payload[-1] ^ 1]))
    with pytest.raises(MalformedInput):
        ceremony.contribute_to_key(tmp_path / "out.zkey", formats.read_zkey(damaged, check=False))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 65, "line\nbreak", "\u202e", "\U0001f600" * 33])
def test_names_that_are_not_written(made: SmallCeremony, name: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedInput, match="name"):
        ceremony.contribute_to_key(tmp_path / "out.zkey", formats.read_zkey(made.keys[0], check=False), name=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("value", "iterations"), [(b"", 10), (bytes(256), 10), (b"x", 9), (b"x", 64), (b"x", -1)])
def test_beacons_outside_the_limits(made: SmallCeremony, value: bytes, iterations: int, tmp_path: Path) -> None:
    key = formats.read_zkey(made.keys[0], check=False)
    with pytest.raises(MalformedInput, match="beacon"):
        ceremony.apply_beacon_to_key(tmp_path / "out.zkey", key, value, iterations)
    assert list(tmp_path.iterdir()) == []


def test_secrets_do_not_show() -> None:
    curve = CURVES["bn254"]
    rng = random_generator("typed")
    secret, _ = commit(rng, curve)
    value = secret.value
    assert repr(secret) == "Secret(hidden)"
    assert repr(rng) == "ChaCha(hidden)"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    secret.wipe()
    assert secret.value == 0 != value
    for bad in (0, curve.fr.modulus):
        with pytest.raises(MalformedInput):
            Secret(curve, bad)
