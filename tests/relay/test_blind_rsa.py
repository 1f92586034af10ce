"""RFC 9474 against its own vector, against ``cryptography``'s PSS, and against malformed everything."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.errors import FormatError, InvalidKey, InvalidSignature, MalformedInput
from zkrelay.relay.blind_rsa import BlindPublicKey, BlindSigner, emsa_pss_encode

RFC = json.loads((Path(__file__).parent.parent / "vectors" / "rfc9474" / "pss_deterministic.json").read_text())
NUMBER = {name: int(text, 16) for name, text in RFC.items()}
N = NUMBER["p"] * NUMBER["q"]


def rfc_signer() -> BlindSigner:
    p, q, d = NUMBER["p"], NUMBER["q"], NUMBER["d"]
    public = rsa.RSAPublicNumbers(NUMBER["e"], N)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return BlindSigner(numbers.private_key())


@pytest.fixture(scope="module")
def signer() -> BlindSigner:
    return BlindSigner.generate(2048)


def test_rfc_9474_appendix_a_3() -> None:
    """Encoding, blinded message, blind signature and signature, byte for byte."""
    message, salt = bytes.fromhex(RFC["msg"]), bytes.fromhex(RFC["salt"])
    assert emsa_pss_encode(message, N.bit_length() - 1, salt).hex() == RFC["encoded_msg"]
    signer = rfc_signer()
    blinded = signer.public._blind(message, salt, pow(NUMBER["inv"], -1, N))
    assert blinded.request.hex() == RFC["blinded_msg"]
    assert blinded.inverse == NUMBER["inv"]
    answer = signer.sign(blinded.request)
    assert answer.hex() == RFC["blind_sig"]
    assert blinded.finalize(answer).hex() == RFC["sig"]
    signer.public.verify(message, bytes.fromhex(RFC["sig"]))


def test_the_rfc_s_signature_is_an_ordinary_pss_signature() -> None:
    key = rsa.RSAPublicNumbers(65537, N).public_key()
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    key.verify(bytes.fromhex(RFC["sig"]), bytes.fromhex(RFC["msg"]), scheme, hashes.SHA384())


@settings(max_examples=12, deadline=None)
@given(message=st.binary(max_size=100))
def test_any_message(signer: BlindSigner, message: bytes) -> None:
    blinded = signer.public.blind(message)
    signature = blinded.finalize(signer.sign(blinded.request))
    signer.public.verify(message, signature)
    with pytest.raises(InvalidSignature):
        signer.public.verify(message + b"\0", signature)
    assert signer.public.blind(message).request != blinded.request


@pytest.mark.parametrize("bits", [2048, 2049, 2055])
def test_moduli_of_odd_lengths(bits: int) -> None:
    """The encoding has one bit less than the modulus, whatever its length modulo 8."""
    signer = BlindSigner.generate(bits)
    blinded = signer.public.blind(b"message")
    signer.public.verify(b"message", blinded.finalize(signer.sign(blinded.request)))


def test_blindness_for_every_pairing(signer: BlindSigner) -> None:
    """Of two issuances and two signatures each pair belongs together for some r: the issuer's view fits all."""
    n = signer.public.n
    first, second = signer.public.blind(b"first"), signer.public.blind(b"second")
    answers = [signer.sign(blinded.request) for blinded in (first, second)]
    signatures = [b.finalize(a) for b, a in zip((first, second), answers, strict=True)]
    for blinded, answer in zip((first, second), answers, strict=True):
        for signature in signatures:
            s, t = int.from_bytes(signature, "big"), int.from_bytes(answer, "big")
            r = t * pow(s, -1, n) % n
            assert int.from_bytes(blinded.request, "big") == pow(s, 65537, n) * pow(r, 65537, n) % n


def test_wrong_answers_are_refused(signer: BlindSigner) -> None:
    blinded, other = signer.public.blind(b"message"), signer.public.blind(b"other")
    good = signer.sign(blinded.request)
    size, n = signer.public.num_bytes, signer.public.n
    bad = [
        signer.sign(other.request),
        good[:-1],
        good + b"\0",
        b"",
        bytes(size),
        (int.from_bytes(good, "big") ^ 1).to_bytes(size, "big"),
        n.to_bytes(size, "big"),
        (n - 1).to_bytes(size, "big"),
    ]
    for answer in bad:
        with pytest.raises(InvalidSignature):
            blinded.finalize(answer)
    blinded.finalize(good)
    with pytest.raises(InvalidSignature):
        rfc_signer().public.verify(b"message", blinded.finalize(good))


def test_wrong_requests_are_refused(signer: BlindSigner) -> None:
    size, n = signer.public.num_bytes, signer.public.n
    for request in (b"", bytes(size - 1), bytes(size + 1), n.to_bytes(size, "big"), b"\xff" * size):
        with pytest.raises(MalformedInput, match="request"):
            signer.sign(request)


def test_signing_is_a_function_of_the_request(signer: BlindSigner) -> None:
    """The inner blinding leaves no trace, so that a request sent again gets the same answer."""
    for value in (0, 1, 2, signer.public.n - 1):
        request = value.to_bytes(signer.public.num_bytes, "big")
        assert signer.sign(request) == signer.sign(request)
        assert int.from_bytes(signer.sign(request), "big") == pow(value, signer._numbers.d, signer.public.n)


def test_a_fault_in_one_half_is_not_answered(signer: BlindSigner) -> None:
    """A wrong residue mod q would factor n for whoever asked."""
    faulty = BlindSigner(signer._key)
    good = faulty._numbers
    faulty._numbers = rsa.RSAPrivateNumbers(
        good.p, good.q, good.d, good.dmp1, good.dmq1 + 2, good.iqmp, good.public_numbers
    )
    with pytest.raises(InvalidKey, match="faulty"):
        faulty.sign(signer.public.blind(b"message").request)


def test_keys_on_disk(signer: BlindSigner, tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    signer.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert BlindSigner.load(path).public == signer.public
    with pytest.raises(FileExistsError):
        signer.save(path)
    path.chmod(0o640)
    with pytest.raises(InvalidKey, match="others"):
        BlindSigner.load(path)
    text = path.read_bytes()
    assert str(signer._numbers.d) not in repr(signer)
    for content in (b"", text[:-40], b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", b"x" * 20_000):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(FormatError) as caught:
            BlindSigner.load(path)
        assert caught.value.__context__ is None or "MII" not in str(caught.value.__context__)
    ed = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(
        ed.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with pytest.raises(FormatError, match="RSA"):
        BlindSigner.load(path)


def test_public_keys(signer: BlindSigner) -> None:
    again = BlindPublicKey.from_pem(signer.public.to_pem())
    assert again == signer.public and hash(again) == hash(signer.public)
    assert again.digest == signer.public.digest != rfc_signer().public.digest
    for n in (0, 15, (1 << 2046) + 1, 1 << 2047, (1 << 8192) + 1, True, "7", -signer.public.n):
        with pytest.raises(InvalidKey):
            BlindPublicKey(n)  # type: ignore[arg-type]
    for bits in (1024, 8193):
        with pytest.raises(InvalidKey):
            BlindSigner.generate(bits)
    for text in ("", "nonsense", signer.public.to_pem()[:-60]):
        with pytest.raises(FormatError):
            BlindPublicKey.from_pem(text)
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = elliptic.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(FormatError, match="RSA"):
        BlindPublicKey.from_pem(pem.decode())
    three = rsa.RSAPublicNumbers(3, signer.public.n).public_key()
    pem = three.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InvalidKey, match="exponent"):
        BlindPublicKey.from_pem(pem.decode())
