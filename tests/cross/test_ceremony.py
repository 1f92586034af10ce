"""Ceremonies of zkrelay and snarkjs together: either goes on where the other stopped, and both judge alike."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zkrelay import ceremony, formats
from zkrelay.algebra.points import g1_generator, g2_generator
from zkrelay.ceremony.read_ahead import raw_difference
from zkrelay.curves import CURVES
from zkrelay.errors import CeremonyRefused, MalformedInput
from zkrelay.kernel import Matrix
from zkrelay.r1cs import R1CS

from ..ceremony.damage import fields, overwritten, with_entries
from ..ceremony.known_powers import write_known_powers
from ..ceremony.small_ceremony import BEACON, ITERATIONS, POWER, small_ceremony
from ..formats.samples import replaced
from .snarkjs_process import Snarkjs

Change = Callable[[list[bytes]], list[bytes]]


@dataclass
class Alternating:
    """Five contributions of each phase, by the two in turn, and a beacon; hashes as their makers were told."""

    curve: str
    folder: Path
    powers_hashes: list[str] = field(default_factory=list)
    key_hashes: list[str] = field(default_factory=list)

    @property
    def r1cs(self) -> Path:
        return self.folder / "circuit.r1cs"

    @property
    def prepared(self) -> Path:
        return self.folder / "prepared.ptau"

    def powers(self, index: int) -> Path:
        return self.folder / f"{index}.ptau"

    def key(self, index: int) -> Path:
        return self.folder / f"{index}.zkey"


@pytest.fixture(scope="module", params=list(CURVES))
def made(request: pytest.FixtureRequest, snarkjs: Snarkjs, tmp_path_factory: pytest.TempPathFactory) -> Alternating:
    out = Alternating(request.param, tmp_path_factory.mktemp(request.param))
    ceremony.new_powers(out.powers(0), out.curve, POWER)
    for index in range(5):
        old, new, name = out.powers(index), out.powers(index + 1), f"number {index}"
        if index % 2:
            digest = snarkjs.step("powersOfTau", "contribute", old, new, name, "entropy")
        else:
            digest = ceremony.contribute_to_powers(new, formats.read_ptau(old), name=name).response.hex()
        out.powers_hashes.append(digest)
    end = ("the end", BEACON.hex(), ITERATIONS)
    out.powers_hashes.append(snarkjs.step("powersOfTau", "beacon", out.powers(5), out.powers(6), *end))
    ceremony.prepare_powers(out.prepared, formats.read_ptau(out.powers(6)), threads=2)
    out.r1cs.write_bytes(small_ceremony(out.curve).r1cs)
    system = formats.read_r1cs(out.r1cs, keep_order=True)
    ceremony.write_new_key(out.key(0), ceremony.new_key(system, formats.read_ptau(out.prepared)))
    for index in range(5):
        old, new, name = out.key(index), out.key(index + 1), f"number {index}"
        if index % 2:
            key = formats.read_zkey(old, check=False)
            out.key_hashes.append(ceremony.contribute_to_key(new, key, name=name).hex())
        else:
            out.key_hashes.append(snarkjs.step("zKey", "contribute", old, new, name, "entropy"))
    last = formats.read_zkey(out.key(5), check=False)
    out.key_hashes.append(ceremony.apply_beacon_to_key(out.key(6), last, BEACON, ITERATIONS, name="the end").hex())
    return out


def we_accept_powers(powers: Path) -> bool:
    try:
        ceremony.verify_powers(formats.read_ptau(powers), threads=2)
    except (CeremonyRefused, MalformedInput):
        return False
    return True


def we_accept_key(r1cs: Path, powers: Path, key: Path) -> bool:
    try:
        opened = formats.read_zkey(key, check=False)
        ceremony.verify_key(opened, formats.read_r1cs(r1cs, keep_order=True), formats.read_ptau(powers))
    except (CeremonyRefused, MalformedInput):
        return False
    return True


def test_powers_hold_in_both(snarkjs: Snarkjs, made: Alternating) -> None:
    assert snarkjs.accepts_powers(made.prepared)
    found = ceremony.verify_powers(formats.read_ptau(made.prepared), threads=2)
    assert [digest.hex() for digest in found.responses] == made.powers_hashes
    assert [entry.maker.name for entry in found.entries] == [*(f"number {i}" for i in range(5)), "the end"]


def test_keys_hold_in_both(snarkjs: Snarkjs, made: Alternating) -> None:
    assert snarkjs.accepts_key(made.r1cs, made.prepared, made.key(6))
    system = formats.read_r1cs(made.r1cs, keep_order=True)
    found = ceremony.verify_key(formats.read_zkey(made.key(6)), system, formats.read_ptau(made.prepared))
    assert [digest.hex() for digest in found.hashes] == made.key_hashes


def test_bytes_are_equal_where_nothing_is_random(snarkjs: Snarkjs, made: Alternating, tmp_path: Path) -> None:
    theirs, end = tmp_path / "theirs", ("the end", BEACON.hex(), ITERATIONS)
    challenge = snarkjs.step("powersOfTau", "newAccumulator", made.curve, POWER, theirs)
    assert theirs.read_bytes() == made.powers(0).read_bytes()
    assert challenge == ceremony.first_challenge(made.curve, POWER).hex()
    ceremony.apply_beacon_to_powers(
        tmp_path / "beacon.ptau", formats.read_ptau(made.powers(5)), BEACON, ITERATIONS, name="the end"
    )
    assert (tmp_path / "beacon.ptau").read_bytes() == made.powers(6).read_bytes()
    snarkjs.step("powersOfTau", "preparePhase2", made.powers(6), theirs)
    assert theirs.read_bytes() == made.prepared.read_bytes()
    digest = snarkjs.step("zKey", "newZKey", made.r1cs, made.prepared, theirs)
    assert theirs.read_bytes() == made.key(0).read_bytes()
    assert digest == made.key(0).read_bytes()[-68:-4].hex()
    assert snarkjs.step("zKey", "beacon", made.key(5), theirs, *end) == made.key_hashes[5]
    assert theirs.read_bytes() == made.key(6).read_bytes()


def test_files_of_snarkjs_come_back(made: Alternating, tmp_path: Path) -> None:
    formats.write_ptau(tmp_path / "a.ptau", formats.read_ptau(made.powers(6)))
    assert (tmp_path / "a.ptau").read_bytes() == made.powers(6).read_bytes()
    formats.write_zkey(tmp_path / "a.zkey", formats.read_zkey(made.key(5)))
    assert (tmp_path / "a.zkey").read_bytes() == made.key(5).read_bytes()


def test_terms_in_any_order(snarkjs: Snarkjs, made: Alternating, tmp_path: Path) -> None:
    """circom's combinations are not always ascending; the coefficients of the key stand as in the file."""

    def backwards(payload: bytes) -> bytes:
        out, position = b"", 0
        while position < len(payload):
            count = int.from_bytes(payload[position : position + 4], "little")
            terms = [payload[position + 4 + 36 * i :][:36] for i in range(count)]
            out += payload[position : position + 4] + b"".join(reversed(terms))
            position += 4 + 36 * count
        return out

    r1cs = tmp_path / "backwards.r1cs"
    r1cs.write_bytes(replaced(made.r1cs.read_bytes(), 2, backwards))
    system = formats.read_r1cs(r1cs, keep_order=True)
    ceremony.write_new_key(tmp_path / "ours", ceremony.new_key(system, formats.read_ptau(made.prepared)))
    snarkjs.step("zKey", "newZKey", r1cs, made.prepared, tmp_path / "theirs")
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes() != made.key(0).read_bytes()


def test_a_response_is_imported(snarkjs: Snarkjs, made: Alternating, tmp_path: Path) -> None:
    challenge, response, theirs = (tmp_path / name for name in ("challenge", "response", "theirs.ptau"))
    snarkjs.step("powersOfTau", "exportChallenge", made.powers(3), challenge)
    snarkjs.step("powersOfTau", "challengeContribute", made.curve, challenge, response, "entropy")
    ours, before = tmp_path / "ours.ptau", formats.read_ptau(made.powers(3))
    ceremony.import_response(ours, before, response, name="elsewhere", threads=2)
    snarkjs.step("powersOfTau", "importResponse", made.powers(3), response, theirs, "elsewhere", True)
    assert ours.read_bytes() == theirs.read_bytes()
    assert we_accept_powers(ours)
    data = response.read_bytes()
    other = formats.read_ptau(made.powers(2))
    with pytest.raises(CeremonyRefused, match="another challenge"):
        ceremony.import_response(tmp_path / "no.ptau", other, response)
    curve = CURVES[made.curve]
    infinity = data[:64] + b"\x40" + bytes(curve.fp.num_bytes - 1) + data[64 + curve.fp.num_bytes :]
    for damaged in (data[:-1], data + b"\0", data[:64], infinity, data[:-1] + b"\xff"):
        with pytest.raises(MalformedInput):
            ceremony.import_response(tmp_path / "no.ptau", before, damaged)
    assert not (tmp_path / "no.ptau").exists()


@pytest.mark.parametrize("index", [0, 3, 6])
def test_a_challenge_is_that_of_snarkjs(snarkjs: Snarkjs, made: Alternating, index: int, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ceremony.export_challenge(ours, formats.read_ptau(made.powers(index)))
    snarkjs.step("powersOfTau", "exportChallenge", made.powers(index), theirs)
    assert ours.read_bytes() == theirs.read_bytes()


def test_snarkjs_imports_our_response(snarkjs: Snarkjs, made: Alternating, tmp_path: Path) -> None:
    """To its own challenge; both make the same file of it, and both accept that."""
    challenge, response = tmp_path / "challenge", tmp_path / "response"
    snarkjs.step("powersOfTau", "exportChallenge", made.powers(4), challenge)
    digest = ceremony.answer_challenge(response, challenge, made.curve, threads=2)
    theirs, ours = tmp_path / "theirs.ptau", tmp_path / "ours.ptau"
    snarkjs.step("powersOfTau", "importResponse", made.powers(4), response, theirs, "elsewhere", True)
    hashes = ceremony.import_response(ours, formats.read_ptau(made.powers(4)), response, name="elsewhere")
    assert (hashes.response, ours.read_bytes()) == (digest, theirs.read_bytes())
    assert snarkjs.accepts_powers(ours)
    assert we_accept_powers(ours)


POWERS_FIELDS = [name for name in fields("bn254", powers=True) if name != "partial hash"]


def mostly_long(quick: list[Any], everything: list[Any]) -> list[Any]:
    """snarkjs takes a second to verify powers: a few cases stand for all in the quick suite."""
    return [item if item in quick else pytest.param(item, marks=pytest.mark.long) for item in everything]


ORDERS: dict[str, Change] = {
    "exchanged": lambda records: [records[0], records[2], records[1], *records[3:]],
    "one removed": lambda records: [records[0], *records[2:]],
    "last removed": lambda records: records[:-1],
}


def point_of(curve: str, group: int) -> bytes:
    return {0: bytes(64), 1: g1_generator(curve), 2: g2_generator(curve)}[group]


@pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ["delta", "s", "sx", "spx", "transcript", "s is sx", "s is infinity"])
def test_a_damaged_contribution_to_a_key_is_refused_by_both(
    snarkjs: Snarkjs, made: Alternating, tmp_path: Path, name: str, number: int
) -> None:
    parts = fields(made.curve, powers=False)

    def change(records: list[bytes]) -> list[bytes]:
        record = records[number]
        if name == "s is sx":
            sx = record[parts["sx"].start :][: parts["sx"].size]
            records[number] = overwritten(record, parts["s"], sx)
        elif name == "s is infinity":
            records[number] = overwritten(record, parts["s"], bytes(parts["s"].size))
        else:
            records[number] = overwritten(record, parts[name], point_of(made.curve, parts[name].group))
        return records

    refused_key(snarkjs, made, tmp_path, change)


@pytest.mark.parametrize("order", ORDERS)
def test_a_key_with_another_list_is_refused_by_both(
    snarkjs: Snarkjs, made: Alternating, tmp_path: Path, order: str
) -> None:
    refused_key(snarkjs, made, tmp_path, ORDERS[order])


def refused_key(snarkjs: Snarkjs, made: Alternating, folder: Path, change: Change) -> None:
    damaged = folder / "damaged.zkey"
    damaged.write_bytes(with_entries(made.key(6).read_bytes(), made.curve, change, powers=False))
    assert not we_accept_key(made.r1cs, made.prepared, damaged)
    assert not snarkjs.accepts_key(made.r1cs, made.prepared, damaged)


@pytest.mark.parametrize("name", mostly_long(["alpha G1", "beta sx", "tau spx"], POWERS_FIELDS))
def test_a_damaged_contribution_to_powers_is_refused_by_both(
    snarkjs: Snarkjs, made: Alternating, tmp_path: Path, name: str
) -> None:
    part = fields(made.curve, powers=True)[name]

    def change(records: list[bytes]) -> list[bytes]:
        records[5] = overwritten(records[5], part, point_of(made.curve, part.group))
        return records

    refused_powers(snarkjs, made, tmp_path, change)


@pytest.mark.parametrize("order", mostly_long(["one removed"], list(ORDERS)))
def test_powers_with_another_list_are_refused_by_both(
    snarkjs: Snarkjs, made: Alternating, tmp_path: Path, order: str
) -> None:
    refused_powers(snarkjs, made, tmp_path, ORDERS[order])


def refused_powers(snarkjs: Snarkjs, made: Alternating, folder: Path, change: Change) -> None:
    damaged = folder / "damaged.ptau"
    damaged.write_bytes(with_entries(made.powers(6).read_bytes(), made.curve, change, powers=True))
    assert not we_accept_powers(damaged)
    assert not snarkjs.accepts_powers(damaged)


@pytest.mark.parametrize("section", mostly_long([4, 13], [2, 3, 4, 5, 12, 13, 14, 15]))
def test_exchanged_points_are_refused_by_both(
    snarkjs: Snarkjs, made: Alternating, tmp_path: Path, section: int
) -> None:
    size = CURVES[made.curve].g2_bytes if section in (3, 13) else CURVES[made.curve].g1_bytes
    damaged = tmp_path / "damaged.ptau"
    damaged.write_bytes(
        replaced(made.prepared.read_bytes(), section, lambda p: p[: -2 * size] + p[-size:] + p[-2 * size : -size])
    )
    assert not we_accept_powers(damaged)
    assert not snarkjs.accepts_powers(damaged)


def test_another_circuit_and_other_powers_are_refused_by_both(
    snarkjs: Snarkjs, made: Alternating, tmp_path: Path
) -> None:
    other = tmp_path / "other.r1cs"
    data = made.r1cs.read_bytes()  # a bit of the last coefficient
    other.write_bytes(replaced(data, 2, lambda payload: payload[:-8] + bytes([payload[-8] ^ 1]) + payload[-7:]))
    assert not we_accept_key(other, made.prepared, made.key(6))
    assert not snarkjs.accepts_key(other, made.prepared, made.key(6))
    powers = tmp_path / "other.ptau"
    powers.write_bytes(small_ceremony(made.curve).prepared)
    assert not we_accept_key(made.r1cs, powers, made.key(6))
    assert not snarkjs.accepts_key(made.r1cs, powers, made.key(6))


@pytest.mark.parametrize("curve", list(CURVES))
def test_what_is_no_point_is_subtracted_alike(snarkjs: Snarkjs, curve: str) -> None:
    """Bytes of any kind in the place of a point: what the hash of a large circuit takes in (``read_ahead``)."""
    shape, generator = CURVES[curve], g1_generator(curve)
    rng = random.Random(curve)
    high = [bytes([255]) * shape.g1_bytes, rng.randbytes(shape.g1_bytes - 1) + bytes([255])]
    for raw in (*high, *(rng.randbytes(shape.g1_bytes) for _ in range(30))):
        theirs = snarkjs.step("G1", "sub", curve, raw.hex(), generator.hex())
        assert raw_difference(shape.fp, raw, generator).hex() == theirs


@pytest.mark.long
@pytest.mark.parametrize("power", [15, 16])
@pytest.mark.parametrize("curve", list(CURVES))
def test_large_circuits_have_the_same_hash(snarkjs: Snarkjs, curve: str, power: int, tmp_path: Path) -> None:
    """A domain of 2^15 in a file of just that size, and of twice that."""
    powers, r1cs, rows = tmp_path / "powers.ptau", tmp_path / "large.r1cs", 20_000
    write_known_powers(powers, curve, power)
    offsets, ids = np.arange(rows + 1, dtype=np.uint64), np.zeros(rows, dtype=np.uint32)
    a, b, c = (Matrix(offsets, np.full(rows, wire, dtype=np.uint32), ids) for wire in (2, 3, 4))
    system = R1CS(CURVES[curve].fr, 5, 1, 3, a, b, c, (3).to_bytes(32, "little"))
    formats.write_r1cs(r1cs, system)
    made = ceremony.new_key(system, formats.read_ptau(powers), threads=2)
    ceremony.write_new_key(tmp_path / "ours.zkey", made)
    assert snarkjs.step("zKey", "newZKey", r1cs, powers, tmp_path / "theirs.zkey") == made.circuit_hash.hex()
    assert (tmp_path / "ours.zkey").read_bytes() == (tmp_path / "theirs.zkey").read_bytes()
