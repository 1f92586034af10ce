"""``zkrelay export-solidity`` and ``export-calldata``."""

from __future__ import annotations

import json
import random

import pytest

from zkrelay import formats
from zkrelay.evm import (
    render_compressed_verifier,
    render_verifier,
    verify_proof_call,
    verify_proofs_call,
    verify_vector_call,
)
from zkrelay.evm.words import key_digest
from zkrelay.relay.batch_statement import BatchStatement
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.record import to_line
from zkrelay.relay.submission import BATCH_PROOF_TYPE, BatchSubmission

from ..groth16.small_circuits import prove_statement, random_satisfied
from .test_json_fields import documented


@pytest.fixture
def here(files, monkeypatch):
    monkeypatch.chdir(files)
    return files


def item(folder):
    return formats.read_public(folder / "public.json"), formats.read_proof(folder / "proof.json")


def test_a_contract_is_written_with_a_warning(cli, here):
    outcome = cli("export-solidity", "verification_key.json")
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert "warning:" in outcome.stderr and "development key" in outcome.stderr
    key = formats.read_verifying_key(here / "verification_key.json")
    assert (here / "Groth16Verifier.sol").read_text() == render_verifier(key)


def test_a_key_of_a_ceremony_has_no_warning(cli, here):
    fields = json.loads((here / "verification_key.json").read_text())
    del fields["development"]
    outcome = cli("export-solidity", "-", "-o", "v.sol", "--json", stdin=json.dumps(fields).encode())
    assert outcome.exit_code == 0 and "warning" not in outcome.stderr
    found, key = outcome.json(), formats.read_verifying_key(json.dumps(fields).encode())
    assert (found["development"], found["key_digest"]) == (False, key_digest(key).hex())
    assert "DEVELOPMENT" not in (here / "v.sol").read_text()


def test_name_and_output(cli, here):
    assert cli("export-solidity", "verification_key.json", "--name", "UsageVerifier").exit_code == 0
    assert "contract UsageVerifier {" in (here / "UsageVerifier.sol").read_text()
    outcome = cli("export-solidity", "verification_key.json", "--name", "no name", "-o", "other.sol")
    assert outcome.exit_code == 2 and "cannot be the contract's name" in outcome.stderr
    assert not (here / "other.sol").exists()


def test_slots_are_for_keys_of_batches(cli, here):
    outcome = cli("export-solidity", "verification_key.json", "--slots", "8")
    assert (
        outcome.exit_code == 3
        and "verification_key.json: the key of a batch is over bn254 with 3 public inputs" in outcome.stderr
    )
    assert not list(here.glob("*.sol"))
    key = prove_statement(*random_satisfied(random.Random("slots"), 5, 3, 3)).vk
    formats.write_verifying_key(here / "batch.json", key)
    outcome = cli("export-solidity", "batch.json", "--name", "Batch8", "--slots", "8", "--json")
    assert (outcome.exit_code, outcome.json()["slots"]) == (0, 8)
    compressed = render_compressed_verifier(key, 8 + 8, verifier="Batch8", name="Batch8Batch")
    assert (here / "Batch8.sol").read_text() == render_verifier(key, name="Batch8") + compressed


def test_a_file_in_the_way_stays(cli, here):
    (here / "v.sol").write_text("mine")
    arguments = ("export-solidity", "verification_key.json", "-o", "v.sol")
    assert cli(*arguments).exit_code == 2 and (here / "v.sol").read_text() == "mine"
    assert cli(*arguments, "--force").exit_code == 0 and "contract" in (here / "v.sol").read_text()


@pytest.mark.parametrize("target", ["nowhere/v.sol", "."])
def test_no_place_to_write(cli, here, target):
    assert cli("export-solidity", "verification_key.json", "-o", target).exit_code == 3


def test_a_key_that_cannot_be_sound_is_refused(cli, here):
    fields = json.loads((here / "verification_key.json").read_text())
    fields["vk_delta_2"] = fields["vk_gamma_2"]
    (here / "bad.json").write_text(json.dumps(fields))
    outcome = cli("export-solidity", "bad.json")
    assert outcome.exit_code == 3 and "bad.json: gamma equals delta" in outcome.stderr
    assert not list(here.glob("*.sol"))


def test_calldata(cli, here):
    outcome = cli("export-calldata", "public.json", "proof.json")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    call = verify_proof_call(*item(here))
    assert outcome.stdout == f"0x{call.data.hex()}\n"
    assert cli("export-calldata", "public.json", "proof.json", "--arguments").stdout == call.arguments + "\n"


def test_calldata_of_many(cli, here):
    two = ("public.json", "proof.json") * 2
    call = verify_proofs_call([item(here)] * 2)
    assert cli("export-calldata", *two).stdout == f"0x{call.data.hex()}\n"
    found = cli("export-calldata", *two, "--vk", "verification_key.json", "--json").json()
    assert (found["function"], found["verified"]) == ("verifyProofs(uint256[8][],uint256[2][])", True)
    assert [int(word, 16) for word in found["proofs"][1]] == list(call.proofs[1])


def test_a_false_proof_is_1_when_the_key_is_given(cli, here):
    (here / "public.json").write_text('["1", "2"]')
    assert cli("export-calldata", "public.json", "proof.json").exit_code == 0
    outcome = cli("export-calldata", "public.json", "proof.json", "--vk", "verification_key.json")
    assert (outcome.exit_code, outcome.stdout) == (1, "") and "proof.json" in outcome.stderr


@pytest.mark.parametrize(
    ("public", "code", "words"),
    [
        ('["1"]', 3, "public.json: the key takes 2 public inputs"),
        ("[]", 3, "public.json"),
        (f'["{2**254}", "1"]', 3, "public.json"),
        ("{}", 3, "public.json"),
    ],
)
def test_malformed_inputs_are_3(cli, here, public, code, words):
    (here / "public.json").write_text(public)
    outcome = cli("export-calldata", "public.json", "proof.json", "--vk", "verification_key.json")
    assert (outcome.exit_code, outcome.stdout) == (code, "") and words in outcome.stderr


def test_no_inputs_without_a_key(cli, here):
    (here / "public.json").write_text("[]")
    outcome = cli("export-calldata", "public.json", "proof.json")
    assert outcome.exit_code == 3 and "one public input at least" in outcome.stderr


@pytest.mark.parametrize("arguments", [["public.json"], ["proof.json", "public.json"], ["-", "-"], []])
def test_wrong_arguments(cli, here, arguments):
    outcome = cli("export-calldata", *arguments)
    assert outcome.exit_code in (2, 3) and outcome.stdout == ""


def test_a_proof_off_its_curve_is_3(cli, here):
    fields = json.loads((here / "proof.json").read_text())
    fields["pi_a"][0] = "1"
    (here / "proof.json").write_text(json.dumps(fields))
    outcome = cli("export-calldata", "public.json", "proof.json")
    assert outcome.exit_code == 3 and "proof.json: proof.a" in outcome.stderr


@pytest.fixture
def batch(here):
    """(its file, the statement) of what stands for a proved batch, with its key beside it."""
    statement = BatchStatement.sealed(
        domain=1, root=2, epoch=3, venue=0, payee=4, total=9, aux=5, nullifiers=[6, 7], num_slots=3
    )
    proved = prove_statement(*random_satisfied(random.Random("batch"), 10, 3, 5, public=statement.public_inputs))
    submission = BatchSubmission(statement, ClaimContext(payout_address=1), proved.proof)
    (here / "proved.json").write_text(to_line(BATCH_PROOF_TYPE, submission.to_dict()) + "\n")
    formats.write_verifying_key(here / "batch.vk.json", proved.vk)
    return "proved.json", submission


def test_calldata_of_a_batch(cli, batch):
    file, submission = batch
    call = verify_vector_call(submission.statement.vector, submission.statement.h, submission.proof)
    assert cli("export-calldata", "--batch", file).stdout == f"0x{call.data.hex()}\n"
    assert cli("export-calldata", "--batch", file, "--arguments").stdout == f"{call.arguments}\n"
    found = cli("export-calldata", "--batch", file, "--vk", "batch.vk.json", "--json").json()
    assert set(found) == {"version"} | documented("export-calldata --batch")
    assert (found["function"], found["verified"]) == ("verifyVector(uint256[8],uint256,uint256[11])", True)
    assert [int(word, 16) for word in found["vector"]] == submission.statement.vector


def test_batches_that_have_no_calldata(cli, here, batch):
    file, submission = batch
    assert cli("export-calldata", "--batch", file, file).exit_code == 2
    assert cli("export-calldata", "--batch", "public.json").exit_code == 3
    line = (here / file).read_text()
    (here / "two.json").write_text(line * 2)
    outcome = cli("export-calldata", "--batch", "two.json")
    assert (outcome.exit_code, outcome.stdout) == (3, "") and "two.json holds 2 batches" in outcome.stderr
    total = submission.statement.total
    (here / "false.json").write_text(line.replace(f'"total":"{total}"', f'"total":"{total + 1}"'))
    assert (here / "false.json").read_text() != line
    assert cli("export-calldata", "--batch", "false.json").exit_code == 0
    outcome = cli("export-calldata", "--batch", "false.json", "--vk", "batch.vk.json")
    assert (outcome.exit_code, outcome.stdout) == (1, "") and "false.json" in outcome.stderr
    outcome = cli("export-calldata", "--batch", file, "--vk", "verification_key.json")
    assert outcome.exit_code == 3
