"""The client itself: words, reverts, and nodes that answer something else."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from chain_world import RULES, ChainWorld, R, code, keys, outcome
from settlement.chain import ChainError, Escrow, NodeStakes, RevertedWithoutReason, Rpc, deploy_escrow, deploy_stakes
from settlement.chain.abi import call, encode, words
from settlement.chain.contracts import FOLDER
from settlement.chain.refusals import refusal

from zkrelay import errors
from zkrelay.errors import MalformedInput, ZkrelayError
from zkrelay.evm.keccak import selector
from zkrelay.relay.settlement import StakeRules

LARGEST_CODE_BYTES = 24_576


def test_words() -> None:
    """A list stands behind the words of fixed length; its place counts from the first of them."""
    got = words(encode([1, (2, 3), [4, 5], 6, []]))
    assert got == [1, 2, 3, 6 * 32, 6, 9 * 32, 2, 4, 5, 0]
    assert call("withdraw(address)", 7) == bytes.fromhex("51cff8d9") + (7).to_bytes(32, "big")
    for wrong in (-1, 1 << 256):
        with pytest.raises(MalformedInput):
            encode([wrong])
    with pytest.raises(MalformedInput):
        words(bytes(33))


def test_every_error_of_the_contracts_is_known() -> None:
    """By the name of our own error, where there is one."""
    for path in FOLDER.glob("*.sol"):
        for name, arguments in re.findall(r"^    error (\w+)\((.*)\);", path.read_text(), re.MULTILINE):
            signature = f"{name}({' '.join(arguments.split()[:1])})"
            found = refusal(selector(signature).to_bytes(4, "big") + bytes(32 if arguments else 0))
            assert not isinstance(found, ChainError), signature
            assert isinstance(found, getattr(errors, name, ZkrelayError))
    assert type(refusal(b"")) is RevertedWithoutReason
    assert type(refusal(b"\x01\x02\x03\x04")) is ChainError


def test_the_contracts_fit_a_chain() -> None:
    assert {name: len(each) for name, each in code().items() if len(each) > LARGEST_CODE_BYTES} == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": 0},
        {"price_per_unit": 0},
        {"epoch_seconds": 0},
        {"window": 0},
        {"depth": 0},
        {"depth": 16},
        {"unit": 1 << 32},
    ],
)
def test_rules_that_no_escrow_takes(world: ChainWorld, changes: dict[str, int]) -> None:
    key = keys()["claim"].vk
    error = outcome(lambda: deploy_escrow(world.rpc, code(), replace(RULES, **changes), key, allow_development=True))
    assert isinstance(error, (MalformedInput, RevertedWithoutReason))


@pytest.mark.parametrize("rules", [{"minimum": 1 << 191, "lock": 2}, {"burn_percent": 100}])
def test_rules_of_stakes(world: ChainWorld, rules: dict[str, int]) -> None:
    """The contract takes what ``StakeRules`` takes, and no domain that is not an element."""
    key, taken = keys()["registration"].vk, StakeRules(**rules)
    deploy_stakes(world.rpc, code(), 5, key, taken, allow_development=True)
    error = outcome(lambda: deploy_stakes(world.rpc, code(), R, key, taken, allow_development=True))
    assert type(error) is MalformedInput


def test_a_contract_that_was_not_compiled(world: ChainWorld) -> None:
    error = outcome(lambda: deploy_escrow(world.rpc, {}, RULES, keys()["claim"].vk, allow_development=True))
    assert type(error) is MalformedInput


class Node(BaseHTTPRequestHandler):
    """Answers with what a test has put here."""

    answer: ClassVar[bytes] = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: Any) -> None:
        """Nothing on the tests' output."""


@pytest.fixture
def node() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Node)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", ChainError),
        (b"<html>", ChainError),
        (b"[]", ChainError),
        (b"{}", ChainError),
        (b'{"error": 5}', ChainError),
        (b'{"error": {"code": -32601, "message": "no such method"}}', ChainError),
        (b'{"result": "zz"}', ChainError),
        (b'{"result": "0xzz"}', ChainError),
        (b'{"result": 5}', ChainError),
        (b'{"error": {"code": 3, "message": "execution reverted", "data": "0x"}}', RevertedWithoutReason),
        (b'{"error": {"code": -32000, "message": "execution reverted"}}', RevertedWithoutReason),
        (b'{"error": {"code": -32000, "message": "VM: revert", "data": {"data": "0x"}}}', RevertedWithoutReason),
        (b'{"error": {"code": 3, "message": "reverted", "data": "0xzz"}}', ChainError),
    ],
)
def test_what_a_node_may_answer(node: str, answer: bytes, kind: type[ZkrelayError]) -> None:
    Node.answer = answer
    rpc = Rpc(node, "0x" + "11" * 20)
    assert type(outcome(lambda: rpc.call("0x" + "22" * 20, b""))) is kind


@pytest.mark.parametrize("result", ["0x", 5, [], {}, "0xzz", [{}], {"status": "0x1"}, None])
def test_results_of_another_form(node: str, result: object) -> None:
    """Of a node that answers every method with the same."""
    Node.answer = json.dumps({"result": result}).encode()
    rpc = Rpc(node, "0x" + "11" * 20, timeout_s=0.1)
    for ask in (
        lambda: rpc.send("0x" + "22" * 20, b"", gas=1),
        lambda: rpc.number("eth_chainId"),
        lambda: Escrow(rpc, "0x" + "22" * 20),
        lambda: NodeStakes(rpc, "0x" + "22" * 20).stake(1),
    ):
        assert type(outcome(ask)) is ChainError
    if result != []:
        assert type(outcome(lambda: rpc.events("0x" + "22" * 20, [], 0))) is ChainError


def test_a_revert_is_found_wherever_the_node_puts_it(node: str) -> None:
    data = f"0x{selector('NullifierSpent()'):08x}"
    rpc = Rpc(node, "0x" + "11" * 20)
    for place in (data, {"data": data}, {"result": data}):
        Node.answer = json.dumps({"error": {"code": -32000, "message": "revert", "data": place}}).encode()
        assert type(outcome(lambda: rpc.call("0x" + "22" * 20, b""))) is errors.NullifierSpent


def test_a_node_that_is_not_there(node: str) -> None:
    for url in ("file:///etc/passwd", "ftp://127.0.0.1", "127.0.0.1:8545"):
        assert type(outcome(lambda url=url: Rpc(url))) is ChainError
    Node.answer = b'{"result": []}'
    assert type(outcome(lambda: Rpc(node))) is ChainError
    assert type(outcome(lambda: Rpc("http://127.0.0.1:1", timeout_s=1))) is ChainError


def test_a_transaction_that_fails_when_mined(world: ChainWorld) -> None:
    """With the gas given there is no estimate: the reason is asked for afterwards."""
    error = outcome(lambda: world.send(call("insert(uint256[])", [1]), gas=100_000))
    assert type(error) is MalformedInput
