"""A session's life through the commands: funded, relayed, claimed, paid once, refunded; alone and in batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import must
from postgres_server import DATABASE, ROLE, PostgresServer
from relay_files import AT, EPOCH, EXPIRY, PRICE, SIGNED, UNIT, build, make_domain, make_note, sign

from zkrelay.kernel import current

pytestmark = pytest.mark.skipif(current().name == "reference", reason="the reference kernel takes minutes")

PUBLIC = ("domain", "root", "payee", "meta", "nf", "cc", "aux", "x", "y")
UNITS = [signed // UNIT for signed in SIGNED]


def test_a_claim_is_paid_once(cli, relay):
    assert cli("claim", "verify", "claim.vk.json", "claim-proof.json").stdout == "OK\n"
    paid = cli("claim", "redeem", "ledger.json", "claim-proof.json", *AT)
    assert (paid.exit_code, paid.stdout) == (0, f"PAID 0: {UNITS[0] * PRICE - 2} to 0xbeef, 2 to 0xcafe\n")
    again = cli("claim", "redeem", "ledger.json", "claim-proof.json", *AT)
    assert again.exit_code == 1 and again.stdout.startswith("REFUSED 0: NullifierSpent: ")
    info = cli("ledger", "info", "ledger.json", "--json").json()
    assert (info["num_final_notes"], info["num_payments"], info["paid"]) == (4, 1, str(UNITS[0] * PRICE))


def test_a_batch_is_paid_once(cli, relay):
    assert cli("batch", "verify", "two.vk.json", "batch-proof.json").stdout == "OK\n"
    paid = cli("batch", "redeem", "ledger.json", "batch-proof.json", *AT, "--json").json()
    assert (paid["num_paid"], paid["money"], paid["fees"]) == (1, str(sum(UNITS[1:]) * PRICE - 2), "2")
    again = cli("batch", "redeem", "ledger.json", "batch-proof.json", *AT, "--json")
    assert again.exit_code == 1
    assert [refusal["error"] for refusal in again.json()["refused"]] == ["NullifierSpent"]


def test_a_note_of_a_batch_was_claimed_before(cli, relay):
    (relay / "one.txt").write_text((relay / "receipts.txt").read_text().splitlines()[0])
    build(relay, "note1.json", "one.txt", "one.json")
    assert cli("claim", "prove", "claim.zkey", "one.json", "-o", "one-proof.json").exit_code == 0
    assert cli("claim", "redeem", "ledger.json", "one-proof.json", *AT).exit_code == 0
    refused = cli("batch", "redeem", "ledger.json", "batch-proof.json", *AT)
    assert refused.exit_code == 1 and "NullifierSpent: 1 notes" in refused.stdout
    assert cli("nullifier", "check", "ledger.json", "--notes", "note2.json").stdout == "UNSPENT 0\n"


def test_of_many_claims_a_bad_one_spoils_no_other(cli, relay):
    good = (relay / "claim-proof.json").read_text()
    bad = json.loads(good)
    bad["context"]["payout_address"] = "7"
    both = f"{json.dumps(bad)}\n{good}{good}".encode()
    verified = cli("claim", "verify", "claim.vk.json", "-", stdin=both)
    assert verified.exit_code == 1 and verified.stdout.startswith("INVALID 0: ")
    outcome = cli("claim", "redeem", "ledger.json", "-", *AT, stdin=both)
    assert outcome.exit_code == 1
    assert [line.split(":")[0] for line in outcome.stdout.splitlines()] == ["REFUSED 0", "PAID 1", "REFUSED 2"]


def test_commit_now_prove_later(cli, relay):
    late = ("--epoch", str(EPOCH + 2))
    assert cli("claim", "redeem", "ledger.json", "claim-proof.json", *late).exit_code == 1
    committed = cli("claim", "commit", "ledger.json", "claim.json", *AT)
    assert committed.exit_code == 0 and committed.stdout.endswith(f"in epoch {EPOCH}\n")
    assert cli("claim", "commit", "ledger.json", "claim.json", *late).stdout == committed.stdout
    assert cli("batch", "build", "claims.jsonl", "--slots", "2").exit_code == 0
    assert cli("batch", "commit", "ledger.json", "batch.json", *AT).exit_code == 0
    assert cli("claim", "redeem", "ledger.json", "claim-proof.json", *late).exit_code == 0
    assert cli("batch", "redeem", "ledger.json", "batch-proof.json", *late).exit_code == 0


def test_batches_that_were_built_are_proved_as_they_are(cli, relay):
    assert cli("batch", "build", "claims.jsonl", "--slots", "2").exit_code == 0
    handle = json.loads((relay / "batch-proof.json").read_text())["statement"]["h"]
    assert cli("batch", "commit", "ledger.json", "batch.json", *AT, "--json").json()["commitments"] == [
        {"handle": handle, "epoch": EPOCH}
    ]
    made = cli("batch", "prove", "two.zkey", "batch.json", "--workers", "2", "-o", "again.json", "--json").json()
    assert (made["num_proofs"], made["num_sessions"], made["num_slots"], made["workers"]) == (1, 2, 2, 2)
    assert made["worker_peak_bytes"] > 1 << 20
    assert cli("batch", "redeem", "ledger.json", "again.json", *AT).exit_code == 0


def test_what_nobody_claimed_is_refunded_once(cli, relay):
    asked = cli("note", "refund", "note3.json", "--key", "client3.key", "--recipient", "0xC11E47")
    assert asked.exit_code == 0 and (relay / "refund.json").stat().st_mode & 0o777 == 0o600
    assert cli("ledger", "refund", "ledger.json", "refund.json", "--epoch", str(EXPIRY + 2)).exit_code == 1
    paid = cli("ledger", "refund", "ledger.json", "refund.json", "--epoch", str(EXPIRY + 3))
    assert (paid.exit_code, paid.stdout) == (0, f"PAID 0: {50 * PRICE} to 0xc11e47\n")
    assert cli("ledger", "refund", "ledger.json", "refund.json", "--epoch", str(EXPIRY + 3)).exit_code == 1


def test_the_nullifiers_in_a_file(cli, relay):
    assert cli("nullifier", "check", "ledger.json", "--notes", "note0.json").stdout == "UNSPENT 0\n"
    cli("claim", "redeem", "ledger.json", "claim-proof.json", *AT)
    spent = cli("nullifier", "check", "ledger.json", "--notes", "note0.json")
    assert (spent.exit_code, spent.stdout) == (1, "SPENT 0\n")
    assert cli("nullifier", "export", "ledger.json", "nf.bin", "--json").json()["num_exported"] == 1
    assert cli("nullifier", "import", "ledger.json", "nf.bin").stdout == "new 0\n"
    domain = cli("ledger", "info", "ledger.json", "--json").json()["domain"]
    prune = ("nullifier", "prune", "ledger.json", "--domain", domain, "--epoch")
    assert cli(*prune, str(EXPIRY + 2)).exit_code == 1
    assert cli(*prune, str(EXPIRY + 2 + (1 << 16) + 1)).stdout == "forgotten 1\n"


def test_a_node_without_the_ledger(cli, relay):
    """Domain and leaves are enough to build the claim that the ledger would have."""
    assert cli("ledger", "leaves", "ledger.json", "-o", "leaves.txt").exit_code == 0
    pay = ("--node", "node.key", "--payout", "0xBEEF", "--relayer", "0xCAFE", "--fee", "2", *AT)
    offline = cli(
        "claim", "build", "domain.json", "note0.json", "receipt0.txt", *pay, "--leaves", "leaves.txt", "-o", "-"
    )
    assert json.loads(offline.stdout) == json.loads((relay / "claim.json").read_text())


def test_a_node_that_claims_at_two_venues_is_paid_twice_and_convicted(cli, relay):
    """Its own journal would have kept it from that: it forgot to use it."""
    must("compile", "claim_x1", "--arity", "2", "--depth", "3")
    must("setup", "claim_x1.r1cs", "--vk", "x1.vk.json")
    make_domain(relay, "venues.json", "--several-venues")
    make_note(relay, 9, "venues.json")
    (relay / "receipt9.txt").write_text(sign(relay, 9, 7 * UNIT))
    for venue in ("0", "1"):
        ledger, where = f"venue{venue}.json", ("--venue", venue)
        keys = ("--domain", "venues.json", "--claim-key", "x1.vk.json", "--allow-development")
        must("ledger", "init", ledger, *keys, *where)
        must("note", "deposit", ledger, "note9.json", *AT)
        pay = ("--node", "node.key", "--payout", "5", *where, *AT)
        must("claim", "build", ledger, "note9.json", "receipt9.txt", *pay, "-o", f"claim{venue}.json")
    bare = cli("claim", "prove", "claim_x1.zkey", "claim0.json", "-o", "no.json")
    assert bare.exit_code == 1 and "journal" in bare.stderr
    prove = ("claim", "prove", "claim_x1.zkey", "--journal")
    must(*prove, "journal.sqlite", "claim0.json", "-o", "proof0.json")
    honest = cli(*prove, "journal.sqlite", "claim1.json", "-o", "no.json")
    assert honest.exit_code == 1 and "give the node's secret away" in honest.stderr
    assert not (relay / "no.json").exists()

    must(*prove, "forgetful.sqlite", "claim1.json", "-o", "proof1.json")
    assert cli("claim", "verify", "x1.vk.json", "proof0.json", "proof1.json").stdout == "OK\n"
    for venue in ("0", "1"):
        assert cli("claim", "redeem", f"venue{venue}.json", f"proof{venue}.json", *AT).stdout.startswith("PAID")
        assert "WrongVenue" in cli("claim", "redeem", f"venue{venue}.json", f"proof{1 - int(venue)}.json", *AT).stdout
    caught = cli("slash", "recover", "proof0.json", "proof1.json", "-o", "caught.key", "--json")
    assert caught.exit_code == 0
    assert (relay / "caught.key").read_text() == (relay / "node.key").read_text()
    assert (relay / "caught.key").stat().st_mode & 0o777 == 0o600
    assert caught.json()["payee"] == cli("key", "show", "node.key", "--bare").stdout.strip()
    values = [json.loads((relay / "claim1.json").read_text())["inputs"][name] for name in PUBLIC]
    (relay / "public.json").write_text(json.dumps(values))
    assert cli("slash", "recover", "proof0.json", "public.json", "-o", "again.key").exit_code == 0
    retried = cli("slash", "recover", "proof0.json", "proof0.json", "-o", "no.key")
    assert retried.exit_code == 3 and "no offence" in retried.stderr and not (relay / "no.key").exists()


def test_a_ledger_on_postgresql(cli, relay):
    server = PostgresServer()
    try:
        url = f"postgresql://{ROLE}@/{DATABASE}?host={server.conninfo.split()[0].removeprefix('host=')}"
        keys = ("--claim-key", "claim.vk.json", "--allow-development", "--store", url, "--schema", server.ledger())
        must("ledger", "init", "pg.json", "--domain", "domain.json", *keys)
        for index in range(4):
            must("note", "deposit", "pg.json", f"note{index}.json", *AT)
        assert cli("claim", "redeem", "pg.json", "claim-proof.json", *AT).exit_code == 0
        assert cli("claim", "redeem", "pg.json", "claim-proof.json", *AT).exit_code == 1
    finally:
        server.close()


def test_no_command_prints_a_secret(cli, relay):
    secrets = [json.loads((relay / f"note{i}.json").read_text())["rho"] for i in range(4)]
    for name in ("node.key", "client0.key"):
        text = json.loads((relay / name).read_text())["secret"]
        secrets += [text, str(int.from_bytes(bytes.fromhex(text), "little"))]
    commands = [
        ("key", "show", "node.key"),
        ("key", "show", "client0.key"),
        ("note", "show", "note0.json"),
        ("note", "check", "ledger.json", "note0.json", "--node", "node.key", *AT),
        ("receipt", "verify", "note0.json", "receipt0.txt"),
        ("receipt", "inspect", "receipt0.txt"),
        ("claim", "commit", "ledger.json", "claim.json", *AT),
        ("claim", "redeem", "ledger.json", "claim-proof.json", *AT),
        ("batch", "redeem", "ledger.json", "batch-proof.json", *AT),
        ("ledger", "info", "ledger.json"),
    ]
    for command in commands:
        for shape in ((), ("--json",)):
            said = cli(*command, *shape).text
            assert said and not any(secret in said for secret in secrets), command
    for name in ("claim-proof.json", "batch-proof.json", "domain.json"):
        assert not any(secret in (relay / name).read_text() for secret in secrets), name


def test_what_holds_secrets_is_private(relay):
    for name in ("node.key", "client0.key", "note0.json", "claim.json", "claims.jsonl", "ledger.json"):
        assert (relay / name).stat().st_mode & 0o777 == 0o600, name


@pytest.mark.long
def test_a_life_through_the_example(tmp_path: Path, capfd):
    """The example's own checks: all proved, verified at once, paid, and refused the second time."""
    import runpy

    path = Path(__file__).parents[2] / "examples" / "thousand_sessions.py"
    facts = runpy.run_path(str(path))["play"](tmp_path, 20, "batch8", 2)
    assert (facts["num_sessions"], facts["num_proofs"]) == (20, 3)
