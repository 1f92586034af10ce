"""JSON-RPC over HTTP, with the standard library: calls, and transactions that the node or a signer behind it signs.

No key is here.  ``eth_sendTransaction`` is for a node of one's own, or a signer such as Clef that answers it.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .refusals import ChainError, refusal

TIMEOUT_S = 60
POLL_S = 0.02
MAX_ANSWER_BYTES = 64 << 20
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
Event = tuple[tuple[str, ...], bytes]
"""Its topics, in hexadecimal, and its data."""


@dataclass(frozen=True)
class TransactionReceipt:
    """``data`` is what was sent; ``logs`` hold the topics and the data of each event, in their order."""

    data: bytes
    gas_used: int
    block: int
    contract: str | None
    logs: tuple[Event, ...]


class Rpc:
    """One node, and the account that transactions come from."""

    def __init__(self, url: str, account: str | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        """``account`` is the node's first when not given.

        Raises:
            ChainError: the URL is not one of HTTP, or the node has no account.
        """
        if not url.startswith(("http://", "https://")):
            raise ChainError(f"the URL of a node begins with http:// or https://, not {url[:16]!r}")
        self._url = url
        self._timeout_s = timeout_s
        accounts = [account] if account is not None else self.request("eth_accounts")
        if not isinstance(accounts, list) or not accounts:
            raise ChainError("the node has no account to send transactions from")
        self.account: str = accounts[0]

    def request(self, method: str, *params: Any) -> Any:
        """The result; raises the refusal of a revert, ``ChainError`` for every other failure."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with _OPENER.open(request, timeout=self._timeout_s) as answer:
                found = json.loads(answer.read(MAX_ANSWER_BYTES))
        except (OSError, ValueError) as error:
            raise ChainError(f"{method}: no answer of JSON-RPC from the node") from error
        if not isinstance(found, dict) or ("result" not in found and not isinstance(found.get("error"), dict)):
            raise ChainError(f"{method}: the answer is not one of JSON-RPC")
        if "error" not in found:
            return found["result"]
        data = _revert_data(found["error"])
        if data is not None:
            raise refusal(data)
        raise ChainError(f"{method}: {found['error'].get('message', 'no message')}")

    def call(self, to: str, data: bytes, gas: int | None = None) -> bytes:
        """What the contract returns, without a transaction; raises as ``request``."""
        result = self.request("eth_call", self._transaction(to, data, 0, gas), "latest")
        return _data(result)

    def send(self, to: str | None, data: bytes, *, value: int = 0, gas: int | None = None) -> TransactionReceipt:
        """Wait for a transaction to be mined; ``to`` is None for a contract's creation.

        Without ``gas`` it is estimated, and what would revert is refused before it is sent.

        Raises as ``request``; a transaction that was mined and failed raises what a call says now.
        """
        transaction = self._transaction(to, data, value, gas)
        if gas is None:
            transaction["gas"] = self.request("eth_estimateGas", transaction)
        handle = self.request("eth_sendTransaction", transaction)
        deadline = time.monotonic() + self._timeout_s
        while (found := self.request("eth_getTransactionReceipt", handle)) is None:
            if time.monotonic() > deadline:
                raise ChainError("the transaction was not mined in time; it may still be")
            time.sleep(POLL_S)
        try:
            succeeded, gas_used, block = (int(found[name], 16) for name in ("status", "gasUsed", "blockNumber"))
            receipt = TransactionReceipt(data, gas_used, block, found.get("contractAddress"), _logs(found["logs"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ChainError("the node's receipt is not one") from error
        if not succeeded:
            self.request("eth_call", transaction, "latest")
            raise ChainError("the transaction failed, and the same call would succeed now")
        return receipt

    def number(self, method: str) -> int:
        """The result of a method that returns a number; raises as ``request``."""
        result = self.request(method)
        try:
            return int(result, 16)
        except (TypeError, ValueError) as error:
            raise ChainError(f"{method}: the answer is no number") from error

    def create(self, code: bytes) -> tuple[str, TransactionReceipt]:
        """The address of a new contract; raises as ``send``."""
        receipt = self.send(None, code)
        if receipt.contract is None:
            raise ChainError("the node names no address for the new contract")
        return receipt.contract, receipt

    def events(self, address: str, topics: Sequence[str], first_block: int) -> list[Event]:
        """Topics and data of a contract's events from a block on, oldest first."""
        wanted = {"address": address, "topics": list(topics), "fromBlock": hex(first_block), "toBlock": "latest"}
        try:
            return list(_logs(self.request("eth_getLogs", wanted)))
        except (KeyError, TypeError) as error:
            raise ChainError("the node's events are not any") from error

    def _transaction(self, to: str | None, data: bytes, value: int, gas: int | None) -> dict[str, str]:
        fields = {"from": self.account, "to": to, "data": f"0x{data.hex()}", "value": hex(value)}
        if gas is not None:
            fields["gas"] = hex(gas)
        return {name: field for name, field in fields.items() if field is not None}


def _revert_data(error: dict[str, Any]) -> bytes | None:
    """What a contract reverted with; None for an error of another kind.  Nodes put it in different places."""
    message, data = str(error.get("message", "")).lower(), error.get("data")
    if isinstance(data, dict):
        data = data.get("data", data.get("result"))
    if error.get("code") == 3 or "revert" in message or "out of gas" in message or "outofgas" in message:
        return _data(data if isinstance(data, str) else "0x")
    return None


def _logs(logs: object) -> tuple[Event, ...]:
    if not isinstance(logs, list):
        raise TypeError("events come as a list")
    return tuple((tuple(log["topics"]), _data(log["data"])) for log in logs)


def _data(text: object) -> bytes:
    if not isinstance(text, str) or not text.startswith("0x"):
        raise ChainError("the node's answer is not hexadecimal")
    try:
        return bytes.fromhex(text[2:])
    except ValueError as error:
        raise ChainError("the node's answer is not hexadecimal") from error
