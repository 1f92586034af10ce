"""``.r1cs``: circom's files, held to a plain parser; writing as the specification asks; hostile counts and values."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.curves import PrimeField, bn254
from zkrelay.errors import FormatError, MalformedInput, UnsatisfiedConstraint
from zkrelay.formats import read_r1cs, read_r1cs_file, read_wtns, write_r1cs
from zkrelay.r1cs.constraint_system import R1CS

from .samples import (
    F13,
    FIELDS,
    borders,
    interop,
    pack_container,
    patched,
    peak_bytes,
    random_rows,
    replaced,
    rows_of,
    system,
    u32,
    unpack_container,
)

CIRCOM = {"claim": (10296, 10322, 2, 5, 48, 40820), "chain_2p12": (4080, 4083, 1, 0, 2, 13043)}
Plain = list[tuple[list[tuple[int, int]], ...]]


def plain_rows(data: bytes) -> Plain:
    """Every linear combination as the file has it, one struct at a time."""
    sections = dict(unpack_container(data))
    size = struct.unpack_from("<I", sections[1])[0]
    (count,) = struct.unpack_from("<I", sections[1], 4 + size + 24)
    payload, position, combinations = sections[2], 0, []
    for _ in range(3 * count):
        (terms,) = struct.unpack_from("<I", payload, position)
        position += 4
        combination = []
        for _ in range(terms):
            (wire,) = struct.unpack_from("<I", payload, position)
            combination.append((wire, int.from_bytes(payload[position + 4 : position + 4 + size], "little")))
            position += 4 + size
        combinations.append(combination)
    assert position == len(payload)
    return [tuple(combinations[i : i + 3]) for i in range(0, len(combinations), 3)]


def packed_rows(rows: Plain, size: int) -> bytes:
    return b"".join(
        u32(len(side)) + b"".join(u32(wire) + value.to_bytes(size, "little") for wire, value in side)
        for row in rows
        for side in row
    )


def written(tmp_path: Path, r1cs: object) -> bytes:
    path = tmp_path / "written.r1cs"
    write_r1cs(path, r1cs, overwrite=True)  # type: ignore[arg-type]
    return path.read_bytes()


@pytest.mark.parametrize("name", CIRCOM)
def test_circom_files_mean_what_a_plain_parser_finds(name: str) -> None:
    data = interop(f"{name}.r1cs.gz")
    file = read_r1cs_file(data)
    r1cs = file.r1cs
    counts = (r1cs.num_constraints, r1cs.num_variables, r1cs.num_outputs, r1cs.num_public - r1cs.num_outputs)
    assert (*counts, file.num_private_inputs, file.num_labels) == CIRCOM[name]
    assert r1cs.field == bn254.FR
    assert r1cs.num_private_inputs == file.num_private_inputs
    assert rows_of(r1cs) == [tuple(sorted(side) for side in row) for row in plain_rows(data)]
    assert len(set(r1cs.coefficient_values)) == len(r1cs.coefficient_values)


@pytest.mark.parametrize("name", CIRCOM)
def test_circom_witness_satisfies_the_system(name: str) -> None:
    r1cs = read_r1cs(interop(f"{name}.r1cs.gz"))
    assignment = bytearray(read_wtns(interop(f"{name}.wtns")).assignment)
    r1cs.check(assignment)
    assignment[32 * (r1cs.num_variables - 1)] ^= 1
    with pytest.raises(UnsatisfiedConstraint):
        r1cs.check(assignment)


@pytest.mark.parametrize("name", CIRCOM)
def test_circom_files_are_written_back_byte_for_byte_but_for_the_order_of_wires(name: str, tmp_path: Path) -> None:
    """circom leaves some combinations unsorted, against the specification; all other bytes come back as they were."""
    data = interop(f"{name}.r1cs.gz")
    canonical = replaced(
        data, 2, lambda _: packed_rows([tuple(sorted(side) for side in row) for row in plain_rows(data)], 32)
    )
    assert canonical != data
    assert written(tmp_path, read_r1cs_file(data)) == canonical
    assert written(tmp_path, read_r1cs_file(canonical)) == canonical
    assert read_r1cs(canonical).digest == read_r1cs(data).digest


@st.composite
def systems(draw: st.DrawFn) -> R1CS:
    field: PrimeField = draw(st.sampled_from(FIELDS))
    num_variables = draw(st.integers(1, 9))
    num_public = draw(st.integers(0, num_variables - 1))
    rng = random.Random(draw(st.integers(0, 2**32)))
    rows = random_rows(rng, draw(st.integers(0, 12)), num_variables, field.modulus)
    return system(
        rows,
        num_variables,
        num_public,
        field,
        num_outputs=draw(st.integers(0, num_public)),
        num_private_inputs=draw(st.integers(0, num_variables - 1 - num_public)),
    )


@given(systems())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, r1cs: R1CS) -> None:
    folder = tmp_path_factory.getbasetemp()
    data = written(folder, r1cs)
    again = read_r1cs(data)
    assert rows_of(again) == rows_of(r1cs)
    assert again.digest == r1cs.digest
    assert written(folder, again) == data


def test_two_chunks_of_rows_are_written(tmp_path: Path) -> None:
    r1cs = system(random_rows(random.Random(5), 20_000, 50, 13), 50, 3, F13)
    assert rows_of(read_r1cs(written(tmp_path, r1cs))) == rows_of(r1cs)


# -- what a private input is


def labelled(num_private: int, labels: list[int], num_labels: int = 100) -> R1CS:
    """Six wires, one output, one public input."""
    header = u32(8) + (13).to_bytes(8, "little") + struct.pack("<IIIIQI", 6, 1, 1, num_private, num_labels, 0)
    return read_r1cs(
        pack_container("r1cs", 1, [(1, header), (2, b""), (3, b"".join(struct.pack("<Q", x) for x in labels))])
    )


@pytest.mark.parametrize(
    ("num_private", "labels", "wires"),
    [
        (3, [0, 1, 2, 3, 4, 5], 3),
        (2, [0, 1, 2, 3, 4, 9], 2),
        (1, [0, 1, 2, 7, 8, 9], 0),  # an unused private input has no wire: no internal wire may pass for an input
        (4_000_000_000, [0, 1, 2, 3, 4, 5], 3),
        (2, [0, 5, 4, 3, 2, 1], 2),  # not circom's numbering: believe the header, within the wires
    ],
)
def test_private_inputs_are_wires(num_private: int, labels: list[int], wires: int) -> None:
    assert labelled(num_private, labels).num_private_inputs == wires


def test_label_beyond_the_count_is_refused() -> None:
    with pytest.raises(FormatError, match="wire 4 has a label above nLabels = 5"):
        labelled(1, [0, 1, 2, 3, 6, 5], 5)


# -- hostile files over a tiny field: 8-byte elements, rows that can be written out by hand

ROW: Plain = [([(1, 2), (2, 3)], [(0, 1)], [(3, 12)])]
LABELS = b"".join(struct.pack("<Q", wire) for wire in range(4))


def tiny(
    rows: bytes = packed_rows(ROW, 8),
    *,
    count: int = 1,
    wires: int = 4,
    public: tuple[int, int] = (1, 0),
    labels: bytes = LABELS,
    prime: int = 13,
    extra: list[tuple[int, bytes]] | None = None,
) -> bytes:
    header = u32(8) + prime.to_bytes(8, "little") + struct.pack("<IIIIQI", wires, *public, 0, 4, count)
    return pack_container("r1cs", 1, [(2, rows), (1, header), (3, labels), *(extra or [])])


def test_tiny_is_read() -> None:
    assert rows_of(read_r1cs(tiny())) == ROW
    unsorted: Plain = [([(2, 3), (1, 2)], [(0, 1)], [(3, 12)])]
    assert rows_of(read_r1cs(tiny(packed_rows(unsorted, 8)))) == ROW


def row(a: list[tuple[int, int]]) -> bytes:
    return packed_rows([(a, [(0, 1)], [])], 8)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (tiny(row([(4, 1)])), "A of constraint 0: wire 4 does not exist, there are 4"),
        (tiny(row([(2**32 - 1, 1)])), "wire 4294967295 does not exist"),
        (tiny(row([(1, 0)])), "a coefficient is zero"),
        (tiny(row([(1, 13)])), "a coefficient is not below the modulus"),
        (tiny(row([(1, 2**64 - 1)])), "a coefficient is not below the modulus"),
        (tiny(row([(1, 2), (2, 1), (1, 3)])), "A of constraint 0: wire 1 appears twice"),
        (tiny(row([(1, 2), (1, 2)])), "wire 1 appears twice"),
        (tiny(count=2), "A of constraint 1 claims|2 constraints do not fit|claims 0 terms"),
        (tiny(count=0), "bytes follow the last field"),
        (tiny(count=2**32 - 1), "4294967295 constraints do not fit"),
        (tiny(u32(2**32 - 1) + packed_rows(ROW, 8)[4:]), "A of constraint 0 claims 4294967295 terms"),
        (tiny(packed_rows(ROW, 8)[:-1]), "C of constraint 0 claims 1 terms and the section has 11 bytes left"),
        (tiny(packed_rows(ROW, 8) + b"\x00"), "1 bytes follow the last field"),
        (tiny(wires=5), "5 wire labels of 8 bytes do not fit into the 32 bytes left"),
        (tiny(wires=2**32 - 1), "4294967295 wire labels"),
        (tiny(wires=3), "8 bytes follow the last field"),
        (tiny(public=(2, 2)), "4 wires cannot hold the constant, 2 outputs and 2 public inputs"),
        (tiny(public=(2**32 - 1, 2**32 - 1)), "4 wires cannot hold"),
        (tiny(prime=15), "not an odd prime"),
        (tiny(extra=[(4, u32(1)), (5, u32(1))]), "custom gates"),
        (tiny(extra=[(5, u32(7))]), "custom gates"),
        (pack_container("r1cs", 1, [(1, b""), (3, b"")]), "needs 4 bytes"),
        (pack_container("r1cs", 1, unpack_container(tiny())[:1]), r"section 1 \(header\) is missing"),
        (pack_container("r1cs", 1, unpack_container(tiny())[:2]), r"section 3 \(wire to label\) is missing"),
        (pack_container("r1cs", 1, unpack_container(tiny())[1:]), r"section 2 \(constraints\) is missing"),
        (pack_container("r1cs", 2, unpack_container(tiny())), "version 2 of .r1cs is not supported"),
        (pack_container("wtns", 1, unpack_container(tiny())), "not a .r1cs file"),
        (replaced(tiny(), 1, lambda h: h + b"\x00"), "1 bytes follow the last field"),
        (replaced(tiny(), 1, lambda h: h[:-1]), "mConstraints needs 4 bytes"),
    ],
)
def test_malformed_is_refused(data: bytes, match: str) -> None:
    def read() -> None:
        with pytest.raises(FormatError, match=match) as caught:
            read_r1cs(data)
        assert caught.value.source == "<bytes>"

    assert peak_bytes(read) < 1 << 20


def test_the_offset_is_that_of_the_term() -> None:
    """Also after sorting: the first byte of the offending wire or its value."""
    data = tiny(packed_rows([([(2, 3), (1, 2), (3, 13)], [(0, 1)], [])], 8))
    with pytest.raises(FormatError) as caught:
        read_r1cs(data)
    at = caught.value.offset
    assert at is not None
    assert data[at : at + 12] == u32(3) + (13).to_bytes(8, "little")
    data = tiny(packed_rows([([(2, 3)], [(0, 1)], [(3, 5), (1, 4), (3, 6)])], 8))
    with pytest.raises(FormatError, match="C of constraint 0: wire 3 appears twice") as caught:
        read_r1cs(data)
    at = caught.value.offset
    assert at is not None
    assert data[at : at + 12] == u32(3) + (6).to_bytes(8, "little")


def test_empty_custom_gates_and_unknown_sections_are_ignored() -> None:
    assert rows_of(read_r1cs(tiny(extra=[(4, u32(0)), (5, u32(0)), (77, b"note")]))) == ROW


def test_truncation_is_refused() -> None:
    for data in (tiny(), interop("chain_2p12.r1cs.gz")):
        rng = random.Random(1)
        for length in {*borders(data)[:-1], *(rng.randrange(len(data)) for _ in range(200))}:
            with pytest.raises(FormatError):
                read_r1cs(data[:length])


@settings(max_examples=200)
@given(st.data())
def test_one_changed_byte_is_refused_or_changes_the_system(data: st.DataObject) -> None:
    """No byte of the file is without meaning, but for labels and the count of private inputs."""
    original = tiny()
    at = data.draw(st.integers(0, len(original) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda v: v != original[at]))
    changed = patched(original, at, bytes([value]))
    try:
        file, before = read_r1cs_file(changed), read_r1cs_file(original)
    except FormatError:
        return
    same_names = (
        file.num_labels == before.num_labels
        and file.num_private_inputs == before.num_private_inputs
        and file.wire_labels.tolist() == before.wire_labels.tolist()
    )
    assert file.r1cs.digest != before.r1cs.digest or not same_names


def test_what_cannot_be_read_back_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(MalformedInput, match="coefficient of the constraint system is zero"):
        write_r1cs(tmp_path / "x.r1cs", system([({1: 0}, {0: 1}, {2: 1})], 3, 0))
    sound = system([({1: 1, 2: 1}, {0: 1}, {2: 1})], 3, 0)
    sound.a.columns[1] = 1
    with pytest.raises(MalformedInput, match="has a wire twice"):
        write_r1cs(tmp_path / "x.r1cs", sound)
    assert not list(tmp_path.iterdir())
