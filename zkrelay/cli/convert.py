"""``zkrelay convert``: a proof or a verifying key between snarkjs's JSON and the bytes of arkworks and gnark."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .errors import CommandError, ExitCode, naming
from .files import check_targets, source, write_together
from .kinds import Kind, kind_of
from .options import CURVE_METAVAR, Force, Json, curve_name

if TYPE_CHECKING:
    from ..groth16 import Proof, ProvingKey, VerifyingKey

app = typer.Typer(
    no_args_is_help=True, help="Write a proof or a verifying key as another library reads it (proof, vk)."
)


class Encoding(str, Enum):
    SNARKJS = "snarkjs"
    ARKWORKS = "arkworks"
    GNARK = "gnark"


In = Annotated[str, typer.Argument(metavar="IN", help="The file to read; - for standard input.", show_default=False)]
Out = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="The file to write.")]
To = Annotated[Encoding, typer.Option("--to", help="How to write it.")]
From = Annotated[
    Encoding,
    typer.Option("--from", help="How it was written; the bytes of arkworks and gnark do not tell."),
]
OfCurve = Annotated[
    str | None,
    typer.Option(
        "--curve",
        parser=curve_name,
        metavar=CURVE_METAVAR,
        help="Over which curve, for arkworks and gnark (bn254 by default); JSON and .zkey say it.",
    ),
]
FromCeremony = Annotated[
    bool,
    typer.Option(
        "--from-ceremony",
        help="The key comes from a ceremony. The bytes of arkworks and gnark do not tell, and what is read from them "
        "is marked as a development key without this.",
    ),
]


@app.command("proof")
def convert_proof(
    file: In,
    out: Out,
    to: To,
    read_as: From = Encoding.SNARKJS,
    curve: OfCurve = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Convert a proof; its points must be in their groups, and nothing more is checked (verify does)."""
    output.use_json(as_json)
    check_targets([out], force=force)
    with naming(file):
        proof = _read_proof(source(file), read_as, curve)
        data = _proof_bytes(proof, to)
    _write(out, data, force)
    if as_json:
        output.result_json({"curve": proof.curve, "files": {"proof": str(out)}, "file_bytes": len(data)})


@app.command("vk")
def convert_verifying_key(
    file: In,
    out: Out,
    to: To,
    read_as: From = Encoding.SNARKJS,
    curve: OfCurve = None,
    from_ceremony: FromCeremony = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Convert a verifying key, or that of a .zkey, with all its checks.

    Only snarkjs's JSON can say that it is a development key.
    """
    output.use_json(as_json)
    check_targets([out], force=force)
    if from_ceremony and read_as == Encoding.SNARKJS:
        raise typer.BadParameter("--from-ceremony is for --from arkworks and gnark: other files say what they are")
    with naming(file):
        key, proving_key = _read_key(source(file), read_as, curve, from_ceremony)
        data = _key_bytes(key, proving_key, to)
    if key.development and to != Encoding.SNARKJS:
        output.warn(f"a development key: {out} cannot say so, and whoever made the key can forge proofs")
    _write(out, data, force)
    if as_json:
        output.result_json(
            {
                "curve": key.curve,
                "num_public": key.num_public,
                "development": key.development,
                "files": {"verification_key": str(out)},
                "file_bytes": len(data),
            }
        )


def _read_proof(data: Path | bytes, read_as: Encoding, curve: str | None) -> Proof:
    from .. import formats

    if read_as == Encoding.SNARKJS:
        _must_be(data, Kind.PROOF)
        proof = formats.read_proof(data)
        _check_curve(proof.curve, curve)
        return proof
    read = formats.read_arkworks_proof if read_as == Encoding.ARKWORKS else formats.read_gnark_proof
    return read(data, curve or "bn254")


def _proof_bytes(proof: Proof, to: Encoding) -> bytes:
    from .. import formats

    if to == Encoding.SNARKJS:
        return formats.proof_to_json(proof).encode()
    return formats.proof_to_arkworks(proof) if to == Encoding.ARKWORKS else formats.proof_to_gnark(proof)


def _read_key(
    data: Path | bytes, read_as: Encoding, curve: str | None, from_ceremony: bool
) -> tuple[VerifyingKey, ProvingKey | None]:
    """The key, and the proving key that it was taken out of."""
    from .. import formats

    if read_as == Encoding.SNARKJS:
        proving_key = None
        if _must_be(data, Kind.VERIFICATION_KEY, Kind.ZKEY) == Kind.ZKEY:
            proving_key = formats.read_zkey(data)
            key = proving_key.verifying_key
        else:
            key = formats.read_verifying_key(data)
        _check_curve(key.curve, curve)
        return key, proving_key
    read = formats.read_arkworks_verifying_key if read_as == Encoding.ARKWORKS else formats.read_gnark_verifying_key
    return read(data, curve or "bn254", development=not from_ceremony), None


def _key_bytes(key: VerifyingKey, proving_key: ProvingKey | None, to: Encoding) -> bytes:
    """gnark's keys have two points more, which only a proving key holds."""
    from .. import formats

    if to == Encoding.SNARKJS:
        return formats.verifying_key_to_json(key).encode()
    if to == Encoding.ARKWORKS:
        return formats.verifying_key_to_arkworks(key)
    if proving_key is None:
        return formats.verifying_key_to_gnark(key)
    return formats.verifying_key_to_gnark(key, beta_g1=proving_key.beta_g1, delta_g1=proving_key.delta_g1)


def _must_be(data: Path | bytes, *kinds: Kind) -> Kind:
    """The kind of a file that is read as snarkjs's; the bytes of the others have no mark to be known by."""
    kind = kind_of(data)
    if kind not in kinds:
        names = " or ".join(kind.value for kind in kinds)
        raise CommandError(
            ExitCode.INPUT,
            f"{data if isinstance(data, Path) else '<stdin>'}: not a {names}; what arkworks or gnark wrote is read "
            "with --from arkworks or --from gnark",
        )
    return kind


def _check_curve(found: str, wanted: str | None) -> None:
    if wanted not in (None, found):
        raise CommandError(ExitCode.USAGE, f"--curve {wanted}: the file is over {found}")


def _write(out: Path, data: bytes, force: bool) -> None:
    from ..formats import write_bytes

    write_together([(out, lambda path: write_bytes(path, data, overwrite=force))])
    output.note(f"wrote {out}")
