"""Noise_IK_25519_ChaChaPoly_BLAKE2s: the handshake of the tunnel, and the keys that it ends with [Noise-R34].

    <- s                     the client knows the node's static key beforehand
    ...
    -> e, es, s, ss          96 bytes: e 32 | s encrypted 48 | payload encrypted 16
    <- e, ee, se             48 bytes: e 32 | payload encrypted 16

WireGuard's pattern and primitives without its preshared key (Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s), so that its users
find what they know: one round trip, both ends authenticated by static keys, the client's never sent in the clear.

What each message is worth: the first can be replayed by anybody who saw it, and its payload is readable by whoever gets
the node's static key later.  So payloads are empty here, and the node does nothing before the client's first record
has come: that record needs the ephemeral secret.  The records have forward secrecy.

Only this pattern is here: no other tokens, no preshared keys, no fallback.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .errors import HandshakeOrder, HandshakeRefused, NonceExhausted, RecordRefused

PROTOCOL_NAME = b"Noise_IK_25519_ChaChaPoly_BLAKE2s"
KEY_BYTES = 32
TAG_BYTES = 16
MAX_MESSAGE_BYTES = 65535
FIRST_MESSAGE_BYTES = KEY_BYTES + (KEY_BYTES + TAG_BYTES) + TAG_BYTES  # with empty payloads
SECOND_MESSAGE_BYTES = KEY_BYTES + TAG_BYTES
_REKEY_NONCE = (1 << 64) - 1  # reserved: no message is encrypted under it


def public_bytes(key: X25519PrivateKey) -> bytes:
    """The 32 bytes that others know a static key by."""
    return key.public_key().public_bytes_raw()


class CipherState:
    """One direction's key and its counter n [Noise-R34] §5.1; what was encrypted in one order is decrypted in it."""

    def __init__(self, key: bytes) -> None:
        self._aead = ChaCha20Poly1305(key)
        self._n = 0

    def encrypt(self, plaintext: bytes, ad: bytes = b"") -> bytes:
        """The ciphertext and 16 bytes of tag; raises ``NonceExhausted``."""
        ciphertext = self._aead.encrypt(self._nonce(), plaintext, ad)
        self._n += 1
        return ciphertext

    def decrypt(self, ciphertext: bytes | memoryview, ad: bytes = b"") -> bytes:
        """Raises ``RecordRefused`` for all but the next message, and then changes nothing; or ``NonceExhausted``."""
        try:
            plaintext = self._aead.decrypt(self._nonce(), ciphertext, ad)
        except InvalidTag:
            raise RecordRefused("a message does not authenticate") from None
        self._n += 1
        return plaintext

    def rekey(self) -> None:
        """k = ENCRYPT(k, 2^64 - 1, "", 0^32) without its tag, §4.2: a one-way step; n goes on."""
        self._aead = ChaCha20Poly1305(self._aead.encrypt(_nonce(_REKEY_NONCE), bytes(KEY_BYTES), b"")[:KEY_BYTES])

    def _nonce(self) -> bytes:
        if self._n >= _REKEY_NONCE:
            raise NonceExhausted("this key has encrypted all the messages that it may")
        return _nonce(self._n)


def _nonce(n: int) -> bytes:
    return bytes(4) + n.to_bytes(8, "little")


class SymmetricState:
    """ck, h and the cipher of the handshake §5.2; in IK a key is mixed in before anything is encrypted."""

    _cipher: CipherState

    def __init__(self, prologue: bytes) -> None:
        # the name is longer than a hash by one byte, so it is hashed
        self.h = self._ck = hashlib.blake2s(PROTOCOL_NAME).digest()
        self.mix_hash(prologue)

    def mix_hash(self, data: bytes) -> None:
        self.h = hashlib.blake2s(self.h + data).digest()

    def mix_key(self, material: bytes) -> None:
        self._ck, key = _hkdf(self._ck, material)
        self._cipher = CipherState(key)

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        ciphertext = self._cipher.encrypt(plaintext, self.h)
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt_and_hash(self, ciphertext: bytes) -> bytes:
        try:
            plaintext = self._cipher.decrypt(ciphertext, self.h)
        except RecordRefused:
            raise HandshakeRefused("a handshake message does not authenticate") from None
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        """The initiator's sending key, then the responder's."""
        first, second = _hkdf(self._ck, b"")
        return CipherState(first), CipherState(second)


def _hkdf(chaining_key: bytes, material: bytes) -> tuple[bytes, bytes]:
    """HKDF with two outputs §4.3."""
    temporary = hmac.digest(chaining_key, material, "blake2s")
    first = hmac.digest(temporary, b"\1", "blake2s")
    return first, hmac.digest(temporary, first + b"\2", "blake2s")


@dataclass(frozen=True)
class Session:
    """What a handshake ends with; ``handshake_hash`` is equal at both ends and new each time (channel binding)."""

    sending: CipherState
    receiving: CipherState
    remote_static: bytes
    handshake_hash: bytes


class HandshakeState:
    """What both ends share: keys, transcript, and the rule that each step is taken once, in order, or never.

    A message that is refused ends the handshake: there is no second try with the same ephemeral key.
    """

    def __init__(
        self, static: X25519PrivateKey, responder_static: bytes, prologue: bytes, ephemeral: X25519PrivateKey | None
    ) -> None:
        self._static = static
        self._ephemeral = ephemeral or X25519PrivateKey.generate()
        self._symmetric = SymmetricState(prologue)
        self._symmetric.mix_hash(responder_static)  # the pre-message <- s
        self._step = 0

    def _take(self, step: int) -> None:
        """Begin ``step``; until ``_took`` the handshake counts as ended."""
        if self._step != step:
            raise HandshakeOrder("a handshake step out of its order, or after a refusal")
        self._step = -1

    def _took(self, step: int) -> None:
        self._step = step + 1

    def _dh(self, private: X25519PrivateKey, public: bytes) -> None:
        """MixKey(DH(private, public)); a point of low order would give a key that everybody knows."""
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError:
            raise HandshakeRefused("a public key of low order") from None
        self._symmetric.mix_key(shared)

    def _write_ephemeral(self) -> bytes:
        own = public_bytes(self._ephemeral)
        self._symmetric.mix_hash(own)
        return own

    def _read_ephemeral(self, message: bytes) -> bytes:
        remote = message[:KEY_BYTES]
        self._symmetric.mix_hash(remote)
        return remote


class Initiator(HandshakeState):
    """The client: ``write_first``, then ``read_second``."""

    def __init__(
        self,
        static: X25519PrivateKey,
        remote_static: bytes,
        prologue: bytes = b"",
        *,
        ephemeral: X25519PrivateKey | None = None,
    ) -> None:
        """``ephemeral`` is for test vectors; raises ``HandshakeRefused`` unless the node's key has 32 bytes."""
        _check_length("a static key", remote_static, KEY_BYTES, KEY_BYTES)
        super().__init__(static, remote_static, prologue, ephemeral)
        self._remote_static = remote_static

    def write_first(self, payload: bytes = b"") -> bytes:
        """-> e, es, s, ss.  Raises ``HandshakeRefused`` where the node's key is of low order, or ``HandshakeOrder``."""
        _check_length("a payload", payload, 0, MAX_MESSAGE_BYTES - FIRST_MESSAGE_BYTES)
        self._take(0)
        message = self._write_ephemeral()
        self._dh(self._ephemeral, self._remote_static)
        message += self._symmetric.encrypt_and_hash(public_bytes(self._static))
        self._dh(self._static, self._remote_static)
        message += self._symmetric.encrypt_and_hash(payload)
        self._took(0)
        return message

    def read_second(self, message: bytes) -> tuple[bytes, Session]:
        """<- e, ee, se: the payload, and the keys.  Raises ``HandshakeRefused``, ``HandshakeOrder``."""
        self._take(1)
        _check_length("the second message", message, SECOND_MESSAGE_BYTES, MAX_MESSAGE_BYTES)
        remote = self._read_ephemeral(message)
        self._dh(self._ephemeral, remote)
        self._dh(self._static, remote)
        payload = self._symmetric.decrypt_and_hash(message[KEY_BYTES:])
        sending, receiving = self._symmetric.split()
        return payload, Session(sending, receiving, self._remote_static, self._symmetric.h)


class Responder(HandshakeState):
    """The node: ``read_first``, then a look at ``remote_static``, then ``write_second``."""

    remote_static: bytes
    _remote_ephemeral: bytes

    def __init__(
        self, static: X25519PrivateKey, prologue: bytes = b"", *, ephemeral: X25519PrivateKey | None = None
    ) -> None:
        super().__init__(static, public_bytes(static), prologue, ephemeral)

    def read_first(self, message: bytes) -> bytes:
        """-> e, es, s, ss: the payload.  ``remote_static`` is then the client's key, proved but possibly replayed.

        Raises:
            HandshakeRefused: as it says; also for a message to another node, or under another prologue.
            HandshakeOrder: not the first step.
        """
        self._take(0)
        _check_length("the first message", message, FIRST_MESSAGE_BYTES, MAX_MESSAGE_BYTES)
        self._remote_ephemeral = self._read_ephemeral(message)
        self._dh(self._static, self._remote_ephemeral)
        end = KEY_BYTES + KEY_BYTES + TAG_BYTES
        remote_static = self._symmetric.decrypt_and_hash(message[KEY_BYTES:end])
        self._dh(self._static, remote_static)
        payload = self._symmetric.decrypt_and_hash(message[end:])
        self.remote_static = remote_static
        self._took(0)
        return payload

    def write_second(self, payload: bytes = b"") -> tuple[bytes, Session]:
        """<- e, ee, se: the message, and the keys.  Raises ``HandshakeRefused`` or ``HandshakeOrder``."""
        _check_length("a payload", payload, 0, MAX_MESSAGE_BYTES - SECOND_MESSAGE_BYTES)
        self._take(1)
        message = self._write_ephemeral()
        self._dh(self._ephemeral, self._remote_ephemeral)
        self._dh(self._ephemeral, self.remote_static)
        message += self._symmetric.encrypt_and_hash(payload)
        receiving, sending = self._symmetric.split()
        return message, Session(sending, receiving, self.remote_static, self._symmetric.h)


def _check_length(what: str, data: bytes, least: int, most: int) -> None:
    if not least <= len(data) <= most:
        raise HandshakeRefused(f"{what} has {len(data)} bytes, not {least} to {most}")
