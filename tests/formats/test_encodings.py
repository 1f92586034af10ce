"""arkworks's and gnark's bytes: theirs are read, verified and written back byte for byte; spoiled ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from zkrelay import formats
from zkrelay.algebra.compressed_points import compress_g1, compress_g2
from zkrelay.algebra.points import g1_generator, g2_generator, negate_g1
from zkrelay.curves import CURVES
from zkrelay.errors import FormatError, InvalidKey, InvalidPoint, InvalidProof, MalformedInput
from zkrelay.formats import arkworks, gnark
from zkrelay.groth16 import Proof, VerifyingKey, verify
from zkrelay.kernel import current

from ..groth16.bad_points import g1_outside_subgroup, g2_outside_subgroup
from .encoding_samples import CURVE_NAMES, LIBRARIES, Library
from .samples import patched, small_key

EACH = [(library, curve) for library in LIBRARIES for curve in CURVE_NAMES]


@pytest.fixture(params=EACH, ids=[f"{library} {curve}" for library, curve in EACH])
def each(request: pytest.FixtureRequest) -> tuple[Library, str]:
    library, curve = request.param
    return LIBRARIES[library], curve


def size_of(curve: str) -> int:
    return CURVES[curve].fp.num_bytes


def points(library: Library, curve: str):
    """The library's encoding of this curve, to put points together."""
    return (arkworks if library.name == "arkworks" else gnark).ENCODINGS[curve]


def test_their_proof_verifies_and_comes_back(each: tuple[Library, str]) -> None:
    library, curve = each
    vk, proof, public = library.sample(curve)
    key, read = library.read_key(vk, curve), library.read_proof(proof, curve)
    verify(key, public, read)
    with pytest.raises(InvalidProof):
        verify(key, [public[0] + 1, public[1]], read)
    assert library.write_proof(read) == proof
    if library.name == "arkworks":
        assert library.write_key(key) == vk


def test_their_keys_are_development_keys_until_the_caller_knows_better(each: tuple[Library, str]) -> None:
    library, curve = each
    vk = library.sample(curve)[0]
    assert library.read_key(vk, curve).development
    assert not library.read_key(vk, curve, development=False).development


def test_sizes(each: tuple[Library, str]) -> None:
    library, curve = each
    size = size_of(curve)
    _, proof, public = library.sample(curve)
    assert len(proof) == 4 * size + (4 + size if library.name == "gnark" else 0)
    written = library.write_key(library.read_key(library.sample(curve)[0], curve))
    extra = 2 * size + 12 if library.name == "gnark" else 8
    assert len(written) == 7 * size + extra + (len(public) + 1) * size


def test_gnark_keys_with_and_without_their_unused_points() -> None:
    key = small_key()
    vk = key.verifying_key
    with_points = formats.verifying_key_to_gnark(vk, beta_g1=key.beta_g1, delta_g1=key.delta_g1)
    without = formats.verifying_key_to_gnark(vk)
    assert with_points != without
    assert formats.read_gnark_verifying_key(with_points) == formats.read_gnark_verifying_key(without) == vk
    with pytest.raises(InvalidKey, match="delta_g1 and delta_g2"):
        formats.verifying_key_to_gnark(vk, delta_g1=key.beta_g1)
    with pytest.raises(InvalidPoint, match="infinity"):
        formats.verifying_key_to_gnark(vk, beta_g1=bytes(64))


def test_a_file_is_read_by_its_path(each: tuple[Library, str], tmp_path: Path) -> None:
    library, curve = each
    vk, proof, _ = library.sample(curve)
    (tmp_path / "vk").write_bytes(vk)
    (tmp_path / "proof").write_bytes(proof)
    assert library.read_key(tmp_path / "vk", curve) == library.read_key(vk, curve)
    assert library.read_proof(tmp_path / "proof", curve) == library.read_proof(proof, curve)
    (tmp_path / "long").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(FormatError, match="limit"):
        library.read_key(tmp_path / "long", curve)


def test_a_curve_that_is_none(each: tuple[Library, str]) -> None:
    library, _ = each
    for read in (library.read_key, library.read_proof):
        with pytest.raises(MalformedInput, match="unknown curve"):
            read(b"\x80" * 500, "secp256k1")


def test_the_other_curve_is_refused(each: tuple[Library, str]) -> None:
    library, curve = each
    (other,) = set(CURVE_NAMES) - {curve}
    for read, data in zip((library.read_key, library.read_proof), library.sample(curve)[:2], strict=True):
        with pytest.raises(MalformedInput):
            read(data, other)


def test_truncated_and_continued_everywhere(each: tuple[Library, str]) -> None:
    """Cut at each border between points, beside it and in the middle; and one byte too many."""
    library, curve = each
    vk, proof, _ = library.sample(curve)
    size = size_of(curve)
    for read, data in ((library.read_key, vk), (library.read_proof, proof)):
        for cut in {at + d for at in range(0, len(data), size) for d in (-1, 0, 1, size // 2)} & set(range(len(data))):
            with pytest.raises(FormatError):
                read(data[:cut], curve)
        for more in (b"\0", b"\0" * size, data):
            with pytest.raises(FormatError, match="bytes follow"):
                read(data + more, curve)


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_bad_points_of_a_proof_are_named(each: tuple[Library, str], name: str) -> None:
    library, curve = each
    proof, size, shape = library.sample(curve)[1], size_of(curve), CURVES[curve]
    at, encoding = {"a": 0, "b": size, "c": 3 * size}[name], points(library, curve)
    if name == "b":
        outside = compress_g2(encoding, curve, g2_outside_subgroup(shape))
        infinity = compress_g2(encoding, curve, bytes(shape.g2_bytes))
    else:
        outside = compress_g1(encoding, curve, g1_outside_subgroup(shape)) if shape.g1_cofactor > 1 else b""
        infinity = compress_g1(encoding, curve, bytes(shape.g1_bytes))
    top = encoding.larger << (8 - encoding.num_flag_bits) | 0xFF >> encoding.num_flag_bits
    above = bytes([top]) + b"\xff" * (len(infinity) - 1)
    bad = {"outside": outside, "infinity": infinity, "modulus": above[::-1] if encoding.little_endian else above}
    for words, data in bad.items():
        if not data:
            continue
        with pytest.raises(FormatError, match=f"{name}: .*{words}") as error:
            library.read_proof(patched(proof, at, data), curve)
        assert (error.value.section, error.value.offset) == ("proof", at)


def test_bad_points_of_a_key_are_named(each: tuple[Library, str]) -> None:
    library, curve = each
    vk, shape, encoding = library.sample(curve)[0], CURVES[curve], points(library, curve)
    for name, at in library.key_points(size_of(curve)).items():
        if name == "count":
            continue
        g2 = name.endswith("g2")
        infinity = (compress_g2 if g2 else compress_g1)(
            encoding, curve, bytes(shape.g2_bytes if g2 else shape.g1_bytes)
        )
        data = patched(vk, at, infinity)
        if name in ("beta_g1", "delta_g1"):
            assert library.read_key(data, curve) == library.read_key(vk, curve)  # absent, as from snarkjs's key
            wrong = patched(vk, at, compress_g1(encoding, curve, g1_generator(curve)))
            with pytest.raises(InvalidKey, match=name):
                library.read_key(wrong, curve)
            continue
        with pytest.raises(FormatError, match=f"{name}: .*infinity") as error:
            library.read_key(data, curve)
        assert (error.value.section, error.value.offset) == ("verifying key", at)


def test_lying_counts_take_no_memory(each: tuple[Library, str]) -> None:
    library, curve = each
    vk = library.sample(curve)[0]
    at = library.key_points(size_of(curve))["count"]
    width = len(library.count(0))
    for number in (0, 1, 2, 4, 2**16, 2 ** (8 * width - 1), 2 ** (8 * width) - 1):
        with pytest.raises(MalformedInput):
            library.read_key(patched(vk, at, library.count(number)), curve)


@pytest.mark.parametrize("curve", CURVE_NAMES)
def test_gnark_commitments_are_refused(curve: str) -> None:
    library = LIBRARIES["gnark"]
    vk, proof, _ = library.sample(curve)
    size = size_of(curve)
    one = (1).to_bytes(4, "big")
    with pytest.raises(FormatError, match=r"1 commitments: .*api\.Commit"):
        library.read_proof(patched(proof, 4 * size, one), curve)
    for back, what in ((8, "lists of committed wires"), (4, "commitment keys")):
        with pytest.raises(FormatError, match=f"1 {what}") as error:
            library.read_key(patched(vk, len(vk) - back, one), curve)
        assert error.value.offset == len(vk) - back
    knowledge = compress_g1(gnark.ENCODINGS[curve], curve, g1_generator(curve))
    with pytest.raises(FormatError, match="proof of knowledge"):
        library.read_proof(patched(proof, 4 * size + 4, knowledge), curve)


@pytest.mark.parametrize("curve", CURVE_NAMES)
def test_uncompressed_points_of_gnark_are_refused_by_name(curve: str) -> None:
    raw = bytes([0, *[1] * 400])
    with pytest.raises(FormatError, match="not compressed"):
        LIBRARIES["gnark"].read_proof(raw, curve)


def test_a_key_that_cannot_be_sound_is_refused(each: tuple[Library, str]) -> None:
    library, curve = each
    vk, size = library.sample(curve)[0], size_of(curve)
    places = library.key_points(size)
    gamma = vk[places["gamma_g2"] : places["gamma_g2"] + 2 * size]
    with pytest.raises(InvalidKey, match="gamma equals delta"):
        library.read_key(patched(vk, places["delta_g2"], gamma), curve)
    generator = compress_g2(points(library, curve), curve, g2_generator(curve))
    with pytest.raises(InvalidKey, match="generator"):
        library.read_key(patched(vk, places["delta_g2"], generator), curve)


def test_writers_refuse_what_readers_would(each: tuple[Library, str]) -> None:
    library, curve = each
    vk, proof, _ = library.sample(curve)
    key, good, shape = library.read_key(vk, curve), library.read_proof(proof, curve), CURVES[curve]
    with pytest.raises(InvalidPoint):
        library.write_proof(Proof(good.a, g2_outside_subgroup(shape), good.c, curve))
    with pytest.raises(InvalidPoint):
        library.write_proof(Proof(bytes(shape.g1_bytes), good.b, good.c, curve))
    with pytest.raises(InvalidKey):
        library.write_key(
            VerifyingKey(key.alpha_g1, key.beta_g2, key.beta_g2, key.beta_g2, key.gamma_abc_g1, curve=curve)
        )


def test_negated_points_are_another_proof(each: tuple[Library, str]) -> None:
    """The one bit of the sign is read: the proof with -A is well formed and false."""
    library, curve = each
    vk, proof, public = library.sample(curve)
    good = library.read_proof(proof, curve)
    flipped = library.write_proof(Proof(negate_g1(good.a, curve), good.b, good.c, curve))
    assert sum(x != y for x, y in zip(proof, flipped, strict=True)) == 1
    with pytest.raises(InvalidProof):
        verify(library.read_key(vk, curve), public, library.read_proof(flipped, curve))
    assert current().g1_add(curve, good.a, library.read_proof(flipped, curve).a) == bytes(CURVES[curve].g1_bytes)
