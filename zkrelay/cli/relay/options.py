"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def number(value: str | int) -> int:
    """A decimal number, or a hexadecimal one after 0x, below 2^256; typer hands over defaults too."""
    text = str(value)
    digits = text[2:] if (is_hex := text.startswith("0x")) else text
    allowed = "0123456789abcdefABCDEF" if is_hex else "0123456789"
    if not digits or len(digits) > 78 or any(digit not in allowed for digit in digits):
        raise typer.BadParameter(f"{text!r} is no decimal number, and no hexadecimal one after 0x")
    parsed = int(digits, 16 if is_hex else 10)
    if parsed >> 256:
        raise typer.BadParameter("the number is not below 2^256")
    return parsed


MAX_EPOCH = (1 << 32) - 1
Ledger = Annotated[
    Path, typer.Argument(metavar="LEDGER", help="The ledger's file, from `ledger init`.", show_default=False)
]
DomainFile = Annotated[
    Path, typer.Argument(metavar="DOMAIN", help="A domain's file, or a ledger's.", show_default=False)
]
Epoch = Annotated[
    int | None,
    typer.Option(
        "--epoch",
        metavar="N",
        min=0,
        max=MAX_EPOCH,
        show_default="the clock's",
        help="The present epoch, in place of the clock's; for ledgers that allow development keys.",
    ),
]
NodeKey = Annotated[Path, typer.Option("--node", metavar="NODE.key", help="The node's key file.")]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Where the records go; - is standard output.")
]
