"""RSA blind signatures: RFC 9474, RSABSSA-SHA384-PSS-Deterministic.

    client   m = EMSA-PSS(message), random salt of 48 bytes      b = m·r^e mod n, r random in Z_n*
    issuer   t = b^d mod n
    client   s = t·r^-1 mod n,  s^e = m:  an ordinary RSASSA-PSS signature on a message that the issuer never saw

Keys, their files and the final verification are the ``cryptography`` package's; it has no raw RSA, so that blinding
and the issuer's power are here.  Blindness needs no trust in the key: of everything that was issued, (b, t), and every
signature, (m, s), that verify, each pair belongs together for exactly one r = t/s.  An issuer with one key for each
client needs no cryptanalysis, though: take the key from the ledger that pins it, never from the issuer alone.

Python's integers are not constant time.  The issuer multiplies each request by a random power and adds a random
multiple of the group order to its exponents, so that times depend on numbers that nobody chose; still, sign on a
machine that no stranger shares.
"""

from __future__ import annotations

import hashlib
import math
import os
import secrets
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature as _CryptographyInvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..errors import FormatError, InvalidKey, InvalidSignature, MalformedInput
from .key_file import read_private_file, write_private_file

PUBLIC_EXPONENT = 65537
DEFAULT_BITS = 3072
MIN_BITS, MAX_BITS = 2048, 8192
SALT_BYTES = 48
_HASH_BYTES = 48
_EXPONENT_BLINDING_BITS = 64
_MAX_PEM_BYTES = 1 << 14


class BlindPublicKey:
    """An issuer's public key: what clients blind for, and what a ledger pins by ``digest``."""

    def __init__(self, n: int) -> None:
        """Raises ``InvalidKey`` unless n is odd and of 2048 to 8192 bits; the exponent is 65537."""
        is_integer = isinstance(n, int) and not isinstance(n, bool)
        if not is_integer or n < 0 or n % 2 == 0 or not MIN_BITS <= n.bit_length() <= MAX_BITS:
            raise InvalidKey(f"an issuer's modulus is odd and has {MIN_BITS} to {MAX_BITS} bits")
        self.n = n
        self._key = rsa.RSAPublicNumbers(PUBLIC_EXPONENT, n).public_key()

    @property
    def num_bytes(self) -> int:
        """Length of blinded messages and signatures."""
        return (self.n.bit_length() + 7) // 8

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the key's SubjectPublicKeyInfo."""
        der = self._key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()

    def to_pem(self) -> str:
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode("ascii")

    @classmethod
    def from_pem(cls, text: str) -> BlindPublicKey:
        """Raises ``FormatError`` for anything but an RSA public key in PEM, ``InvalidKey`` for a size or exponent that
        is not ours.
        """
        try:
            key = serialization.load_pem_public_key(text.encode())
        except (ValueError, TypeError) as error:
            raise FormatError("not a public key in PEM") from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise FormatError("not an RSA key")
        return cls(_modulus(key.public_numbers()))

    def blind(self, message: bytes) -> Blinded:
        """``message`` hidden from the issuer, and what undoes it.  The message must not be guessable: a fresh key."""
        return self._blind(message, secrets.token_bytes(SALT_BYTES), _random_unit(self.n))

    def _blind(self, message: bytes, salt: bytes, r: int) -> Blinded:
        encoded = int.from_bytes(emsa_pss_encode(message, self.n.bit_length() - 1, salt), "big")
        if math.gcd(encoded, self.n) != 1:
            raise InvalidKey("the modulus has a small factor")
        request = encoded * pow(r, PUBLIC_EXPONENT, self.n) % self.n
        return Blinded(self, message, request.to_bytes(self.num_bytes, "big"), pow(r, -1, self.n))

    def verify(self, message: bytes, signature: bytes) -> None:
        """RSASSA-PSS with SHA-384, MGF1-SHA-384 and 48 bytes of salt.

        Raises:
            InvalidSignature: wrong length, or not this key's signature on the message.
        """
        scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=SALT_BYTES)
        try:
            self._key.verify(signature, message, scheme, hashes.SHA384())
        except _CryptographyInvalidSignature:
            raise InvalidSignature("the signature is not the issuer's on this message") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BlindPublicKey) and other.n == self.n

    def __hash__(self) -> int:
        return hash(self.n)

    def __repr__(self) -> str:
        return f"BlindPublicKey({self.digest[:16]}…, {self.n.bit_length()} bits)"


@dataclass(frozen=True, repr=False)
class Blinded:
    """``request`` goes to the issuer; the rest stays with the client."""

    key: BlindPublicKey
    message: bytes
    request: bytes
    inverse: int

    def finalize(self, answer: bytes) -> bytes:
        """The signature on the message, verified.

        Raises:
            InvalidSignature: the answer has the wrong length or is not the issuer's signature of the request.
        """
        value = int.from_bytes(answer, "big")
        if len(answer) != self.key.num_bytes or value >= self.key.n:
            raise InvalidSignature(f"the answer is not a number of {self.key.num_bytes} bytes below the modulus")
        signature = (value * self.inverse % self.key.n).to_bytes(self.key.num_bytes, "big")
        self.key.verify(self.message, signature)
        return signature


class BlindSigner:
    """An issuer's secret key.  One key for each value of a token: the issuer cannot see what it signs."""

    __slots__ = ("_key", "_numbers", "public")

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key
        self._numbers = key.private_numbers()
        self.public = BlindPublicKey(_modulus(self._numbers.public_numbers))

    @classmethod
    def generate(cls, bits: int = DEFAULT_BITS) -> BlindSigner:
        """A fresh key; raises ``InvalidKey`` for a size out of range."""
        if not MIN_BITS <= bits <= MAX_BITS:
            raise InvalidKey(f"an issuer's modulus has {MIN_BITS} to {MAX_BITS} bits")
        return cls(rsa.generate_private_key(PUBLIC_EXPONENT, bits))

    def sign(self, request: bytes) -> bytes:
        """The blind signature of a client's request.

        Raises:
            MalformedInput: the request is not a number of the key's length below the modulus.
        """
        value = int.from_bytes(request, "big")
        if len(request) != self.public.num_bytes or value >= self.public.n:
            raise MalformedInput(f"a request is a number of {self.public.num_bytes} bytes below the modulus")
        return self._power(value).to_bytes(self.public.num_bytes, "big")

    def _power(self, value: int) -> int:
        """value^d mod n by the Chinese remainder theorem, blinded, and checked: one wrong half would give p away."""
        n, key = self.public.n, self._numbers
        r = _random_unit(n)
        hidden = value * pow(r, PUBLIC_EXPONENT, n) % n
        at_p = pow(hidden, key.dmp1 + secrets.randbits(_EXPONENT_BLINDING_BITS) * (key.p - 1), key.p)
        at_q = pow(hidden, key.dmq1 + secrets.randbits(_EXPONENT_BLINDING_BITS) * (key.q - 1), key.q)
        root = at_q + key.q * ((at_p - at_q) * key.iqmp % key.p)
        root = root * pow(r, -1, n) % n
        if pow(root, PUBLIC_EXPONENT, n) != value:
            raise InvalidKey("the signature does not verify: the key or the machine is faulty")
        return root

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """PKCS #8 in PEM, unencrypted, mode 0600; raises as ``write_key_file``."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private_file(path, pem, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> BlindSigner:
        """Raises as ``read_key_file``."""
        data = read_private_file(path, _MAX_PEM_BYTES)
        try:
            key = serialization.load_pem_private_key(data, password=None)
        except (ValueError, TypeError):
            key = None  # the parser's own message and chain could quote a secret file
        if not isinstance(key, rsa.RSAPrivateKey):
            raise FormatError("not an unencrypted RSA key in PEM", source=str(path))
        return cls(key)

    def __repr__(self) -> str:
        return f"BlindSigner(public={self.public})"


def emsa_pss_encode(message: bytes, num_bits: int, salt: bytes) -> bytes:
    """EMSA-PSS of RFC 8017 §9.1.1 with SHA-384 and MGF1-SHA-384: an integer of ``num_bits`` bits at most."""
    length = (num_bits + 7) // 8
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    block = bytes(length - len(salt) - _HASH_BYTES - 2) + b"\x01" + salt
    mask = b"".join(
        hashlib.sha384(digest + counter.to_bytes(4, "big")).digest() for counter in range(-(-len(block) // _HASH_BYTES))
    )
    masked = bytearray(a ^ b for a, b in zip(block, mask, strict=False))
    masked[0] &= 0xFF >> (8 * length - num_bits)
    return bytes(masked) + digest + b"\xbc"


def _modulus(numbers: rsa.RSAPublicNumbers) -> int:
    if numbers.e != PUBLIC_EXPONENT:
        raise InvalidKey(f"an issuer's exponent is {PUBLIC_EXPONENT}")
    return numbers.n


def _random_unit(n: int) -> int:
    """Uniform in Z_n*."""
    while True:
        r = 1 + secrets.randbelow(n - 1)
        if math.gcd(r, n) == 1:
            return r
