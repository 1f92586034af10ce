"""``demo``: the story ends well, every attempt is refused for its own reason, and a lying part is noticed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from zkrelay.errors import InvalidReceipt, NoteRefused
from zkrelay.kernel import current
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.meter import DEFAULT_WINDOW_BYTES

needs_c_kernel = pytest.mark.skipif(current().name == "reference", reason="the reference kernel takes minutes")
MIB = 1 << 20


@needs_c_kernel
def test_the_whole_story(cli):
    outcome = cli("demo", "--megabytes", "3", "--json")
    facts = outcome.json()
    assert outcome.exit_code == 0 and facts["as_expected"] is True
    steps = facts["steps"]
    assert steps["relay"]["num_bytes"] == 3 * MIB and steps["relay"]["num_receipts"] == 3
    assert steps["both ends"]["holds"] and steps["verify"]["holds"] and steps["ledger"]["holds"]
    assert steps["prove"]["num_bytes"] == 256 and steps["prove"]["units"] == 3
    assert steps["pay"]["coins"] + steps["pay"]["escrow"] == steps["deposit"]["coins"]
    errors = {a["name"].split(":")[0].split(",")[0]: [r["error"] for r in a["refusals"]] for a in facts["attempts"]}
    assert errors == {
        "the same claim again": ["NullifierSpent"],
        "the same proof": ["NullifierSpent"],
        "its nullifier changed": ["InvalidProof"],
        "one unit more than the client signed for": ["InvalidClaim", "UnsatisfiedConstraint", "InvalidProof"],
    }
    assert all(refusal["reason"] for attempt in facts["attempts"] for refusal in attempt["refusals"])


@needs_c_kernel
def test_the_story_for_people_is_short_and_plain_in_a_pipe(cli):
    outcome = cli("demo", "--megabytes", "1")
    assert outcome.exit_code == 0 and outcome.stderr == ""
    assert "\x1b" not in outcome.stdout and len(outcome.stdout.splitlines()) < 40
    assert "OK: all as expected" in outcome.stdout.splitlines()[-1]
    assert outcome.stdout.count("refuses: ") == 6


@needs_c_kernel
def test_a_ledger_that_pays_twice_is_noticed(cli, monkeypatch):
    """Plant the fault: nullifiers are not unique any more."""

    def everything_is_new(_, nullifiers):
        return {nf for nf, _ in nullifiers}

    monkeypatch.setattr("zkrelay.relay.store_sqlite.SqliteTransaction.insert_nullifiers", everything_is_new)
    monkeypatch.setattr("zkrelay.relay.store_sqlite.SqliteTransaction.insert_payments", lambda *_: None)
    outcome = cli("demo", "--megabytes", "8")
    assert outcome.exit_code == 1
    assert "NOT AS EXPECTED" in outcome.stdout and "IT WAS ACCEPTED" in outcome.stdout
    assert "FAILED" in outcome.stdout.splitlines()[-1]


@needs_c_kernel
def test_bytes_lost_on_the_way_are_noticed(cli, monkeypatch):
    from zkrelay.cli.demo_client import Client, Received

    honest = Client.receive

    def forgetful(self, *arguments):
        received = honest(self, *arguments)
        return Received(received.num_bytes - 1, received.sha256, received.num_receipts)

    monkeypatch.setattr(Client, "receive", forgetful)
    assert cli("demo", "--megabytes", "1").exit_code == 1


@pytest.fixture
def world():
    from zkrelay.cli.demo_client import Client
    from zkrelay.cli.demo_node import Node

    domain = Domain(chain_id=0, contract=1, tree_no=1)
    node = Node(NodeIdentity.generate(), domain, 10, lambda nf: False)
    client = Client(domain, node.identity.payee, 8 * MIB, 20)
    return client, node


def test_the_node_serves_no_note_that_is_not_funded(world):
    from zkrelay.cli.demo_session import relay

    client, node = world
    with pytest.raises(NoteRefused):
        relay(client, node, 0, MIB)


def test_both_ends_count_the_same(world):
    from zkrelay.cli.demo_session import relay

    client, node = world
    node.see_deposit(client.note.cm)
    received, served = relay(client, node, 0, 2 * MIB)
    assert (received.num_bytes, received.sha256) == (served.num_bytes, served.sha256)
    assert served.receipt.num_bytes == 2 * MIB and served.num_receipts == received.num_receipts == 2


def test_a_client_that_stops_signing_gets_at_most_the_window(world, monkeypatch):
    from zkrelay.cli import demo_client, demo_node
    from zkrelay.cli.demo_session import relay

    client, node = world
    node.see_deposit(client.note.cm)
    sent: list[int] = []
    origin = SimpleNamespace(urandom=lambda count: sent.append(count) or bytes(count))
    monkeypatch.setattr(demo_node, "os", origin)
    monkeypatch.setattr(demo_client, "RECEIPT_EVERY_BYTES", 1 << 40)
    monkeypatch.setattr(demo_client, "TIMEOUT_S", 0.5)
    with pytest.raises(InvalidReceipt, match="without signing"):
        relay(client, node, 0, 8 * MIB)
    assert sum(sent) == DEFAULT_WINDOW_BYTES
