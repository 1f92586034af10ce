"""``zkrelay export-solidity`` and ``export-calldata``: a verifier contract for a key, and the data of its calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .errors import CommandError, ExitCode, naming
from .files import check_targets, only_one_stdin, source, write_together
from .options import Force, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..groth16 import Proof, VerifyingKey

DEFAULT_NAME = "Groth16Verifier"  # as in evm.solidity, which is not imported for --help


def write_contract(
    vk_file: Annotated[str, typer.Argument(metavar="verification_key.json", help="The verifying key; - is stdin.")],
    target: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE.sol", help="The contract; NAME.sol here by default.", show_default=False
        ),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="The contract's name.")] = DEFAULT_NAME,
    slots: Annotated[
        int | None,
        typer.Option(
            "--slots",
            metavar="N",
            min=1,
            help="For a key of batchN: a second contract, NAMEBatch, that verifies batches by their whole statement.",
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write a Solidity contract that verifies proofs under a key, one by one or many at once.

    It reverts for whatever is not a true proof, too little gas included. Keys over BN254 need the precompiles that
    every EVM has; keys over BLS12-381 need those of Prague and later.
    """
    output.use_json(as_json)
    from ..errors import MalformedInput
    from ..evm import render_compressed_verifier, render_verifier
    from ..evm.solidity import check_name
    from ..evm.words import key_digest
    from ..formats import read_verifying_key, write_bytes
    from ..relay.batch_statement import BATCH_NAMES

    try:
        check_name(name)
    except MalformedInput as error:
        raise typer.BadParameter(str(error)) from None
    with naming(vk_file):
        key = read_verifying_key(source(vk_file))
        text = render_verifier(key, name=name)
        if slots is not None:
            text += render_compressed_verifier(key, len(BATCH_NAMES) + slots, verifier=name, name=f"{name}Batch")
    path = target or Path(f"{name}.sol")
    check_targets([path], force=force)
    if key.development:
        output.warn(
            f"{vk_file} belongs to a development key: whoever made it can forge proofs that this contract accepts"
        )
    write_together([(path, lambda at: write_bytes(at, text.encode(), overwrite=force))])
    output.note(f"wrote {path}")
    if as_json:
        output.result_json(
            {
                "name": name,
                "curve": key.curve,
                "num_public": key.num_public,
                "slots": slots,
                "development": key.development,
                "key_digest": key_digest(key).hex(),
                "files": {"solidity": str(path)},
            }
        )


def print_calldata(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="PUBLIC.json PROOF.json...",
            help="Public inputs and proof, in the order of snarkjs; several pairs make one call of verifyProofs. "
            "With --batch, one file from `batch prove`.",
            show_default=False,
        ),
    ],
    vk_file: Annotated[
        str | None,
        typer.Option("--vk", metavar="verification_key.json", help="Verify every proof first; 1 when one is false."),
    ] = None,
    batch: Annotated[
        bool, typer.Option("--batch", help="A call of verifyVector, for a batch that `batch prove` has proved.")
    ] = False,
    arguments: Annotated[
        bool, typer.Option("--arguments", help="Print the arguments as arrays, without the selector.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the data of a call of verifyProof, verifyProofs or verifyVector: what `cast send` or a wallet takes."""
    output.use_json(as_json)
    if batch and len(files) != 1:
        raise typer.BadParameter("with --batch, expected one file from `batch prove`")
    if not batch and len(files) % 2:
        raise typer.BadParameter("expected PUBLIC.json PROOF.json, or several such pairs")
    only_one_stdin([*files, *([vk_file] if vk_file else [])])
    from ..evm import calldata
    from ..formats import read_verifying_key

    key = None
    if vk_file is not None:
        with naming(vk_file):
            key = read_verifying_key(source(vk_file))
        if key.development:
            output.warn(f"{vk_file} belongs to a development key: whoever made it can forge proofs")
    if batch:
        _print_vector_call(files[0], key, arguments, as_json)
        return
    items = [_read_item(files[at], files[at + 1], key) for at in range(0, len(files), 2)]
    call = calldata.verify_proof_call(*items[0]) if len(items) == 1 else calldata.verify_proofs_call(items)
    if as_json:
        output.result_json(
            {
                "function": call.signature,
                "calldata": f"0x{call.data.hex()}",
                "proofs": [[hex(word) for word in proof] for proof in call.proofs],
                "inputs": [[hex(word) for word in inputs] for inputs in call.inputs],
                "verified": key is not None,
            }
        )
    else:
        output.result(call.arguments if arguments else f"0x{call.data.hex()}")


def _print_vector_call(batch_file: str, key: VerifyingKey | None, arguments: bool, as_json: bool) -> None:
    from ..evm import verify_vector_call
    from .relay.records import read_proved_batches

    found = read_proved_batches([batch_file])
    if len(found) != 1:
        raise CommandError(ExitCode.INPUT, f"{batch_file} holds {len(found)} batches: a call verifies one")
    statement, proof = found[0].statement, found[0].proof
    with naming(batch_file):
        call = verify_vector_call(statement.vector, statement.h, proof)
    if key is not None:
        _check(key, statement.public_inputs, proof, batch_file, batch_file)
    if as_json:
        output.result_json(
            {
                "function": call.signature,
                "calldata": f"0x{call.data.hex()}",
                "proof": [hex(word) for word in call.proof],
                "h": hex(call.h),
                "vector": [hex(word) for word in call.vector],
                "verified": key is not None,
            }
        )
    else:
        output.result(call.arguments if arguments else f"0x{call.data.hex()}")


def _read_item(public_file: str, proof_file: str, key: VerifyingKey | None) -> tuple[Sequence[int], Proof]:
    """One pair, held against the key if there is one; ``InvalidProof`` for a false proof."""
    from ..formats import read_proof, read_public

    with naming(proof_file):
        proof = read_proof(source(proof_file))
        proof.check()
    with naming(public_file):
        public_inputs = read_public(source(public_file), proof.curve)
    if key is not None:
        _check(key, public_inputs, proof, public_file, proof_file)
    return public_inputs, proof


def _check(key: VerifyingKey, public_inputs: Sequence[int], proof: Proof, public_file: str, proof_file: str) -> None:
    from ..errors import InvalidProof
    from ..groth16 import verify
    from ..groth16.verify import check_curve_of, check_public_inputs

    with naming(proof_file):
        check_curve_of(proof, key)
    with naming(public_file):
        check_public_inputs(public_inputs, key.num_public, key.fr)
    try:
        verify(key, public_inputs, proof)
    except InvalidProof as error:
        raise InvalidProof(f"{proof_file}: {error}") from None
