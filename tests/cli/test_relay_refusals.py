"""What the relay's commands refuse: each with its exit code and its reason, and nothing is changed or written."""

from __future__ import annotations

import pytest
from command_line import must, refused
from relay_files import AT, CAP, EPOCH, EXPIRY, UNIT, build, build_arguments, edit, make_domain, make_note, sign

from zkrelay.kernel import current

pytestmark = pytest.mark.skipif(current().name == "reference", reason="the reference kernel takes minutes")


def new_note(*changes: str, key: str = "client0.key", domain: str = "domain.json") -> tuple[str, ...]:
    terms = {"--payee": "5", "--cap": str(CAP), "--expiry": str(EXPIRY), "--key": key, "-o": "new.json"}
    terms |= dict(zip(changes[::2], changes[1::2], strict=True))
    return ("note", "new", domain, *(part for pair in terms.items() for part in pair))


# keys


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("node.key", ("key", "show", "node.key")),
        ("node.key", ("note", "check", "ledger.json", "note0.json", "--node", "node.key", *AT)),
        ("client0.key", ("receipt", "sign", "note0.json", "5", "--key", "client0.key")),
        ("client0.key", new_note()),
        ("client0.key", ("note", "refund", "note0.json", "--key", "client0.key", "--recipient", "1")),
    ],
)
def test_a_key_that_others_can_read(cli, relay, name, command, mode):
    (relay / name).chmod(mode)
    refused(cli(*command), 3, "chmod 600")
    assert not (relay / "new.json").exists() and not (relay / "refund.json").exists()


def test_keys_of_another_kind(cli, relay):
    refused(cli(*new_note(key="node.key")), 3, "zkrelay-session-key")
    refused(cli("receipt", "sign", "note0.json", "5", "--key", "node.key"), 3, "zkrelay-session-key")
    refused(cli("note", "check", "ledger.json", "note0.json", "--node", "client0.key", *AT), 3, "zkrelay-node-key")
    refused(cli("key", "show", "note0.json"), 3, "key file")


def test_a_key_is_not_replaced(cli, relay):
    before = (relay / "node.key").read_bytes()
    refused(cli("key", "new", "node.key", "--kind", "node"), 2, "--force")
    assert (relay / "node.key").read_bytes() == before
    assert cli("key", "new", "node.key", "--kind", "node", "--force").exit_code == 0
    assert (relay / "node.key").read_bytes() != before


def test_keys_from_a_seed(cli, relay):
    (relay / "seed").write_bytes(bytes(range(32)))
    (relay / "seed").chmod(0o600)
    first = cli("key", "new", "a.key", "--kind", "session", "--seed", "seed", "--json").json()
    assert cli("key", "new", "b.key", "--kind", "session", "--seed", "seed", "--json").json() == first
    (relay / "short").write_bytes(bytes(31))
    (relay / "short").chmod(0o600)
    refused(cli("key", "new", "c.key", "--kind", "session", "--seed", "short"), 3, "at least 32 bytes")
    refused(cli("key", "new", "c.key", "--kind", "node", "--seed", "seed"), 2, "only session keys")
    (relay / "seed").chmod(0o644)
    refused(cli("key", "new", "c.key", "--kind", "session", "--seed", "seed"), 3, "chmod 600")
    assert not (relay / "c.key").exists()


# notes and deposits


def test_a_note_needs_a_domain_and_sane_numbers(cli, relay):
    refused(cli(*new_note(domain="note0.json")), 3, "expected a record of type zkrelay-domain or zkrelay-ledger")
    refused(cli(*new_note(domain="nothing.json")), 3, "nothing.json")
    refused(cli(*new_note("--cap", str(1 << 64))), 3, "cap")
    refused(cli(*new_note("--expiry", str(1 << 32))), 2, "expiry")
    refused(cli(*new_note("--payee", "12x")), 2, "12x")
    refused(cli(*new_note("--payee", str((1 << 256) - 1))), 3, "payee must be a canonical field element")
    refused(cli(*new_note("-o", "note0.json")), 2, "--force")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rho": "007"}, "rho must be a decimal string"),
        ({"rho": 7}, "rho must be a decimal string"),
        ({"public_key": "00"}, "public_key"),
        ({"public_key": "01" + "00" * 31}, ""),  # the neutral element
        ({"more": "1"}, "exactly the fields"),
        ({"version": 2}, "not version 1"),
        ({"version": True}, "not version 1"),
        ({"type": "zkrelay-claim"}, "expected a record of type"),
        ({"cap": str(1 << 64)}, "cap"),
    ],
)
def test_notes_that_are_none(cli, relay, changes, reason):
    edit(relay / "note0.json", **changes)
    refused(cli("note", "show", "note0.json"), 3, reason)


@pytest.mark.parametrize("text", [b"", b"\n", b"[]", b"{", b'{"a":1}{', b"\xff", b'{"type":"zkrelay-note","type":"x"}'])
def test_files_that_hold_no_record(cli, relay, text):
    (relay / "note0.json").write_bytes(text)
    refused(cli("note", "show", "note0.json"), 3, "note0.json")
    refused(cli("note", "deposit", "ledger.json", "note0.json", *AT), 3, "note0.json")


def test_deposits(cli, relay):
    deposit = ("note", "deposit", "ledger.json")
    refused(cli(*deposit, "note0.json", *AT), 1, "already holds")
    make_domain(relay, "other.json", "--tree", "1")
    (relay / "deposit.json").write_text(make_note(relay, 5, "other.json"))
    refused(cli(*deposit, "deposit.json", *AT), 1, "another domain")
    (relay / "deposit.json").write_text(make_note(relay, 6))
    refused(cli(*deposit, "deposit.json", "--epoch", str(EXPIRY + 1)), 1, "expires")
    edit(relay / "deposit.json", cap=str(UNIT - 1))
    refused(cli(*deposit, "deposit.json", *AT), 1, "cap")
    assert cli("ledger", "info", "ledger.json", "--json").json()["num_final_notes"] == 4


def test_a_full_tree(cli, relay):
    lines = "".join(make_note(relay, index) for index in range(4, 9))
    outcome = cli("note", "deposit", "ledger.json", "-", *AT, stdin=lines.encode())
    refused(outcome, 1, "8 leaves")
    assert outcome.stdout.count("DEPOSITED") == 4


def test_a_node_checks_a_note(cli, relay):
    check = ("note", "check", "ledger.json")
    must("key", "new", "stranger.key", "--kind", "node")
    refused(cli(*check, "note0.json", "--node", "stranger.key", *AT), 1, "pays somebody else")
    refused(cli(*check, "note0.json", "--node", "node.key", "--epoch", str(EXPIRY - 1)), 1, "expires")
    make_note(relay, 7)
    refused(cli(*check, "note7.json", "--node", "node.key", *AT), 1, "no leaf")
    must("claim", "redeem", "ledger.json", "claim-proof.json", *AT)
    outcome = cli(*check, "note0.json", "--node", "node.key", *AT, "--json")
    assert outcome.exit_code == 1 and "already redeemed" in outcome.json()["refused"][0]["message"]


# receipts


def test_receipts_are_signed_by_the_notes_own_key_and_never_above_the_cap(cli, relay):
    refused(cli("receipt", "sign", "note0.json", "5", "--key", "client1.key"), 3, "another session key")
    refused(cli("receipt", "sign", "note0.json", str(CAP + 1), "--key", "client0.key"), 3, "above the note's cap")
    refused(cli("receipt", "sign", "notes.jsonl", "5", "--key", "client1.key"), 3, "one note")
    refused(cli("receipt", "sign", "note0.json", "5", "--key", "client0.key", "--ctx", str(1 << 255)), 3, "ctx")
    refused(cli("receipt", "sign", "note0.json", "-5", "--key", "client0.key"), 2, "")


def test_receipts_in_bytes(cli, relay):
    must("receipt", "sign", "note0.json", "77", "--key", "client0.key", "-o", "packed")
    packed = (relay / "packed").read_bytes()
    assert len(packed) == 105
    assert cli("receipt", "verify", "note0.json", "-", stdin=packed * 3).stdout == "OK\n"
    assert cli("receipt", "verify", "note0.json", "packed", "--best").stdout == packed.hex() + "\n"
    assert cli("receipt", "inspect", "packed", "--json").json()["receipts"][0]["bytes"] == "77"
    refused(cli("receipt", "verify", "note0.json", "-", stdin=packed * 2 + packed[:50]), 3, "INVALID 2: ReceiptLength")


def test_bad_receipts_are_named_and_spoil_no_other(cli, relay):
    lines = [sign(relay, 0, n).strip() for n in (10, 20, 30)]
    flipped = lines[1][:4] + ("1" if lines[1][4] != "1" else "2") + lines[1][5:]
    text = "\n".join([lines[0], flipped, lines[2], sign(relay, 1, 5).strip()]).encode()
    outcome = cli("receipt", "verify", "note0.json", "-", "--json", stdin=text)
    assert outcome.exit_code == 1 and not outcome.json()["valid"]
    assert [row["index"] for row in outcome.json()["refused"]] == [1, 3]
    assert outcome.json()["most_bytes"] == "30"
    best = cli("receipt", "verify", "note0.json", "-", "--best", stdin=text)
    assert (best.exit_code, best.stdout) == (1, lines[2] + "\n")


@pytest.mark.parametrize("text", ["", "zz", "0", "AB" * 105, "02" + "00" * 104, "00" * 104])
def test_what_is_no_receipt(cli, relay, text):
    assert cli("receipt", "verify", "note0.json", "-", stdin=text.encode()).exit_code == 3
    assert cli("receipt", "inspect", "-", stdin=text.encode()).exit_code == 3


def test_a_receipt_for_each_note(cli, relay):
    assert cli("receipt", "verify", "notes.jsonl", "receipts.txt").stdout == "OK\n"
    swapped = "\n".join(reversed((relay / "receipts.txt").read_text().split())).encode()
    outcome = cli("receipt", "verify", "notes.jsonl", "-", stdin=swapped)
    assert outcome.exit_code == 1 and outcome.stdout.count("INVALID") == 2
    refused(cli("receipt", "verify", "notes.jsonl", "receipt0.txt"), 3, "1 receipts for 2 notes")
    refused(cli("receipt", "verify", "-", "-"), 2, "once only")


# claims


def test_claims_that_cannot_be_built(cli, relay):
    def attempt(notes: str, receipts: str, *options: str) -> object:
        outcome = cli(*build_arguments(relay, notes, receipts, "new.json", *options))
        assert not (relay / "new.json").exists()
        return outcome

    (relay / "small.txt").write_text(sign(relay, 0, UNIT - 1))
    refused(attempt("note0.json", "small.txt"), 3, "nothing to claim")
    refused(attempt("note1.json", "receipt0.txt"), 1, "S*B8")
    refused(attempt("notes.jsonl", "receipt0.txt"), 3, "one for each")
    refused(attempt("note0.json", "receipt0.txt", *AT, "--amount", "4"), 3, "more than the receipt's bytes")
    refused(attempt("note0.json", "receipt0.txt", *AT, "--venue", "1"), 3, "only venue")
    refused(attempt("note0.json", "receipt0.txt", "--epoch", str(EXPIRY + 1)), 3, "after the note's expiry")
    make_note(relay, 8)
    (relay / "receipt8.txt").write_text(sign(relay, 8, UNIT))
    refused(attempt("note8.json", "receipt8.txt"), 3, "not in the tree")
    must("key", "new", "node.key", "--kind", "node", "--force")
    refused(attempt("note0.json", "receipt0.txt"), 3, "another payee")


def test_a_claim_needs_a_tree_and_an_epoch(cli, relay):
    files = ("claim", "build", "domain.json", "note0.json", "receipt0.txt", "--node", "node.key", "--payout", "1")
    refused(cli(*files, *AT, "-o", "new.json"), 2, "--leaves")
    (relay / "leaves.txt").write_text("12\n013\n")
    refused(cli(*files, *AT, "-o", "new.json", "--leaves", "leaves.txt"), 3, "leaf 1")
    refused(cli(*files, "-o", "new.json", "--leaves", "leaves.txt"), 2, "--epoch")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"inputs__bytes": str(CAP + 1)}, "cap"),
        ({"inputs__rho": "5"}, ""),
        ({"inputs__kn": "5"}, "only the node itself can claim"),
        ({"inputs__path": []}, "path must be"),
        ({"inputs__path": "5"}, "path must be"),
        ({"inputs__path": ["5"] * 3}, "path must be"),
        ({"inputs__path": [[["1"]]]}, "decimal string"),
        ({"inputs__more": "5"}, "exactly the fields"),
        ({"inputs__meta": "0"}, ""),
        ({"context__payout_address": "5"}, "another payout address"),
        ({"context": []}, "must be an object"),
        ({"domain__depth": "4"}, "path must be"),
        ({"domain__tree_no": "1"}, "another domain"),
        ({"domain": "x"}, "must be an object"),
    ],
)
def test_drafts_that_were_tampered_with(cli, relay, changes, reason):
    edit(relay / "claim.json", **changes)
    for command in (
        ("claim", "prove", "claim.zkey", "claim.json", "-o", "new.json"),
        ("claim", "commit", "ledger.json", "claim.json", *AT),
        ("batch", "build", "claim.json", "-o", "new.json"),
        ("batch", "prove", "two.zkey", "claim.json", "-o", "new.json"),
    ):
        refused(cli(*command), 3, reason)
    assert not (relay / "new.json").exists()


def test_keys_and_programs_that_do_not_fit(cli, relay):
    refused(cli("claim", "prove", "two.zkey", "claim.json", "-o", "new.json"), 3, "item 0")
    refused(cli("batch", "prove", "claim.zkey", "claims.jsonl", "-o", "new.json"), 3, "no batch")
    refused(cli("claim", "prove", "claim.zkey", "claim.json", "--program", "two.zkwp", "-o", "new.json"), 3, "two.zkwp")
    (relay / "claim.zkwp").unlink()
    refused(cli("claim", "prove", "claim.zkey", "claim.json", "-o", "new.json"), 3, "claim.zkwp")
    refused(cli("claim", "prove", "two.zkey", "claim.json", "-o", "note0.json"), 2, "--force")
    refused(cli("claim", "prove", "two.zkey", "claim.json", "-o", "-", "--json"), 2, "place each")
    assert not (relay / "new.json").exists()


@pytest.mark.parametrize(
    ("changes", "verdict", "redeemed", "reason"),
    [
        ({"context__payout_address": "5"}, 1, 1, "payout address"),
        ({"context__relayer_fee": "1"}, 1, 1, "payout address"),
        ({"statement__amount": "4"}, 1, 1, "pairing equation"),
        ({"statement__epoch": str(EPOCH - 1)}, 1, 1, "pairing equation"),
        ({"statement__nf": "5"}, 1, 1, "pairing equation"),
        ({"statement__nf": str((1 << 254) - 1)}, 3, 3, "nf must be"),
        ({"statement__amount": "0"}, 3, 3, "amount"),
        ({"statement__x": "1"}, 3, 3, ""),
        ({"proof": []}, 3, 3, "expected a JSON object"),
        ({"proof__pi_a": ["1", "2"]}, 3, 3, "pi_a"),
        ({"proof__pi_a": ["1", "3", "1"]}, 3, 3, ""),
        ({"proof__pi_a": lambda a: [a[0], str((1 << 254) - 1), a[2]]}, 3, 3, "pi_a"),
    ],
)
def test_proved_claims_that_were_tampered_with(cli, relay, changes, verdict, redeemed, reason):
    edit(relay / "claim-proof.json", **changes)
    refused(cli("claim", "verify", "claim.vk.json", "claim-proof.json"), verdict, reason)
    refused(cli("claim", "redeem", "ledger.json", "claim-proof.json", *AT), redeemed, reason)
    assert cli("nullifier", "check", "ledger.json", "--notes", "note0.json").exit_code == 0


def test_what_a_ledger_does_not_pay(cli, relay):
    redeem = ("claim", "redeem", "ledger.json", "claim-proof.json", "--epoch")
    refused(cli(*redeem, str(EPOCH + 2)), 1, "needs a commitment")
    refused(cli(*redeem, str(EPOCH - 1)), 1, "needs a commitment")
    leaves = [*cli("ledger", "leaves", "ledger.json").stdout.split()[:2], "12345"]
    (relay / "leaves.txt").write_text("\n".join(leaves))
    build(relay, "note0.json", "receipt0.txt", "forged.json", *AT, "--leaves", relay / "leaves.txt")
    must("claim", "prove", "claim.zkey", "forged.json", "-o", "forged-proof.json")
    assert cli("claim", "verify", "claim.vk.json", "forged-proof.json").exit_code == 0
    refused(cli("claim", "redeem", "ledger.json", "forged-proof.json", *AT), 1, "UnknownRoot")
    make_domain(relay, "other.json", "--tree", "1")
    keys = ("--claim-key", "claim.vk.json", "--batch-key", "2=two.vk.json", "--allow-development")
    must("ledger", "init", "other-ledger.json", "--domain", "other.json", *keys)
    refused(cli("claim", "redeem", "other-ledger.json", "claim-proof.json", *AT), 1, "WrongDomain")
    refused(cli("batch", "redeem", "other-ledger.json", "batch-proof.json", *AT), 1, "WrongDomain")


# batches


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"statement__total": "14"}, 1, "pairing equation"),
        ({"statement__h": "5"}, 1, "pairing equation"),
        ({"context__payout_address": "5"}, 1, "payout address"),
        ({"statement__count": "1"}, 3, "slot 1"),
        ({"statement__total": "1"}, 3, "total"),
        ({"statement__nullifiers": lambda nfs: [nfs[0], nfs[0]]}, 3, "same note"),
        ({"statement__nullifiers": lambda nfs: [nfs[0], nfs[0], "0"]}, 3, "same note"),
        ({"statement__nullifiers": "x"}, 3, "nullifiers"),
        ({"statement": "x"}, 3, "must be an object"),
    ],
)
def test_proved_batches_that_were_tampered_with(cli, relay, changes, code, reason):
    edit(relay / "batch-proof.json", **changes)
    refused(cli("batch", "verify", "two.vk.json", "batch-proof.json"), code, reason)
    refused(cli("batch", "redeem", "ledger.json", "batch-proof.json", *AT), code, reason)
    assert cli("nullifier", "check", "ledger.json", "--notes", "notes.jsonl").exit_code == 0


def test_batches_that_cannot_be_built(cli, relay):
    refused(cli("batch", "build", "claim.json", "claim.json", "-o", "new.json"), 3, "same note")
    must("batch", "build", "claims.jsonl", "--slots", "3", "-o", "three.json")
    refused(cli("batch", "prove", "two.zkey", "three.json", "-o", "new.json"), 3, "built for 3 slots")
    edit(relay / "three.json", num_slots="1")
    refused(cli("batch", "prove", "two.zkey", "three.json", "-o", "new.json"), 3, "no more than slots")
    edit(relay / "three.json", num_slots="3", claims=[])
    refused(cli("batch", "prove", "two.zkey", "three.json", "-o", "new.json"), 3, "0 claims")
    refused(cli("batch", "commit", "ledger.json", "claim.json", *AT), 3, "single claims")
    refused(cli("batch", "prove", "two.zkey", "-", "-", "-o", "new.json"), 2, "once only")


def test_a_batch_of_a_size_that_the_ledger_has_no_key_for(cli, relay):
    edit(relay / "batch-proof.json", statement__nullifiers=lambda nfs: [*nfs, "0"])
    refused(cli("batch", "redeem", "ledger.json", "batch-proof.json", *AT), 1, "EntryPointClosed")
