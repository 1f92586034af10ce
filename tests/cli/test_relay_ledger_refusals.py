"""What the commands about ledgers, domains, nullifiers, evidence and refunds refuse, with exit code and reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import must, refused
from relay_files import AT, CAP, EXPIRY, edit, make_domain

from zkrelay.kernel import current

pytestmark = pytest.mark.skipif(current().name == "reference", reason="the reference kernel takes minutes")


# the ledger itself


def init(*options: str, key: str = "claim.vk.json") -> tuple[str, ...]:
    return ("ledger", "init", "new.json", "--domain", "domain.json", "--claim-key", key, *options)


def test_development_keys_are_refused_unless_allowed(cli, relay):
    refused(cli(*init()), 1, "no ceremony")
    assert not (relay / "new.json").exists()
    edit(relay / "ledger.json", allow_development=False)
    refused(cli("claim", "redeem", "ledger.json", "claim-proof.json"), 1, "no ceremony")
    refused(cli("claim", "redeem", "ledger.json", "claim-proof.json", *AT), 1, "allows development keys")


def test_ledgers_that_cannot_be_made(cli, relay):
    allow = "--allow-development"
    refused(cli(*init(allow, key="two.vk.json")), 3, "7 public inputs")
    refused(cli(*init(allow, "--batch-key", "2=claim.vk.json")), 3, "3 public inputs")
    refused(cli(*init(allow, "--batch-key", "two.vk.json")), 2, "SLOTS=FILE")
    refused(cli(*init(allow, "--schema", "tree_1")), 3, "PostgreSQL")
    refused(cli(*init(allow, "--store", "ledger.sqlite", "--window", "3")), 4, "window")
    refused(
        cli("ledger", "init", "ledger.json", "--domain", "domain.json", "--claim-key", "claim.vk.json"), 2, "--force"
    )
    make_domain(relay, "venues.json", "--several-venues")
    venues = ("ledger", "init", "new.json", "--domain", "venues.json", "--claim-key", "claim.vk.json", allow)
    refused(cli(*venues), 3, "9 public inputs")
    refused(cli(*venues, "--batch-key", "2=two.vk.json"), 3, "a batch shows no share")
    refused(cli(*init(allow, "--venue", "1")), 3, "only venue is 0")
    assert not (relay / "new.json").exists()


def test_a_ledger_pins_its_keys_and_its_store(cli, relay):
    must("setup", "claim.r1cs", "-o", "other.zkey", "--vk", "other.vk.json")
    edit(relay / "ledger.json", claim_key="other.vk.json")
    refused(cli("ledger", "info", "ledger.json"), 3, "another verifying key")
    edit(relay / "ledger.json", claim_key="claim.vk.json", store="elsewhere.sqlite")
    refused(cli("ledger", "info", "ledger.json"), 3, "no store")
    assert not (relay / "elsewhere.sqlite").exists()
    edit(relay / "ledger.json", store="note0.json")
    refused(cli("ledger", "info", "ledger.json"), 4, "note0.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"window": 2},
        {"window": "0"},
        {"venue": "1"},
        {"epoch_seconds": "0"},
        {"store": ""},
        {"store": None},
        {"store": "postgresql://nowhere"},
        {"schema": "x"},
        {"claim_key": None},
        {"batch_keys": []},
        {"batch_keys": {"x": "two.vk.json"}},
        {"batch_keys": {"2": 2}},
        {"allow_development": "true"},
        {"domain": {}},
        {"more": "1"},
    ],
)
def test_ledger_files_that_were_tampered_with(cli, relay, changes):
    edit(relay / "ledger.json", **changes)
    assert cli("ledger", "info", "ledger.json").exit_code == 3


def test_a_password_is_never_quoted(cli, relay):
    pytest.importorskip("psycopg")
    url = "postgresql://relay:hunter2@127.0.0.1:1/relay?connect_timeout=1"
    outcome = cli(*init("--allow-development", "--store", url))
    assert outcome.exit_code == 4 and "hunter2" not in outcome.text
    assert not (relay / "new.json").exists()


# domains, nullifiers, evidence


def test_domains(cli, relay):
    refused(cli("ledger", "domain", "-o", "new.json"), 2, "--contract or --service-key")
    refused(
        cli("ledger", "domain", "--contract", "0x1", "--service-key", "service.pub", "-o", "new.json"), 2, "not both"
    )
    refused(cli("ledger", "domain", "--contract", hex(1 << 160), "-o", "new.json"), 3, "contract")
    refused(cli("ledger", "domain", "--contract", "0x1", "--arity", "9", "-o", "new.json"), 3, "arity")
    assert not (relay / "new.json").exists()


def test_nullifier_files(cli, relay):
    must("claim", "redeem", "ledger.json", "claim-proof.json", *AT)
    must("nullifier", "export", "ledger.json", "nf.bin")
    refused(cli("nullifier", "export", "ledger.json", "nf.bin"), 2, "--force")
    data = (relay / "nf.bin").read_bytes()
    for damaged in (b"", data[:-1], data + b"\0", data[:60] + bytes([data[60] ^ 1]) + data[61:], b"x" + data[1:]):
        (relay / "damaged.bin").write_bytes(damaged)
        refused(cli("nullifier", "import", "ledger.json", "damaged.bin"), 3, "")
    make_domain(relay, "other.json", "--tree", "1")
    keys = ("--claim-key", "claim.vk.json", "--allow-development")
    must("ledger", "init", "other-ledger.json", "--domain", "other.json", *keys)
    refused(cli("nullifier", "import", "other-ledger.json", "nf.bin"), 1, "another domain")
    refused(cli("nullifier", "prune", "ledger.json", "--domain", "5"), 1, "another domain")
    refused(cli("nullifier", "check", "ledger.json", "x"), 2, "x")
    refused(cli("nullifier", "check", "ledger.json", str((1 << 256) - 1)), 3, "canonical")
    refused(cli("nullifier", "check", "ledger.json"), 2, "--notes")


def test_evidence_that_convicts_nobody(cli, relay):
    recover = ("slash", "recover", "-o", "caught.key")
    refused(cli(*recover, "claim-proof.json", "claim-proof.json"), 3, "without a share")
    (relay / "a.json").write_text(json.dumps([str(value) for value in (1, 2, 3, 1, 5, 6, 7, 8, 9)]))
    (relay / "b.json").write_text(json.dumps([str(value) for value in (1, 2, 3, 2, 5, 6, 7, 9, 9)]))
    (relay / "c.json").write_text(json.dumps([str(value) for value in (1, 2, 4, 2, 5, 6, 7, 9, 9)]))
    (relay / "d.json").write_text(json.dumps(["1"] * 7))
    refused(cli(*recover, "a.json", "b.json"), 3, "do not give the payee's secret")
    refused(cli(*recover, "a.json", "c.json"), 3, "two payees")
    refused(cli(*recover, "a.json", "d.json"), 3, "9 public inputs")
    refused(cli(*recover, "a.json", "note0.json"), 3, "zkrelay-claim-proof")
    refused(cli(*recover, "-", "-"), 2, "once only")
    assert not Path("caught.key").exists()


def test_refund_requests(cli, relay):
    ask = ("note", "refund", "note3.json", "--recipient", "5", "--key")
    refused(cli(*ask, "client0.key"), 3, "another session key")
    must(*ask, "client3.key")
    late = ("--epoch", str(EXPIRY + 3))
    for changes, code in (
        ({"recipient": "6"}, 1),
        ({"cap": str(CAP + 1)}, 1),
        ({"rho": "5"}, 1),
        ({"signature": "00"}, 3),
        ({"public_key": 5}, 3),
        ({"more": "5"}, 3),
    ):
        before = (relay / "refund.json").read_text()
        edit(relay / "refund.json", **changes)
        assert cli("ledger", "refund", "ledger.json", "refund.json", *late).exit_code == code, changes
        (relay / "refund.json").write_text(before)
    assert cli("ledger", "refund", "ledger.json", "refund.json", *late).exit_code == 0
