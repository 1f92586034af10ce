"""A chain for tests: anvil on a loopback port, spoken to in JSON-RPC, and the Solidity compiler."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import tool_missing

from zkrelay.evm.keccak import selector

MODULES = Path(__file__).resolve().parent.parent / "node_modules"
START_TIMEOUT_S = 60
RPC_TIMEOUT_S = 120
COMPILE_TIMEOUT_S = 120
QUICK_START = "--liftoff-only"  # of node, for solc.js: to optimise its code takes longer than our contracts do
BATCH = 500
"""Calls in one request."""
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PLATFORMS = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class Reverted(Exception):
    """A call that reverted; ``data`` is what it returned, empty when the gas had run out."""

    def __init__(self, data: bytes, message: str) -> None:
        self.data = data
        super().__init__(message)


@dataclass(frozen=True)
class Compiled:
    """``functions`` are selectors by signature, ``errors`` the contract's own without arguments by selector."""

    bytecode: str
    runtime_bytes: int
    functions: dict[str, bytes]
    errors: dict[bytes, str]


@dataclass(frozen=True)
class Contract:
    """What lies at an address."""

    address: str
    deploy_gas: int
    code: Compiled

    def reason(self, outcome: bytes | Reverted) -> str:
        """ "" for a call that returned, the name of the error, or "no reason" for a revert without data."""
        if not isinstance(outcome, Reverted):
            return ""
        return self.code.errors[outcome.data] if outcome.data else "no reason"


class Anvil:
    """One process; ``close`` ends it.  Raises as ``tool_missing`` when it is not installed."""

    def __init__(self, folder: Path, hardfork: str = "osaka") -> None:
        name = (
            f"anvil-{PLATFORMS.get(sys.platform, sys.platform)}-{MACHINES.get(platform.machine(), platform.machine())}"
        )
        executable = MODULES / "@foundry-rs" / name / "bin" / "anvil"
        if not executable.is_file():
            tool_missing(f"{executable.name} is not in tests/node_modules: run npm ci in tests/")
        log = folder / "anvil.log"
        with log.open("wb") as out:  # it finds a free port, and says which: no other process can come between
            self._process = subprocess.Popen(
                [executable, "--threads", "1", "--port", "0", "--hardfork", hardfork],
                cwd=folder,
                env={**os.environ, "HOME": str(folder)},  # where it leaves its states
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (listening := re.search(r"Listening on (127\.0\.0\.1:\d+)", log.read_text())):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"anvil did not start: {log.read_text()[-500:]}")
            time.sleep(0.02)
        self.url = f"http://{listening[1]}"
        self.account = self.rpc("eth_accounts")[0]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=START_TIMEOUT_S)

    def rpc(self, method: str, *params: Any) -> Any:
        """The result; raises ``Reverted`` for a revert, ``RuntimeError`` for any other error."""
        (answer,) = self._post([_request(0, method, params)])
        return _result(answer)

    def calls(self, contract: Contract, calldata: Sequence[bytes], gas: int | None = None) -> list[bytes | Reverted]:
        """``eth_call`` of each, many in one request; what it returned, or why it reverted."""
        outcomes: list[bytes | Reverted] = []
        for at in range(0, len(calldata), BATCH):
            part = calldata[at : at + BATCH]
            requests = [
                _request(i, "eth_call", [self._transaction(contract.address, data, gas), "latest"])
                for i, data in enumerate(part)
            ]
            answers = {answer["id"]: answer for answer in self._post(requests)}
            for i in range(len(part)):
                try:
                    outcomes.append(bytes.fromhex(_result(answers[i])[2:]))
                except Reverted as error:
                    outcomes.append(error)
        return outcomes

    def call(self, contract: Contract, calldata: bytes, gas: int | None = None) -> bytes:
        """What one call returned; raises ``Reverted``."""
        (outcome,) = self.calls(contract, [calldata], gas)
        if isinstance(outcome, Reverted):
            raise outcome
        return outcome

    def inner_calls(self, contract: Contract, calldata: bytes) -> list[tuple[int, bytes]]:
        """Address and input of each call that the contract makes, to precompiles too."""
        transaction = self._transaction(contract.address, calldata, None)
        trace = self.rpc("debug_traceCall", transaction, "latest", {"tracer": "callTracer"})
        return [(int(call["to"], 16), bytes.fromhex(call["input"][2:])) for call in trace["calls"]]

    def estimate(self, contract: Contract, calldata: bytes) -> int:
        return int(self.rpc("eth_estimateGas", self._transaction(contract.address, calldata, None)), 16)

    def send(self, contract: Contract, calldata: bytes, gas: int) -> dict[str, Any]:
        """The receipt of a transaction, whether it succeeded or not."""
        return self._receipt(self._transaction(contract.address, calldata, gas))

    def compile_and_deploy(self, source: str) -> Contract:
        return self.deploy(compile_solidity({"a": source})["a"])

    def deploy(self, compiled: Compiled, arguments: bytes = b"") -> Contract:
        """Raises ``Reverted`` when the constructor does."""
        data = f"0x{compiled.bytecode}{arguments.hex()}"
        transaction = {"from": self.account, "data": data, "gas": hex(10_000_000)}
        self.rpc("eth_call", transaction, "latest")
        receipt = self._receipt(transaction)
        assert receipt["status"] == "0x1", receipt
        return Contract(receipt["contractAddress"], int(receipt["gasUsed"], 16), compiled)

    def _receipt(self, transaction: dict[str, str]) -> dict[str, Any]:
        handle = self.rpc("eth_sendTransaction", transaction)
        deadline = time.monotonic() + RPC_TIMEOUT_S
        while (found := self.rpc("eth_getTransactionReceipt", handle)) is None:
            if time.monotonic() > deadline:
                raise RuntimeError("the transaction was not mined")
            time.sleep(0.01)
        assert isinstance(found, dict)
        return found

    def _transaction(self, to: str, data: bytes, gas: int | None) -> dict[str, str]:
        limit = {} if gas is None else {"gas": hex(gas)}
        return {"from": self.account, "to": to, "data": "0x" + data.hex(), **limit}

    def _post(self, requests: list[dict[str, Any]]) -> Any:
        request = urllib.request.Request(self.url, json.dumps(requests).encode(), {"Content-Type": "application/json"})
        with NO_PROXY.open(request, timeout=RPC_TIMEOUT_S) as answer:
            return json.load(answer)


def compile_solidity(
    sources: Mapping[str, str], *, optimize: bool = True, via_ir: bool = False, allow_warnings: bool = False
) -> dict[str, Compiled]:
    """The contract of each source, as solc makes it with 200 runs; all in one run of the compiler.

    Of a source with several contracts each is under ``file:name``.
    """
    node, solc = shutil.which("node"), MODULES / "solc" / "solc.js"
    if node is None:
        tool_missing("node is not installed")
    if not solc.is_file():
        tool_missing("solc is not in tests/node_modules: run npm ci in tests/")
    wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"]
    job = {
        "language": "Solidity",
        "sources": {file: {"content": text} for file, text in sources.items()},
        "settings": {
            "optimizer": {"enabled": optimize, "runs": 200},
            "viaIR": via_ir,
            "outputSelection": {"*": {"*": wanted}},
        },
    }
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as made:
        # files, because solc.js reads no pipe to its end, and leaves before a pipe has taken all that it writes
        json.dump(job, given)
        given.seek(0)
        command = [node, QUICK_START, str(solc), "--standard-json"]
        subprocess.run(command, stdin=given, stdout=made, cwd=MODULES, timeout=COMPILE_TIMEOUT_S, check=True)
        made.seek(0)
        printed = made.read()
    out = json.loads(printed[printed.index("{") :])
    complaints = [e for e in out.get("errors", ()) if not (allow_warnings and e["severity"] == "warning")]
    assert not complaints, "\n".join(e["formattedMessage"] for e in complaints)
    found = {}
    for file, contracts in out["contracts"].items():
        made = {name: _compiled(contract) for name, contract in contracts.items()}
        made = {name: code for name, code in made.items() if code.bytecode}  # no interfaces
        found |= {file if len(made) == 1 else f"{file}:{name}": code for name, code in made.items()}
    return found


def _compiled(contract: dict[str, Any]) -> Compiled:
    evm = contract["evm"]
    errors = [entry["name"] for entry in contract["abi"] if entry["type"] == "error" and not entry["inputs"]]
    return Compiled(
        bytecode=evm["bytecode"]["object"],
        runtime_bytes=len(evm["deployedBytecode"]["object"]) // 2,
        functions={name: bytes.fromhex(code) for name, code in evm["methodIdentifiers"].items()},
        errors={selector(f"{name}()").to_bytes(4, "big"): name for name in errors},
    )


def _request(number: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


def _result(answer: dict[str, Any]) -> Any:
    if "error" not in answer:
        return answer["result"]
    error = answer["error"]
    data = error.get("data")
    if error["code"] == 3 or "revert" in error["message"].lower() or "gas" in error["message"].lower():
        raise Reverted(bytes.fromhex((data or "0x")[2:]), error["message"])
    raise RuntimeError(f"{error}")
