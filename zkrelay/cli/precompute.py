"""``zkrelay precompute``: multiples of a proving key's points, for a node that proves with it all day."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .errors import naming
from .files import check_targets, write_together
from .options import Force, Json, Threads, usable_cpus
from .tables import beside

DEFAULT_FACTOR = 5
MAX_FACTOR = 32  # ZKR_MAX_FACTOR of native/include/zkrelay.h


def precompute_tables(
    key_file: Annotated[Path, typer.Argument(metavar="KEY.zkey", help="The proving key, ours or snarkjs's.")],
    factor: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=2,
            max=MAX_FACTOR,
            show_default=str(DEFAULT_FACTOR),
            help="Pieces that scalars are cut into: N - 1 multiples of each point.",
        ),
    ] = None,
    max_bytes: Annotated[
        int | None,
        typer.Option(metavar="BYTES", min=1, help="The best factor whose tables take no more; instead of --factor."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.zktb", help="The tables; by default KEY.zktb beside the key."),
    ] = None,
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Precompute multiples of a key's points: prove with it faster, for memory and disk.

    A file KEY.zktb beside KEY.zkey is used by prove and bench prove from then on. Every point of the key is checked.
    """
    output.use_json(as_json)
    if factor is not None and max_bytes is not None:
        raise typer.BadParameter("--factor and --max-bytes say the same thing: give one of them")
    threads = threads or usable_cpus()
    path = out if out is not None else beside(key_file)
    if path == key_file:
        raise typer.BadParameter("the tables need a name of their own")
    from ..formats import read_zkey, write_zktb
    from ..groth16 import precompute
    from ..groth16.tables import best_factor

    check_targets([path], force=force)
    with naming(key_file):
        key = read_zkey(key_file, check_points=True, threads=threads)
        chosen = factor or (DEFAULT_FACTOR if max_bytes is None else best_factor(key, max_bytes))
    start = time.perf_counter()
    with output.progress("precompute") as progress:
        tables = precompute(key, chosen, threads=threads, progress=progress)
    seconds = time.perf_counter() - start
    write_together([(path, lambda path: write_zktb(path, tables, overwrite=force))])

    num_bytes = path.stat().st_size
    output.note(
        f"{output.plural(chosen - 1, 'multiple')} of each point: {output.size(num_bytes)} beside a key of "
        f"{output.size(key_file.stat().st_size)}, in {output.duration(seconds)}"
    )
    output.note(f"wrote {path}")
    if as_json:
        output.result_json(
            {
                "factor": chosen,
                "key_digest": tables.key_digest,
                "files": {"zktb": str(path)},
                "file_bytes": num_bytes,
                "key_bytes": key_file.stat().st_size,
                "threads": threads,
                "seconds": round(seconds, 4),
            }
        )
