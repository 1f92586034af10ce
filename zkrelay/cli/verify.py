"""``zkrelay verify``: OK and 0 for a true proof, 1 for a false one, 3 for what is no proof at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .errors import CommandError, ExitCode, naming
from .files import only_one_stdin, source
from .options import Json

if TYPE_CHECKING:
    from ..errors import InvalidProof
    from ..groth16 import Proof, VerifyingKey


class SecondOpinion(str, Enum):
    """Verifiers that share no code with ours."""

    py_ecc = "py_ecc"


def check_proof(
    vk_file: Annotated[str, typer.Argument(metavar="verification_key.json", help="The verifying key.")],
    public_file: Annotated[str, typer.Argument(metavar="public.json", help="The public inputs.")],
    proof_file: Annotated[str, typer.Argument(metavar="proof.json", help="The proof.")],
    second: Annotated[
        SecondOpinion | None,
        typer.Option("--with", help="Ask a second, independent verifier too (slow; needs the package py_ecc)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify a proof: OK and 0 when it is true, 1 when it is false, 3 when it is no proof at all.

    The order of the arguments is that of snarkjs. One of them may be - for standard input.
    """
    output.use_json(as_json)
    only_one_stdin([vk_file, public_file, proof_file])
    from ..errors import InvalidProof
    from ..formats import read_proof, read_public, read_verifying_key
    from ..groth16.verify import check_curve_of

    with naming(vk_file):
        vk = read_verifying_key(source(vk_file))
    with naming(proof_file):
        proof = read_proof(source(proof_file))
        check_curve_of(proof, vk)
    with naming(public_file):
        public_inputs = read_public(source(public_file), vk.curve)
    if vk.development:
        output.warn(f"{vk_file} belongs to a development key: whoever made it can forge proofs")
    start = time.perf_counter()
    reason = ""
    try:
        _verify(vk, public_inputs, proof, second, public_file, proof_file)
    except InvalidProof as error:
        reason = str(error)
    seconds = time.perf_counter() - start

    if as_json:
        output.result_json(
            {
                "valid": not reason,
                "reason": reason or None,
                "num_constraints": None,
                "num_wires": None,
                "num_public": vk.num_public,
                "development": vk.development,
                "second_opinion": second.value if second else None,
                "seconds": round(seconds, 4),
            }
        )
    elif not reason:
        output.result("OK")
    if reason:
        output.note(f"INVALID: {reason}")
        raise typer.Exit(ExitCode.REFUSED)


def _verify(
    vk: VerifyingKey,
    public_inputs: Sequence[int],
    proof: Proof,
    second: SecondOpinion | None,
    public_file: str,
    proof_file: str,
) -> None:
    """Our verdict, and the second one when asked for; a disagreement is a bug in one of the two, and undecided."""
    from ..errors import InvalidProof
    from ..groth16 import verify
    from ..groth16.verify import check_public_inputs

    with naming(public_file):
        check_public_inputs(public_inputs, vk.num_public, vk.fr)
    ours = _verdict(lambda: verify(vk, public_inputs, proof), proof_file)
    if second is not None:
        from ..groth16.second_opinion import verify_with_py_ecc

        theirs = _verdict(lambda: verify_with_py_ecc(vk, public_inputs, proof), proof_file)
        if (ours is None) != (theirs is None):
            accepts, refuses = ("zkrelay", second.value) if ours is None else (second.value, "zkrelay")
            raise CommandError(
                ExitCode.UNDECIDED, f"{accepts} accepts this proof and {refuses} refuses it: please report it"
            )
    if ours is not None:
        raise InvalidProof(str(ours))


def _verdict(check: Callable[[], None], proof_file: str) -> InvalidProof | None:
    """None for a true proof.  Anything malformed is an error about the proof's file."""
    from ..errors import InvalidProof

    try:
        with naming(proof_file):
            check()
    except InvalidProof as error:
        return error
    return None
