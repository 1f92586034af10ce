"""The handshake against vectors of two other implementations, and against everything that must end it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tunnel.errors import HandshakeOrder, HandshakeRefused, NonceExhausted, RecordRefused, TunnelError
from tunnel.noise_ik import (
    FIRST_MESSAGE_BYTES,
    MAX_MESSAGE_BYTES,
    SECOND_MESSAGE_BYTES,
    CipherState,
    Initiator,
    Responder,
    public_bytes,
)

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "noise" / "ik_25519_chachapoly_blake2s.json"
CASES = json.loads(VECTORS.read_text(encoding="ascii"))["vectors"]
# u-coordinates of order 1, 2, 4 and 8 on the curve and its twist; the last three are p - 1, p and p + 1
LOW_ORDER = [
    number.to_bytes(32, "little")
    for number in (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        2**255 - 20,
        2**255 - 19,
        2**255 - 18,
    )
]
NODE, CLIENT = X25519PrivateKey.generate(), X25519PrivateKey.generate()


def key(text: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def ends(prologue: bytes = b"") -> tuple[Initiator, Responder]:
    return Initiator(CLIENT, public_bytes(NODE), prologue), Responder(NODE, prologue)


@pytest.mark.parametrize("case", CASES, ids=[case["source"] for case in CASES])
def test_official_vectors(case: dict) -> None:
    assert case["init_prologue"] == case["resp_prologue"]
    prologue = bytes.fromhex(case["init_prologue"])
    remote = bytes.fromhex(case["init_remote_static"])
    client = Initiator(key(case["init_static"]), remote, prologue, ephemeral=key(case["init_ephemeral"]))
    node = Responder(key(case["resp_static"]), prologue, ephemeral=key(case["resp_ephemeral"]))
    (first, first_ciphertext), (second, second_ciphertext), *transport = [
        (bytes.fromhex(message["payload"]), bytes.fromhex(message["ciphertext"])) for message in case["messages"]
    ]
    assert client.write_first(first) == first_ciphertext
    assert node.read_first(first_ciphertext) == first
    assert node.remote_static == public_bytes(key(case["init_static"]))
    message, there = node.write_second(second)
    assert message == second_ciphertext
    payload, here = client.read_second(message)
    assert payload == second
    assert here.handshake_hash == there.handshake_hash
    if "handshake_hash" in case:
        assert here.handshake_hash.hex() == case["handshake_hash"]
    assert len(transport) >= 2
    for index, (plaintext, ciphertext) in enumerate(transport):
        sender, receiver = (here, there) if index % 2 == 0 else (there, here)
        assert sender.sending.encrypt(plaintext) == ciphertext
        assert receiver.receiving.decrypt(ciphertext) == plaintext


def test_messages_have_their_stated_sizes_and_hide_the_static_key() -> None:
    client, node = ends()
    first = client.write_first()
    assert len(first) == FIRST_MESSAGE_BYTES == 96 and public_bytes(CLIENT) not in first
    node.read_first(first)
    assert len(node.write_second()[0]) == SECOND_MESSAGE_BYTES == 48


@given(position=st.integers(0, FIRST_MESSAGE_BYTES - 1), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_a_changed_first_message_is_refused(position: int, bit: int) -> None:
    client, node = ends()
    first = bytearray(client.write_first())
    first[position] ^= 1 << bit
    with pytest.raises(HandshakeRefused):
        node.read_first(bytes(first))
    with pytest.raises(HandshakeOrder):  # no second try, and nothing to answer
        node.read_first(bytes(first))
    with pytest.raises(HandshakeOrder):
        node.write_second()


@given(position=st.integers(0, SECOND_MESSAGE_BYTES - 1), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_a_changed_second_message_is_refused(position: int, bit: int) -> None:
    client, node = ends()
    node.read_first(client.write_first())
    second = bytearray(node.write_second()[0])
    right = bytes(second)
    second[position] ^= 1 << bit
    with pytest.raises(HandshakeRefused):
        client.read_second(bytes(second))
    with pytest.raises(HandshakeOrder):
        client.read_second(right)


@pytest.mark.parametrize("size", [0, 1, 31, 32, 95, 97, 200, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES + 1])
def test_a_first_message_of_another_length_is_refused(size: int) -> None:
    client, node = ends()
    first = (client.write_first() + bytes(MAX_MESSAGE_BYTES))[:size]
    with pytest.raises(HandshakeRefused):
        node.read_first(first)


@pytest.mark.parametrize("size", [0, 31, 47, 49, MAX_MESSAGE_BYTES + 1])
def test_a_second_message_of_another_length_is_refused(size: int) -> None:
    client, node = ends()
    node.read_first(client.write_first())
    second = (node.write_second()[0] + bytes(MAX_MESSAGE_BYTES))[:size]
    with pytest.raises(HandshakeRefused):
        client.read_second(second)


def test_payloads_that_do_not_fit_are_refused_before_anything_is_sent() -> None:
    client, node = ends()
    with pytest.raises(HandshakeRefused):
        client.write_first(bytes(MAX_MESSAGE_BYTES - FIRST_MESSAGE_BYTES + 1))
    first = client.write_first(bytes(MAX_MESSAGE_BYTES - FIRST_MESSAGE_BYTES))
    assert len(first) == MAX_MESSAGE_BYTES
    node.read_first(first)
    with pytest.raises(HandshakeRefused):
        node.write_second(bytes(MAX_MESSAGE_BYTES - SECOND_MESSAGE_BYTES + 1))
    assert len(node.write_second(bytes(MAX_MESSAGE_BYTES - SECOND_MESSAGE_BYTES))[0]) == MAX_MESSAGE_BYTES


def test_a_message_for_another_node_is_refused() -> None:
    client = Initiator(CLIENT, public_bytes(X25519PrivateKey.generate()))
    with pytest.raises(HandshakeRefused):
        Responder(NODE).read_first(client.write_first())


def test_another_node_cannot_answer() -> None:
    """Who took the node's place on the wire, with a key of its own, cannot make the second message."""
    client, node = ends()
    node.read_first(client.write_first())
    impostor_client = Initiator(CLIENT, public_bytes(CLIENT))
    impostor = Responder(CLIENT)
    impostor.read_first(impostor_client.write_first())
    with pytest.raises(HandshakeRefused):
        client.read_second(impostor.write_second()[0])


def test_another_prologue_is_refused() -> None:
    client, _ = ends(b"one version")
    with pytest.raises(HandshakeRefused):
        Responder(NODE, b"another").read_first(client.write_first())


def test_a_replayed_first_message_gives_keys_that_its_sender_does_not_have() -> None:
    client, node = ends()
    first = client.write_first()
    node.read_first(first)
    second, there = node.write_second()
    _, here = client.read_second(second)
    again = Responder(NODE)
    again.read_first(first)  # Noise cannot know better: see the module
    another_second, replayed = again.write_second()
    assert another_second != second and replayed.handshake_hash != there.handshake_hash
    with pytest.raises(RecordRefused):
        replayed.receiving.decrypt(here.sending.encrypt(b"recorded, too"))
    with pytest.raises(HandshakeOrder):
        client.read_second(another_second)


@pytest.mark.parametrize("point", LOW_ORDER, ids=range(len(LOW_ORDER)))
@pytest.mark.parametrize("top_bit", [0, 0x80])
def test_points_of_low_order_are_refused_in_every_place(point: bytes, top_bit: int) -> None:
    point = point[:-1] + bytes([point[-1] | top_bit])  # X25519 ignores the top bit
    with pytest.raises(HandshakeRefused, match="low order"):  # the node's static key
        Initiator(CLIENT, point).write_first()
    client, node = ends()
    with pytest.raises(HandshakeRefused, match="low order"):  # the client's ephemeral key
        node.read_first(point + client.write_first()[32:])
    client, node = ends()
    node.read_first(client.write_first())
    with pytest.raises(HandshakeRefused, match="low order"):  # the node's ephemeral key
        client.read_second(point + node.write_second()[0][32:])
    client, node = ends()
    with pytest.raises(HandshakeRefused, match="low order"):  # the client's static key, encrypted as it should be
        node.read_first(first_message_with_static(point))


def first_message_with_static(static: bytes) -> bytes:
    """What a client that lies about its static key would send."""
    liar = Initiator(CLIENT, public_bytes(NODE))
    message = liar._write_ephemeral()
    liar._dh(liar._ephemeral, public_bytes(NODE))
    message += liar._symmetric.encrypt_and_hash(static)
    liar._symmetric.mix_key(bytes(32))  # what a low-order point would give
    return message + liar._symmetric.encrypt_and_hash(b"")


def test_a_client_cannot_claim_a_static_key_that_it_does_not_hold() -> None:
    with pytest.raises(HandshakeRefused, match="authenticate"):
        Responder(NODE).read_first(first_message_with_static(public_bytes(X25519PrivateKey.generate())))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_static_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(HandshakeRefused):
        Initiator(CLIENT, bytes(size))


def test_steps_out_of_order_are_refused() -> None:
    client, node = ends()
    with pytest.raises(HandshakeOrder):
        client.read_second(bytes(SECOND_MESSAGE_BYTES))
    with pytest.raises(HandshakeOrder):
        node.write_second()
    first = client.write_first()
    with pytest.raises(HandshakeOrder):
        client.write_first()
    node.read_first(first)
    with pytest.raises(HandshakeOrder):
        node.read_first(first)
    node.write_second()
    with pytest.raises(HandshakeOrder):
        node.write_second()


def test_cipher_takes_messages_once_and_in_order() -> None:
    sender, receiver = CipherState(bytes(32)), CipherState(bytes(32))
    first, second = sender.encrypt(b"one"), sender.encrypt(b"two")
    for wrong in (second, b"", first[:-1], first + b"\0"):
        with pytest.raises(RecordRefused):
            receiver.decrypt(wrong)
    assert receiver.decrypt(first) == b"one"
    with pytest.raises(RecordRefused):
        receiver.decrypt(first)
    assert receiver.decrypt(second) == b"two"


def test_rekey_is_a_step_that_both_ends_must_take() -> None:
    sender, receiver = CipherState(bytes(32)), CipherState(bytes(32))
    old = CipherState(bytes(32))
    sender.rekey()
    message = sender.encrypt(b"after")
    with pytest.raises(RecordRefused):
        receiver.decrypt(message)
    receiver.rekey()
    assert receiver.decrypt(message) == b"after"
    with pytest.raises(RecordRefused):
        old.decrypt(message)


def test_the_last_nonce_is_never_used() -> None:
    cipher = CipherState(bytes(32))
    cipher._n = (1 << 64) - 2
    cipher.encrypt(b"")
    for use in (cipher.encrypt, cipher.decrypt):
        with pytest.raises(NonceExhausted):
            use(bytes(16))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_noise_from_the_network_is_refused(data: bytes) -> None:
    with pytest.raises(TunnelError):
        Responder(NODE).read_first(data)
