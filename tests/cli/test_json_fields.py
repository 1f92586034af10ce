"""The fields that docs/cli.md lists are those that the commands print, nested ones included."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import verify_arguments

from zkrelay.kernel import requirements

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def documented(command: str) -> set[str]:
    (row,) = re.findall(rf"^\| `{command}` \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def fields(value: object) -> set[str]:
    if not isinstance(value, dict):
        return set()
    return set(value).union(*map(fields, value.values()))


CONVERSIONS = ["convert proof", "convert vk"]
BENCHES = ["bench prove", "bench witness", "bench verify", "bench msm", "bench ntt"]
EXPORTS = ["export-solidity", "export-calldata"]
COMMANDS = ["compile", "audit", "setup", "precompute", "witness", "prove", "verify", "verify-many", "info --kernel"]
COMMANDS += [*CONVERSIONS, *EXPORTS, *BENCHES]


INSIDE_LISTS = {
    "verify-many": {"proof", "error", "message"},
    "audit": {"outputs_differ", "public", "name", "wire", "code", "title", "message", "rows", "silenced"},
}


@pytest.mark.parametrize("command", COMMANDS)
def test_fields(cli, files, command):
    arguments = {
        "compile": ["compile", "usage_limit", "-o", files / "u.r1cs", "--force"],
        "audit": ["audit", files / "u.r1cs"],
        "setup": ["setup", files / "u.r1cs", "--force"],
        "precompute": ["precompute", files / "u.zkey", "--factor", "2"],
        "witness": ["witness", files / "u.zkwp", "-i", files / "input.json", "--force"],
        "prove": ["prove", files / "u.zkey", files / "u.wtns", files / "proof.json", files / "public.json"],
        "verify": verify_arguments(files),
        "verify-many": ["verify-many", files / "verification_key.json", files],
        "export-solidity": ["export-solidity", files / "verification_key.json", "-o", files / "u.sol"],
        "export-calldata": ["export-calldata", files / "public.json", files / "proof.json"],
        "info --kernel": ["info", "--kernel"],
        "convert proof": ["convert", "proof", files / "proof.json", "-o", files / "p", "--to", "gnark"],
        "convert vk": ["convert", "vk", files / "u.zkey", "-o", files / "v", "--to", "arkworks"],
        "bench prove": ["bench", "prove", files / "u.zkey", files / "u.wtns", "--runs", "1", "--threads", "1"],
        "bench witness": ["bench", "witness", files / "u.zkwp", "-i", files / "input.json", "--runs", "1"],
        "bench verify": ["bench", *verify_arguments(files), "--runs", "1"],
        "bench msm": ["bench", "msm", "--log-size", "3", "--runs", "1"],
        "bench ntt": ["bench", "ntt", "--log-size", "3", "--runs", "1"],
    }[command]
    inside_lists = INSIDE_LISTS.get(command, set())
    kernels = set(requirements())  # keys of cpu_lacks: which ones depends on the machine
    assert (fields(cli(*arguments, "--json").json()) | inside_lists) - kernels == documented(command) | {"version"}
