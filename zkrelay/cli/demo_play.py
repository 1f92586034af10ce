"""The demo's plot: deposit, relay, commit, prove, verify, pay; then the attempts to be paid more."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..errors import ZkrelayError
from ..formats import read_proof, read_public, read_verifying_key, write_proof, write_public
from ..groth16 import verify
from ..relay.claim import Claim, session_commitment
from ..relay.context import ClaimContext
from ..relay.identity import NodeIdentity
from ..relay.proving import prove_claim
from ..relay.settlement import Settlement
from . import output
from .demo_attempts import Paid, attempts, try_each
from .demo_client import Client
from .demo_node import Node, Served
from .demo_session import relay
from .demo_stage import Stage, open_ledger, set_up
from .demo_story import Story

MEBIBYTE = 1 << 20
EPOCH_SECONDS = 3600
EPOCHS_TO_EXPIRY = 24
SPARE_MEBIBYTES = 16  # a note holds more than its session uses; the unspent rest stays in escrow


def play(story: Story, folder: Path, megabytes: int, threads: int) -> None:
    """Tell the whole story; ``story.as_expected`` says how it ended."""
    epoch = int(time.time()) // EPOCH_SECONDS
    story.chapter("Before the session")
    with output.progress("setup") as progress:
        stage = set_up(folder, threads=threads, progress=progress)
    _tell_stage(story, stage)
    with open_ledger(folder, stage.key.verifying_key, epoch) as ledger:
        story.chapter("The session")
        node = Node(NodeIdentity.generate(), ledger.domain, epoch, ledger.is_spent)
        served = _relay(story, ledger, node, megabytes, epoch)
        paid = _claim(story, stage, ledger, node.identity, served, threads, epoch)
        _verify_as_anyone(story, folder, stage, paid)
        _pay(story, ledger, paid)
        balance = ledger.balance
        story.chapter("Four attempts to be paid more")
        for name, ways in attempts(stage, ledger, paid):
            story.attempt(name, try_each(ways))
        once = len(ledger.payments()) == 1 and ledger.balance == balance
        story.check("ledger", "one payment in its books, and not a coin left the escrow since", once)


def _tell_stage(story: Story, stage: Stage) -> None:
    r1cs, num_bytes = stage.circuit.r1cs, stage.key_path.stat().st_size
    text = f"{stage.circuit.name}, {output.plural(r1cs.num_constraints, 'constraint')}, compiled"
    story.step("circuit", text, stage.compile_seconds, num_constraints=r1cs.num_constraints)
    text = f"{output.size(num_bytes)}, a development key: one process made it, so it is for tests only"
    story.step("key", text, stage.setup_seconds, file_bytes=num_bytes, development=True)


def _relay(story: Story, ledger: Settlement, node: Node, megabytes: int, epoch: int) -> Served:
    """A client funds a note for this node and receives the bytes; the node ends up with a receipt for all of them."""
    cap = (megabytes + SPARE_MEBIBYTES) * MEBIBYTE
    client = Client(ledger.domain, node.identity.payee, cap, epoch + EPOCHS_TO_EXPIRY)
    deposit = ledger.deposit(client.note.inner, client.note.cap, client.note.expiry)
    text = f"the client locks {output.plural(deposit.locked, 'coin')} in a note of {cap // MEBIBYTE} MiB"
    story.step("deposit", text, coins=deposit.locked)
    node.see_deposit(deposit.cm)

    start = time.perf_counter()
    with output.progress("relay") as progress:
        received, served = relay(client, node, deposit.position, megabytes * MEBIBYTE, progress)
    seconds = time.perf_counter() - start
    text = f"{megabytes} MiB of random bytes over TCP; {served.num_receipts} receipts signed, sent and verified"
    story.step("relay", text, seconds, num_bytes=received.num_bytes, num_receipts=served.num_receipts)
    same = (received.num_bytes, received.sha256) == (served.num_bytes, served.sha256)
    story.check("both ends", f"counted {received.num_bytes:,} bytes with one SHA-256", same)
    return served


def _claim(
    story: Story, stage: Stage, ledger: Settlement, node: NodeIdentity, served: Served, threads: int, epoch: int
) -> Paid:
    """The node commits to what it will claim, and proves it."""
    note, receipt, path = served.note, served.receipt, served.path
    ledger.commit(session_commitment(note, receipt))
    story.step("commit", f"the node records its commitment in epoch {epoch}; it may prove later", epoch=epoch)

    start = time.perf_counter()
    context = ClaimContext(payout_address=int.from_bytes(os.urandom(20), "big"))
    claim = Claim.build(ledger.domain, note, receipt, node, path, context, epoch=epoch)
    proof = prove_claim(claim, stage.prover, threads=threads)
    seconds = time.perf_counter() - start
    num_bytes = len(proof.a) + len(proof.b) + len(proof.c)
    text = f"{claim.statement.amount} units in {num_bytes} bytes, whatever the size of the session"
    story.step("prove", text, seconds, num_bytes=num_bytes, units=claim.statement.amount, threads=threads)
    return Paid(served, node, claim, context, proof)


def _verify_as_anyone(story: Story, folder: Path, stage: Stage, paid: Paid) -> None:
    """From three files, with no secret at hand."""
    proof_path, public_path = folder / "proof.json", folder / "public.json"
    write_proof(proof_path, paid.proof)
    write_public(public_path, paid.claim.statement.public_inputs)
    start = time.perf_counter()
    holds = True
    try:
        verify(read_verifying_key(stage.vk_path), read_public(public_path), read_proof(proof_path))
    except ZkrelayError:
        holds = False
    text = f"anyone can, from three JSON files ({output.duration(time.perf_counter() - start)})"
    story.check("verify", text, holds)


def _pay(story: Story, ledger: Settlement, paid: Paid) -> None:
    start = time.perf_counter()
    payment = ledger.redeem(paid.claim.statement.public_inputs, paid.context, paid.proof)
    seconds = time.perf_counter() - start
    amount, price = paid.claim.statement.amount, ledger.domain.price_per_unit
    text = f"{payment.money:,} coins to the node ({amount} units at {price}); {ledger.balance:,} stay in escrow"
    story.step("pay", text, seconds, coins=payment.money, escrow=ledger.balance)
