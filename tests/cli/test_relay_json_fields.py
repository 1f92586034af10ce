"""The fields of --json that docs/cli.md lists for the relay's commands are those that they print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import must
from relay_files import AT, EXPIRY

from zkrelay.kernel import current

pytestmark = pytest.mark.skipif(current().name == "reference", reason="the reference kernel takes minutes")

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
LATE = ("--epoch", str(EXPIRY + 3))
INIT = ("--domain", "domain.json", "--claim-key", "claim.vk.json", "--allow-development")
COMMANDS = {
    "key new": ("key", "new", "new.key", "--kind", "funding"),
    "key show": ("key", "show", "node.key"),
    "note show": ("note", "show", "notes.jsonl"),
    "note deposit": ("note", "deposit", "new.json", "note0.json", *AT),
    "note check": ("note", "check", "ledger.json", "note0.json", "--node", "client-node.key", *AT),
    "receipt verify": ("receipt", "verify", "note1.json", "receipt0.txt"),
    "receipt inspect": ("receipt", "inspect", "receipts.txt"),
    "claim commit": ("claim", "commit", "ledger.json", "claim.json", *AT),
    "claim prove": ("claim", "prove", "claim.zkey", "claim.json", "-o", "new.json", "--force"),
    "claim verify": ("claim", "verify", "two.vk.json", "claim-proof.json"),
    "claim redeem": ("claim", "redeem", "ledger.json", "claim-proof.json", *LATE),
    "batch redeem": ("batch", "redeem", "ledger.json", "batch-proof.json", *LATE),
    "ledger info": ("ledger", "info", "ledger.json"),
    "ledger init": ("ledger", "init", "other.json", *INIT),
    "nullifier check": ("nullifier", "check", "ledger.json", "5"),
}
LISTS = {"index", "error", "message"}


def documented(command: str) -> set[str]:
    """The names in the row whose first cell has ``command``; what stands in brackets is an entry of a list."""
    rows = re.findall(r"^\| (`[^|]*`) \| (.*) \|$", PAGE.read_text().split("## Fields of --json")[1], re.MULTILINE)
    (fields,) = (fields for names, fields in rows if f"`{command}`" in names)
    return set(re.findall(r"`(\w+)`", fields))


def names(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(names, value))
    return set(value).union(*map(names, value.values())) if isinstance(value, dict) else set()


@pytest.mark.parametrize("command", COMMANDS)
def test_fields(cli, relay, command):
    must("key", "new", "client-node.key", "--kind", "node")
    must("ledger", "init", "new.json", *INIT)
    printed = names(cli(*COMMANDS[command], "--json").json()) - {"version"}
    expected = documented(command)
    assert printed <= expected | LISTS
    assert expected - printed <= LISTS, "only what no refusal filled may be missing"
