"""EdDSA-Poseidon: the protocol's and circomlibjs's signatures, and everything that must be refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from curve_points import IDENTITY, small_order_point
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra import eddsa
from zkrelay.algebra.eddsa import (
    ORDER,
    PreparedPublicKey,
    Signature,
    derive_public_key,
    derive_secret_key,
    refuse,
    sign,
    verify,
    verify_packed,
)
from zkrelay.algebra.eddsa_bounds import BABY_JUBJUB_BOUNDS
from zkrelay.algebra.eddsa_scheme import scheme_parameters
from zkrelay.algebra.edwards_encoding import unpack_point
from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import bn254
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import InvalidPoint, InvalidSignature, MalformedInput, NonCanonicalNumber
from zkrelay.kernel import SignatureVerdict, current

R = bn254.FR.modulus
VECTORS = Path(__file__).parent.parent / "vectors"
PROTOCOL = json.loads((VECTORS / "protocol" / "protocol-v1.json").read_text())
CIRCOMLIBJS = json.loads((VECTORS / "circomlibjs" / "vectors.json").read_text())

SECRET = derive_secret_key(b"test key")
PUBLIC = derive_public_key(SECRET)
MESSAGE = 123456789
GOOD = sign(SECRET, MESSAGE)


@pytest.mark.parametrize("index", range(3))
def test_signatures_equal_the_protocol_s(index: int) -> None:
    secret = derive_secret_key(b"s%d" % index)
    signature = sign(secret, int(PROTOCOL["messages"][index]))
    assert [str(x) for x in (*signature.r8, signature.s)] == PROTOCOL["sigs"][index]
    verify(derive_public_key(secret), int(PROTOCOL["messages"][index]), signature)


@pytest.mark.parametrize("case", CIRCOMLIBJS["signatures"], ids=lambda case: case["message"][:8])
def test_circomlibjs_signatures_verify(case: dict[str, str]) -> None:
    signature = Signature((int(case["r8x"]), int(case["r8y"])), int(case["s"]))
    public = (int(case["ax"]), int(case["ay"]))
    verify(public, int(case["message"]), signature)
    with pytest.raises(InvalidSignature):
        verify(public, (int(case["message"]) + 1) % R, signature)


@settings(max_examples=20)
@given(st.binary(min_size=1, max_size=40), st.integers(0, R - 1))
def test_own_signatures_verify(seed: bytes, message: int) -> None:
    secret = derive_secret_key(seed)
    verify(derive_public_key(secret), message, sign(secret, message))


def test_signing_is_deterministic_and_message_changes_the_nonce() -> None:
    assert sign(SECRET, MESSAGE) == GOOD
    assert sign(SECRET, MESSAGE + 1).r8 != GOOD.r8


def test_public_key_is_the_multiple_of_base8() -> None:
    assert BABY_JUBJUB.mul_vartime(SECRET, BABY_JUBJUB.generator) == PUBLIC


def test_another_key_another_message_another_r8_are_false() -> None:
    other = derive_public_key(derive_secret_key(b"other"))
    moved = Signature(BABY_JUBJUB.add_vartime(GOOD.r8, BABY_JUBJUB.generator), GOOD.s)
    for public, message, signature in (
        (other, MESSAGE, GOOD),
        (PUBLIC, MESSAGE + 1, GOOD),
        (PUBLIC, MESSAGE, moved),
        (PUBLIC, MESSAGE, Signature(GOOD.r8, (GOOD.s + 1) % ORDER)),
    ):
        with pytest.raises(InvalidSignature):
            verify(public, message, signature)


@pytest.mark.parametrize("s", [GOOD.s + ORDER, GOOD.s + 2 * ORDER, ORDER, R, -1, 1 << 255])
def test_s_at_or_above_the_order_is_refused(s: int) -> None:
    with pytest.raises(NonCanonicalNumber, match="S "):
        verify(PUBLIC, MESSAGE, Signature(GOOD.r8, s))


def test_s_plus_order_would_satisfy_the_equation() -> None:
    """The range check is what stops it: the group cannot tell S from S + l."""
    left = BABY_JUBJUB.mul_vartime(GOOD.s + ORDER, BABY_JUBJUB.generator)
    k = eddsa.challenge(GOOD.r8, PUBLIC, MESSAGE)
    assert left == BABY_JUBJUB.add_vartime(GOOD.r8, BABY_JUBJUB.mul_vartime(8 * k, PUBLIC))


@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_small_order_key_is_refused(order: int) -> None:
    """Without the check (identity key, R8 = S*B8) verifies every message."""
    public = small_order_point(order)
    assert BABY_JUBJUB.mul_vartime(8, public) == IDENTITY
    forged = Signature(BABY_JUBJUB.mul_vartime(5, BABY_JUBJUB.generator), 5)
    with pytest.raises(InvalidPoint, match="small order"):
        verify(public, MESSAGE, forged)


def test_key_with_a_torsion_part_is_accepted_only_with_its_own_challenge() -> None:
    """A + T signs nothing more than A: 8(A+T) = 8A, and k depends on A + T."""
    mixed = BABY_JUBJUB.add_vartime(PUBLIC, small_order_point(2))
    with pytest.raises(InvalidSignature):
        verify(mixed, MESSAGE, GOOD)
    nonce = 987654321
    r8 = BABY_JUBJUB.mul_vartime(nonce, BABY_JUBJUB.generator)
    s = (nonce + 8 * eddsa.challenge(r8, mixed, MESSAGE) * SECRET) % ORDER
    verify(mixed, MESSAGE, Signature(r8, s))


def test_r8_with_a_torsion_part_is_false() -> None:
    """The equation is cofactorless: R8 + T does not pass, whatever k is."""
    nonce = 987654321
    r8 = BABY_JUBJUB.add_vartime(BABY_JUBJUB.mul_vartime(nonce, BABY_JUBJUB.generator), small_order_point(8))
    s = (nonce + 8 * eddsa.challenge(r8, PUBLIC, MESSAGE) * SECRET) % ORDER
    with pytest.raises(InvalidSignature):
        verify(PUBLIC, MESSAGE, Signature(r8, s))


@pytest.mark.parametrize(
    ("dx", "dy", "error"),
    [(1, 0, InvalidPoint), (0, 1, InvalidPoint), (R, 0, NonCanonicalNumber), (0, R, NonCanonicalNumber)],
)
def test_points_off_the_curve_or_not_canonical_are_refused(dx: int, dy: int, error: type[MalformedInput]) -> None:
    with pytest.raises(error):
        verify((PUBLIC[0] + dx, PUBLIC[1] + dy), MESSAGE, GOOD)
    with pytest.raises(error):
        verify(PUBLIC, MESSAGE, Signature((GOOD.r8[0] + dx, GOOD.r8[1] + dy), GOOD.s))


@pytest.mark.parametrize("message", [-1, R, MESSAGE + R])
def test_message_must_be_canonical(message: int) -> None:
    with pytest.raises(NonCanonicalNumber, match="message"):
        verify(PUBLIC, message, GOOD)
    with pytest.raises(NonCanonicalNumber, match="message"):
        sign(SECRET, message)


@pytest.mark.parametrize("secret", [0, ORDER, -1, SECRET + ORDER])
def test_secret_out_of_range_is_refused_without_being_shown(secret: int) -> None:
    for use in (lambda: sign(secret, MESSAGE), lambda: derive_public_key(secret)):
        with pytest.raises(NonCanonicalNumber) as caught:
            use()
        assert str(SECRET) not in str(caught.value)


def test_bounds_refuse_a_negligible_share_of_honest_scalars() -> None:
    """The circuit compares high bits only: exactly the ends of the two ranges are lost, below 2^-100 of each."""
    bounds, slice_size = BABY_JUBJUB_BOUNDS, 1 << BABY_JUBJUB_BOUNDS.low_bits
    last_s = ((bounds.s_high_max + 1) << bounds.low_bits) - 1
    assert bounds.accepts_s(0)
    assert bounds.accepts_s(last_s)
    assert not bounds.accepts_s(last_s + 1)
    assert ORDER - slice_size <= last_s < ORDER
    assert bounds.accepts_k(slice_size)
    assert bounds.accepts_k(R - 2 * slice_size)
    assert not bounds.accepts_k(R)
    assert slice_size << 100 < ORDER


def test_the_kernel_s_intervals_are_the_circuit_s_comparisons() -> None:
    """The kernel refuses by s_end, k_begin and k_end: the same numbers, checked just below and at each end."""
    bounds = BABY_JUBJUB_BOUNDS
    for s in (bounds.s_end - 1, bounds.s_end):
        assert bounds.accepts_s(s) == (s < bounds.s_end)
    for k in (0, bounds.k_begin - 1, bounds.k_begin, bounds.k_end - 1, bounds.k_end, R - 1):
        assert bounds.accepts_k(k) == (bounds.k_begin <= k < bounds.k_end)


def test_challenge_in_the_refused_slice_is_a_false_signature() -> None:
    """No signature that the circuit refuses is accepted here, even if someone finds such a k."""
    k = eddsa.challenge(GOOD.r8, PUBLIC, MESSAGE)
    item = (pack_field(bn254.FR, PUBLIC), pack_field(bn254.FR, [MESSAGE]), GOOD.pack())
    for k_end, verdict in ((k, SignatureVerdict.FALSE), (k + 1, SignatureVerdict.TRUE)):
        parameters = replace(scheme_parameters(), k_end=k_end.to_bytes(32, "little"))
        assert current().eddsa("bn254_fr", parameters).verify(*item) == [verdict]
    with pytest.raises(InvalidSignature, match="circuit refuses"):
        refuse(SignatureVerdict.FALSE)


def test_packed_signatures_are_circomlibjs_s() -> None:
    for case in CIRCOMLIBJS["signatures"]:
        signature = Signature((int(case["r8x"]), int(case["r8y"])), int(case["s"]))
        assert unpack_point(signature.pack()[:32]) == signature.r8
        assert int.from_bytes(signature.pack()[32:], "little") == signature.s
    receipt = CIRCOMLIBJS["receipt"]
    assert verify_packed(
        pack_field(bn254.FR, [int(receipt["ax"]), int(receipt["ay"])]),
        pack_field(bn254.FR, [int(receipt["message"])]),
        bytes.fromhex(receipt["signature"]),
    ) == [SignatureVerdict.TRUE]


class TestPreparedKey:
    KEY = PreparedPublicKey(PUBLIC)

    def test_it_decides_as_verify_does(self) -> None:
        self.KEY.verify(MESSAGE, GOOD)
        assert (
            self.KEY.verify_packed(pack_field(bn254.FR, [MESSAGE] * 3), GOOD.pack() * 3) == [SignatureVerdict.TRUE] * 3
        )
        for message, signature in (
            (MESSAGE + 1, GOOD),
            (MESSAGE, Signature(GOOD.r8, GOOD.s + 1)),
            (MESSAGE, Signature(GOOD.r8, GOOD.s + ORDER)),
            (MESSAGE, Signature((GOOD.r8[0], GOOD.r8[1] + 1), GOOD.s)),
            (MESSAGE + R, GOOD),
        ):
            with pytest.raises((InvalidSignature, MalformedInput)) as alone:
                verify(PUBLIC, message, signature)
            with pytest.raises(alone.type):
                self.KEY.verify(message, signature)

    @pytest.mark.parametrize("order", [1, 2, 4, 8])
    def test_keys_of_small_order(self, order: int) -> None:
        with pytest.raises(InvalidPoint, match="small order"):
            PreparedPublicKey(small_order_point(order))

    def test_keys_off_the_curve_or_not_canonical(self) -> None:
        with pytest.raises(InvalidPoint):
            PreparedPublicKey((PUBLIC[0], PUBLIC[1] + 1))
        with pytest.raises(NonCanonicalNumber):
            PreparedPublicKey((PUBLIC[0] + R, PUBLIC[1]))
