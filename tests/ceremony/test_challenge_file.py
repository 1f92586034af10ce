"""Challenges and responses without snarkjs: a contribution by files alone, and what is no challenge."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from zkrelay import ceremony, formats
from zkrelay.ceremony.new_powers import challenge_of
from zkrelay.curves import CURVES
from zkrelay.errors import CeremonyRefused, FormatError, MalformedInput

from ..formats.samples import patched, replaced
from .damage import fields, with_entries
from .small_ceremony import POWER, SmallCeremony, small_ceremony


@pytest.fixture(params=list(CURVES))
def made(request: pytest.FixtureRequest) -> SmallCeremony:
    return small_ceremony(request.param)


def exported(data: bytes, folder: Path) -> bytes:
    path = folder / "challenge"
    ceremony.export_challenge(path, formats.read_ptau(data), overwrite=True)
    return path.read_bytes()


def test_a_contribution_by_files_alone(made: SmallCeremony, tmp_path: Path) -> None:
    for index in (0, 2):
        before, response, after = formats.read_ptau(made.powers[index]), tmp_path / "response", tmp_path / "new.ptau"
        challenge = exported(made.powers[index], tmp_path)
        assert hashlib.blake2b(challenge).digest() == challenge_of(before)
        digest = ceremony.answer_challenge(response, challenge, made.curve, entropy="dice", threads=2, overwrite=True)
        assert hashlib.blake2b(response.read_bytes()).digest() == digest
        hashes = ceremony.import_response(after, before, response, name="elsewhere", overwrite=True)
        assert hashes.response == digest
        found = ceremony.verify_powers(formats.read_ptau(after))
        assert found.responses[-1] == digest
        assert hashlib.blake2b(exported(after.read_bytes(), tmp_path)).digest() == hashes.next_challenge


def test_the_first_bytes_are_the_last_response(made: SmallCeremony, tmp_path: Path) -> None:
    found = ceremony.verify_powers(formats.read_ptau(made.powers[4]))
    assert exported(made.powers[4], tmp_path)[:64] == found.responses[-1]
    assert exported(made.powers[0], tmp_path)[:64] == hashlib.blake2b().digest()


def test_answers_differ(made: SmallCeremony, tmp_path: Path) -> None:
    challenge = exported(made.powers[1], tmp_path)
    digests = {ceremony.answer_challenge(tmp_path / f"{i}", challenge, made.curve, entropy="same") for i in range(2)}
    assert len(digests) == 2


def test_points_that_were_not_hashed_are_not_exported(made: SmallCeremony, tmp_path: Path) -> None:
    size = CURVES[made.curve].g1_bytes
    exchanged = replaced(made.powers[2], 4, lambda p: p[size : 2 * size] + p[:size] + p[2 * size :])
    another_list = with_entries(made.powers[2], made.curve, lambda records: records[:1], powers=True)

    def rehashed(records: list[bytes]) -> list[bytes]:
        at = fields(made.curve, powers=True)["partial hash"].start
        return [records[0], patched(records[1], at, bytes([records[1][at] ^ 1]))]

    another_hash = with_entries(made.powers[2], made.curve, rehashed, powers=True)
    for data in (exchanged, another_list, another_hash):
        with pytest.raises(CeremonyRefused, match="next challenge"):
            exported(data, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_no_challenge(made: SmallCeremony, tmp_path: Path) -> None:
    good, out, shape = exported(made.powers[1], tmp_path), tmp_path / "response", CURVES[made.curve]
    last, size = len(good) - shape.g2_bytes, shape.g1_bytes
    assert len(good) == 64 + (4 * 2**POWER - 1) * size + (2**POWER + 1) * shape.g2_bytes
    damaged = {
        "length": [b"x", good[:-1], good + b"\0", good[:64], good[: len(good) // 2]],
        "infinity": [patched(good, 64 + 3 * size, bytes(size)), patched(good, last, bytes(shape.g2_bytes))],
        "modulus": [patched(good, 64, b"\xff" * 32), patched(good, last, b"\xff" * 48)],
        "not on the curve|subgroup|is not": [
            patched(good, at - 1, bytes([good[at - 1] ^ 1])) for at in (64 + size, last, len(good))
        ],
    }
    for match, files in damaged.items():
        for data in files:
            with pytest.raises(FormatError, match=match) as caught:
                ceremony.answer_challenge(out, data, made.curve)
            assert match == "length" or (caught.value.section and caught.value.offset)
    other = "bls12_381" if made.curve == "bn254" else "bn254"
    with pytest.raises(FormatError, match="length"):
        ceremony.answer_challenge(out, good, other)
    assert not out.exists()
    out.write_bytes(b"kept")
    for refuse in (
        lambda: ceremony.answer_challenge(out, good, made.curve),
        lambda: ceremony.export_challenge(out, formats.read_ptau(made.powers[1])),
    ):
        with pytest.raises(FileExistsError):
            refuse()
    assert out.read_bytes() == b"kept"


def test_truncated_powers_have_no_challenge(made: SmallCeremony, tmp_path: Path) -> None:
    def larger(header: bytes) -> bytes:
        return header[:-4] + (POWER + 1).to_bytes(4, "little")

    with pytest.raises(MalformedInput, match="truncated"):
        exported(replaced(made.powers[2], 1, larger), tmp_path)
