"""The demo's client: funds a note, receives bytes, and signs for what it got, never for more."""

from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import dataclass

from ..relay.domain import Domain
from ..relay.identity import SessionKey
from ..relay.note import Note, random_rho
from ..relay.receipt import Receipt
from .output import Progress

RECEIPT_EVERY_BYTES = 1 << 20
PIECE_BYTES = 1 << 16
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Received:
    """What the client's end of the tunnel saw."""

    num_bytes: int
    sha256: str
    num_receipts: int


class Client:
    """One session's client: a fresh key and a fresh note secret."""

    def __init__(self, domain: Domain, payee: int, cap: int, expiry: int) -> None:
        self._key = SessionKey.generate()
        self.note = Note(domain.value, payee, self._key.public, random_rho(), cap, expiry)

    def receive(
        self, address: tuple[str, int], position: int, total: int, progress: Progress | None = None
    ) -> Received:
        """Show the note and its position in the tree, then read until the node closes, signing for every MiB.

        In a real tunnel the note travels inside the encrypted channel; here both ends are this machine.
        """
        digest, num_bytes, num_receipts = hashlib.sha256(), 0, 0
        with socket.create_connection(address, timeout=TIMEOUT_S) as connection:
            hello = {"note": self.note.to_dict(), "position": position}
            connection.sendall(json.dumps(hello).encode() + b"\n")
            mark = RECEIPT_EVERY_BYTES
            while piece := connection.recv(min(PIECE_BYTES, mark - num_bytes)):
                digest.update(piece)
                num_bytes += len(piece)
                if num_bytes == mark:
                    connection.sendall(Receipt.sign(self._key, self.note.cm, num_bytes).pack())
                    num_receipts += 1
                    mark += RECEIPT_EVERY_BYTES
                    if progress is not None:
                        progress(f"{num_receipts} receipts", num_bytes, total)
        return Received(num_bytes, digest.hexdigest(), num_receipts)
