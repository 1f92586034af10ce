"""The demo's node: relays real bytes, and stops as soon as more than a window of them is not signed for."""

from __future__ import annotations

import hashlib
import json
import os
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import InvalidReceipt, NoteRefused
from ..relay.admission import admit_note
from ..relay.domain import Domain
from ..relay.identity import NodeIdentity
from ..relay.merkle import MerkleProof, MerkleTree
from ..relay.meter import ReceiptMeter
from ..relay.note import Note
from ..relay.receipt import RECEIPT_BYTES, Receipt
from .demo_client import PIECE_BYTES, TIMEOUT_S

_MAX_HELLO_BYTES = 4096


@dataclass(frozen=True)
class Served:
    """What the node has after a session: the note, its place in the tree, the best receipt, and what was sent."""

    note: Note
    path: MerkleProof
    receipt: Receipt
    num_bytes: int
    sha256: str
    num_receipts: int


class Node:
    """Serves clients whose note it can be sure to claim.  It follows the deposits and computes the note tree itself."""

    def __init__(self, identity: NodeIdentity, domain: Domain, epoch: int, is_spent: Callable[[int], bool]) -> None:
        self.identity = identity
        self._domain = domain
        self._epoch = epoch
        self._is_spent = is_spent
        self._tree = MerkleTree(domain.arity, domain.depth)

    def see_deposit(self, cm: int) -> None:
        """A deposit became final on the ledger."""
        self._tree.append(cm)

    def serve(self, listener: socket.socket, num_bytes: int) -> Served:
        """Accept one client, check its note, send random bytes, and collect a receipt for all of them."""
        listener.settimeout(TIMEOUT_S)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(TIMEOUT_S)
            note, path = self._admit(_read_line(connection))
            meter, receipts, digest = ReceiptMeter(note), _Receipts(connection), hashlib.sha256()
            while meter.relayed < num_bytes:
                size = min(PIECE_BYTES, num_bytes - meter.relayed)
                receipts.take_into(meter, wait=False)
                while not meter.may_forward(size):
                    receipts.take_into(meter, wait=True)
                piece = os.urandom(size)
                connection.sendall(piece)
                meter.record(size)
                digest.update(piece)
            connection.shutdown(socket.SHUT_WR)
            while meter.acknowledged < num_bytes:
                receipts.take_into(meter, wait=True)
        assert meter.best is not None
        return Served(note, path, meter.best, meter.relayed, digest.hexdigest(), receipts.count)

    def _admit(self, hello: bytes) -> tuple[Note, MerkleProof]:
        try:
            message = json.loads(hello)
            note, position = Note.from_dict(message["note"]), int(message["position"])
        except (ValueError, KeyError, TypeError) as error:
            raise NoteRefused("the client's first line shows no note") from error
        spent, now = self._is_spent, self._epoch
        path = admit_note(note, self.identity, self._domain, self._tree, position, now=now, is_spent=spent)
        return note, path


class _Receipts:
    """Cuts the stream that comes back into receipts of 105 bytes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._pending = b""
        self.count = 0

    def take_into(self, meter: ReceiptMeter, *, wait: bool) -> None:
        """Give the meter every whole receipt that has arrived; with ``wait``, at least one."""
        while wait or select.select([self._connection], [], [], 0)[0]:
            data = self._connection.recv(PIECE_BYTES)
            if not data and wait:
                raise InvalidReceipt("the client left without signing for everything it got")
            if not data:
                return
            self._pending += data
            while len(self._pending) >= RECEIPT_BYTES:
                meter.accept(self._pending[:RECEIPT_BYTES])
                self._pending = self._pending[RECEIPT_BYTES:]
                self.count += 1
                wait = False


def _read_line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        more = connection.recv(_MAX_HELLO_BYTES - len(line))
        if not more:
            raise NoteRefused("the client did not show a note")
        line += more
    return line
