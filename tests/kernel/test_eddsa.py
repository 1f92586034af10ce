"""Signatures of every kernel: the C kernels say what the reference says, of good, bad and malformed items."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from curve_points import small_order_point, some_points

from zkrelay.algebra.eddsa_scheme import scheme_parameters
from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.curves.fields import square_root_vartime
from zkrelay.errors import Closed, InvalidPoint, MalformedInput, NonCanonicalNumber
from zkrelay.kernel import EddsaParameters, Kernel, PreparedEddsa, SignatureVerdict, get
from zkrelay.kernel.reference_buffers import field_named

from . import samples

FIELD = BABY_JUBJUB.field
P, L = FIELD.modulus, BABY_JUBJUB.order
PARAMETERS = scheme_parameters()
V = SignatureVerdict


def number(value: int) -> bytes:
    return value.to_bytes(32, "little")


def packed_point(point: tuple[int, int]) -> bytes:
    return number(point[1] | (1 << 255 if point[0] > P // 2 else 0))


@pytest.fixture(scope="module")
def schemes(native_kernel: Kernel, reference: Kernel) -> tuple[PreparedEddsa, PreparedEddsa]:
    """The scheme of a C kernel, and of the reference."""
    return native_kernel.eddsa(FIELD.name, PARAMETERS), reference.eddsa(FIELD.name, PARAMETERS)


SECRETS = [1, 2, 15, 16, 17, L - 1, L // 2, (1 << 250) - 1, (1 << 249) + (1 << 125)]
DIGESTS = [bytes(64), b"\xff" * 64, number(L) + bytes(32), number(L - 1) + bytes(32), bytes(63) + b"\x80"]
DIGESTS += [bytes(24) + b"\xff" * 24 + bytes(16), hashlib.sha512(b"digest").digest()]


@pytest.mark.parametrize("secret", SECRETS)
def test_public_keys(schemes: tuple[PreparedEddsa, PreparedEddsa], secret: int) -> None:
    found, expected = (scheme.public_key(number(secret)) for scheme in schemes)
    assert found == expected
    assert tuple(unpack_field(FIELD, found)) == BABY_JUBJUB.mul_vartime(secret, BABY_JUBJUB.generator)


def test_signatures(schemes: tuple[PreparedEddsa, PreparedEddsa]) -> None:
    for secret, digest, message in zip(SECRETS, [*DIGESTS, *DIGESTS], [0, P - 1, *range(7)], strict=False):
        arguments = number(secret), digest, number(message)
        assert schemes[0].sign(*arguments) == schemes[1].sign(*arguments)


def signed(scheme: PreparedEddsa, secret: int, message: int, digest: bytes = b"d" * 64) -> tuple[bytes, bytes, bytes]:
    """(public, message, signature) as ``verify`` takes them."""
    signature = scheme.sign(number(secret), digest, number(message))
    x, y = unpack_field(FIELD, signature[:64])
    return scheme.public_key(number(secret)), number(message), packed_point((x, y)) + signature[64:]


def changed(data: bytes, at: int, bit: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def items(scheme: PreparedEddsa) -> dict[str, tuple[bytes, bytes, bytes, SignatureVerdict]]:
    """Good and bad items, each with its verdict."""
    public, message, signature = signed(scheme, 12345, 99)
    other, _, _ = signed(scheme, 54321, 99)
    s = int.from_bytes(signature[32:], "little")
    off_curve = pack_field(FIELD, [1, 1])
    generator = BABY_JUBJUB.generator
    torsion = {n: small_order_point(n) for n in (1, 2, 4, 8)}
    orphan = next(y for y in range(2, 50) if square_root_vartime(_x_squared(y), FIELD) is None)
    cases = {
        "good": (public, message, signature, V.TRUE),
        "zero message": (*signed(scheme, 7, 0), V.TRUE),
        "largest message": (*signed(scheme, L - 1, P - 1), V.TRUE),
        "another message": (public, changed(message, 0), signature, V.FALSE),
        "another key": (other, message, signature, V.FALSE),
        "another S": (public, message, changed(signature, 32), V.FALSE),
        "S = 0": (public, message, signature[:32] + bytes(32), V.FALSE),
        "minus R8": (public, message, changed(signature, 31, 0x80), V.FALSE),
        "identity as R8": (public, message, packed_point((0, 1)) + signature[32:], V.FALSE),
        "order two as R8": (public, message, packed_point((0, P - 1)) + signature[32:], V.FALSE),
        "no form of the identity": (public, message, number(1 | 1 << 255) + signature[32:], V.NOT_ON_CURVE),
        "y without x": (public, message, number(orphan) + signature[32:], V.NOT_ON_CURVE),
        "y = p": (public, message, number(P) + signature[32:], V.NOT_CANONICAL),
        "y all ones": (public, message, b"\xff" * 32 + signature[32:], V.NOT_CANONICAL),
        "S + l": (public, message, signature[:32] + number(s + L), V.NOT_CANONICAL),
        "S = l": (public, message, signature[:32] + number(L), V.NOT_CANONICAL),
        "S at its bound": (public, message, signature[:32] + PARAMETERS.s_end, V.NOT_CANONICAL),
        "S all ones": (public, message, signature[:32] + b"\xff" * 32, V.NOT_CANONICAL),
        "message = p": (public, number(P), signature, V.NOT_CANONICAL),
        "message + p": (public, number(99 + P), signature, V.NOT_CANONICAL),
        "key off the curve": (off_curve, message, signature, V.NOT_ON_CURVE),
        "key x + p": (
            number(int.from_bytes(public[:32], "little") + P) + public[32:],
            message,
            signature,
            V.NOT_CANONICAL,
        ),
        "key y = p": (public[:32] + number(P), message, signature, V.NOT_CANONICAL),
        "zero as key": (bytes(64), message, signature, V.NOT_ON_CURVE),
    }
    for order, point in torsion.items():
        # R8 = S*B8 satisfies the equation under a key of small order, whatever the message
        forged = packed_point(generator) + number(1)
        cases[f"key of order {order}"] = (pack_field(FIELD, point), message, forged, V.SMALL_ORDER)
        r8 = unpack_field(FIELD, scheme.sign(number(12345), b"d" * 64, message)[:64])
        mixed = BABY_JUBJUB.add_vartime((r8[0], r8[1]), point)
        verdict = V.TRUE if order == 1 else V.FALSE
        cases[f"R8 and a point of order {order}"] = (public, message, packed_point(mixed) + signature[32:], verdict)
    return cases


def _x_squared(y: int) -> int:
    return (1 - y * y) * pow(BABY_JUBJUB.a - BABY_JUBJUB.d * y * y, -1, P)


def test_verdicts(schemes: tuple[PreparedEddsa, PreparedEddsa]) -> None:
    """Each alone, all at once with any number of threads, and under a prepared key."""
    scheme, cases = schemes[0], items(schemes[0])
    names, rows = list(cases), list(cases.values())
    publics, messages, signatures = (b"".join(row[i] for row in rows) for i in range(3))
    expected = [row[3] for row in rows]
    for threads in (1, 2, 7):
        found = scheme.verify(publics, messages, signatures, threads=threads)
        assert dict(zip(names, found, strict=True)) == dict(zip(names, expected, strict=True))
    for name, (public, message, signature, verdict) in cases.items():
        assert scheme.verify(public, message, signature) == [verdict], name
        if verdict in (V.SMALL_ORDER,) or name.startswith(("key", "zero as")):
            with pytest.raises(MalformedInput):
                scheme.key(public)
        else:
            key = scheme.key(public)
            assert key.verify(message, signature) == [verdict], name
            assert key.verify(message * 3, signature * 3, threads=2) == [verdict] * 3
            key.close()


SLOW = ("good", "another S", "minus R8", "no form of the identity", "y without x", "S + l", "key of order 8")
SLOW += ("R8 and a point of order 2", "key off the curve", "message = p")


def test_the_reference_s_verdicts(reference: Kernel) -> None:
    scheme, cases = reference.eddsa(FIELD.name, PARAMETERS), items(get("portable").eddsa(FIELD.name, PARAMETERS))
    for name in SLOW:
        public, message, signature, verdict = cases[name]
        assert scheme.verify(public, message, signature, threads=3) == [verdict], name
    public, message, signature, verdict = cases["good"]
    assert scheme.key(public).verify(message, signature) == [verdict]


def test_no_items(schemes: tuple[PreparedEddsa, PreparedEddsa]) -> None:
    scheme = schemes[0]
    assert scheme.verify(b"", b"", b"") == []
    assert scheme.key(scheme.public_key(number(5))).verify(b"", b"") == []
    assert scheme.unpack(b"") == (b"", [])


def test_unpacking(schemes: tuple[PreparedEddsa, PreparedEddsa]) -> None:
    points = [small_order_point(n) for n in (1, 2, 4, 8)] + some_points(8)
    points += [(-x % P, y) for x, y in points]
    bad = [number(1 | 1 << 255), number(P), b"\xff" * 32, *(number(y) for y in range(2, 40))]
    random = [samples.rng("unpack", i).randbytes(32) for i in range(40)]
    data = b"".join([*map(packed_point, points), *bad, *random])
    found, expected = (scheme.unpack(data) for scheme in schemes)
    assert found == expected
    assert found[0][: 64 * len(points)] == pack_field(FIELD, [x for point in points for x in point])
    assert set(found[1][: len(points)]) == {V.TRUE}
    assert {V.NOT_ON_CURVE, V.NOT_CANONICAL} < set(found[1][len(points) :])
    for i, verdict in enumerate(found[1]):
        assert any(found[0][64 * i : 64 * i + 64]) == (verdict == V.TRUE)


def test_bounds_are_those_that_were_given(kernel: Kernel) -> None:
    """The slices that a circuit refuses: one number below, at and above each bound."""
    public, message, signature = signed(kernel.eddsa(FIELD.name, PARAMETERS), 77, 5)
    s = int.from_bytes(signature[32:], "little")
    k = _challenge(public, message, signature)

    def verdict(**bounds: int) -> SignatureVerdict:
        changed = dataclasses.replace(PARAMETERS, **{name: number(value) for name, value in bounds.items()})
        return kernel.eddsa(FIELD.name, changed).verify(public, message, signature)[0]

    assert verdict(s_end=s) == V.NOT_CANONICAL
    assert verdict(s_end=s + 1) == V.TRUE
    assert verdict(k_begin=k + 1) == V.FALSE
    assert verdict(k_begin=k) == V.TRUE
    assert verdict(k_end=k) == V.FALSE
    assert verdict(k_end=k + 1) == V.TRUE


def _challenge(public: bytes, message: bytes, signature: bytes) -> int:
    from zkrelay.algebra import eddsa
    from zkrelay.algebra.edwards_encoding import unpack_point

    (x, y), (m,) = unpack_field(FIELD, public), unpack_field(FIELD, message)
    return eddsa.challenge(unpack_point(signature[:32]), (x, y), m)


def refusals() -> dict[str, tuple[EddsaParameters, type[Exception]]]:
    def but(**changes: object) -> EddsaParameters:
        return dataclasses.replace(PARAMETERS, **changes)  # type: ignore[arg-type]

    x, y = BABY_JUBJUB.generator
    mixed = BABY_JUBJUB.add_vartime((x, y), small_order_point(2))
    non_square = next(v for v in range(2, 50) if square_root_vartime(v, FIELD) is None)
    return {
        "a is zero": (but(a=number(0)), MalformedInput),
        "a is no square": (but(a=number(non_square)), MalformedInput),
        "d is a square": (but(d=number(4)), MalformedInput),
        "a is not canonical": (but(a=number(P)), NonCanonicalNumber),
        "base off the curve": (but(base=pack_field(FIELD, [y, x])), InvalidPoint),
        "base is the identity": (but(base=pack_field(FIELD, [0, 1])), InvalidPoint),
        "base of another order": (but(base=pack_field(FIELD, mixed)), InvalidPoint),
        "order is even": (but(order=number(L + 1)), MalformedInput),
        "order is small": (but(order=number(97), s_end=number(97)), MalformedInput),
        "order is another": (but(order=number(L - 2), s_end=number(5)), InvalidPoint),
        "order is not below p": (but(order=number(P)), NonCanonicalNumber),
        "s_end above the order": (but(s_end=number(L + 1)), NonCanonicalNumber),
        "odd full rounds": (but(full_rounds=7, partial_rounds=61), MalformedInput),
        "no full rounds": (but(full_rounds=0, partial_rounds=68), MalformedInput),
        "no partial rounds": (but(full_rounds=68, partial_rounds=0), MalformedInput),
        "negative rounds": (but(full_rounds=-8, partial_rounds=76), MalformedInput),
        "a constant short": (but(round_constants=PARAMETERS.round_constants[:-32]), MalformedInput),
        "mds short": (but(mds=PARAMETERS.mds[:-1]), MalformedInput),
        "k_end short": (but(k_end=bytes(31)), MalformedInput),
        "base short": (but(base=bytes(32)), MalformedInput),
    }


@pytest.mark.parametrize(("parameters", "error"), refusals().values(), ids=refusals())
def test_schemes_that_cannot_be(kernel: Kernel, parameters: EddsaParameters, error: type[Exception]) -> None:
    with pytest.raises(error):
        kernel.eddsa(FIELD.name, parameters)


@pytest.mark.parametrize("field", ["bls12_381_fp", "bn254_fp"])
def test_fields_without_an_embedded_curve(native_kernel: Kernel, field: str) -> None:
    with pytest.raises((MalformedInput, ValueError)):
        native_kernel.eddsa(field, PARAMETERS)


def test_malformed_calls(schemes: tuple[PreparedEddsa, PreparedEddsa]) -> None:
    scheme = schemes[0]
    public, message, signature = signed(scheme, 3, 3)
    good, digest = number(3), bytes(64)
    for secret in (number(0), number(L), number(L + 3), b"\xff" * 32, bytes(31), bytes(33)):
        with pytest.raises(MalformedInput):
            scheme.public_key(secret)
        with pytest.raises(MalformedInput):
            scheme.sign(secret, digest, message)
    for arguments in ((good, bytes(63), message), (good, bytes(65), message), (good, digest, bytes(31))):
        with pytest.raises(MalformedInput):
            scheme.sign(*arguments)
    with pytest.raises(NonCanonicalNumber):
        scheme.sign(good, digest, number(P))
    for items in (
        (public[:-1], message, signature),
        (public, message[:-1], signature),
        (public, message, signature[:-1]),
        (public * 2, message, signature),
        (public, message * 2, signature),
        (public, message, signature * 2),
    ):
        with pytest.raises(MalformedInput):
            scheme.verify(*items)
    for threads in (0, 257):
        with pytest.raises(MalformedInput):
            scheme.verify(public, message, signature, threads=threads)
        with pytest.raises(MalformedInput):
            scheme.key(public).verify(message, signature, threads=threads)
    for data in (public[:-1], public + b"\0", b""):
        with pytest.raises(MalformedInput):
            scheme.key(data)
    with pytest.raises(MalformedInput):
        scheme.unpack(bytes(33))


def test_nothing_after_close(kernel: Kernel) -> None:
    scheme = kernel.eddsa(FIELD.name, PARAMETERS)
    public, message, signature = signed(scheme, 3, 3)
    first, second = scheme.key(public), scheme.key(public)
    first.close()
    first.close()
    with pytest.raises(Closed):
        first.verify(message, signature)
    assert second.verify(message, signature) == [V.TRUE]
    scheme.close()
    for use in (
        lambda: second.verify(message, signature),
        lambda: scheme.verify(public, message, signature),
        lambda: scheme.public_key(number(3)),
        lambda: scheme.sign(number(3), bytes(64), message),
        lambda: scheme.key(public),
        lambda: scheme.unpack(message),
    ):
        with pytest.raises(Closed):
            use()


@pytest.mark.parametrize("width", [3, 5, 6, 17])
@pytest.mark.parametrize("name", samples.SCALAR_FIELD_NAMES)
def test_the_sparse_form_of_poseidon(native_kernel: Kernel, name: str, width: int) -> None:
    """From 48 hashes on, partial rounds are computed in another form: the same hashes, also where it does not exist."""
    field = field_named(name)
    inputs = samples.packed(field, 50 * (width - 1), "sparse", width)
    constants = samples.packed(field, 11 * width, "sparse constants", width)
    for mds in (samples.packed(field, width * width, "sparse mds", width), number(1) * width * width):
        for full, partial in ((8, 3), (2, 9), (0, 11), (4, 0)):
            shape = (width, full, partial, constants[: 32 * (full + partial) * width], mds)
            alone = [
                native_kernel.poseidon(name, inputs[i : i + 32 * (width - 1)], *shape)
                for i in (0, 32 * 49 * (width - 1))
            ]
            together = native_kernel.poseidon(name, inputs, *shape)
            assert [together[:32], together[-32:]] == alone


@pytest.mark.parametrize("prime", [3, 7, 17, 41, 97, 257])
def test_square_roots_of_a_whole_small_field(prime: int) -> None:
    field = field_named(f"prime_{prime}")
    squares = {x * x % prime for x in range(prime)}
    for value in range(prime):
        root = square_root_vartime(value, field)
        assert (root is not None) == (value in squares)
        assert root is None or root * root % prime == value
