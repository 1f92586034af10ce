"""``zkrelay info``: what is in a file, and which kernel does the arithmetic."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from . import output
from .errors import naming
from .files import source
from .options import Json


def show_file(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help="Any file that zkrelay reads: .r1cs .sym .wtns .zkey .ptau .zkwp .zktb .zkdl .wasm, JSON and the "
            "relay's records; - is stdin.",
        ),
    ] = None,
    kernel: Annotated[
        bool, typer.Option("--kernel", help="Which kernel is in use, why, and which others there are.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Describe a file of any kind, or the kernel.

    Files are recognised by their content. Values of witnesses, inputs and records are never shown.
    """
    output.use_json(as_json)
    if (file is None) == (not kernel):
        raise typer.BadParameter("expected a FILE, or --kernel")
    facts = _kernel_facts() if file is None else _file_facts(file)
    if as_json:
        output.result_json(facts)
    else:
        output.result(
            output.table({_label(name): _text(value) for name, value in facts.items() if value not in (None, {}, [])})
        )


def _file_facts(file: str) -> dict[str, Any]:
    from .describe import describe

    with naming(file):
        return describe(source(file), file)


def _kernel_facts() -> dict[str, Any]:
    """The kernel in use, why it and not another, and what this CPU lacks for the kernels that it cannot run."""
    from ..kernel import available, current, emulated, requirements

    kernel = current().name
    needs = requirements()
    found = {feature: has for features in needs.values() for feature, has in features.items()}
    forced = os.environ.get("ZKRELAY_KERNEL")
    lacking = {name: [f for f, has in features.items() if not has] for name, features in needs.items()}
    return {
        "kernel": kernel,
        "reason": f"ZKRELAY_KERNEL={forced}" if forced else "the fastest that this CPU can run",
        "others": [name for name in available() if name != kernel],
        "cpu_features": [feature for feature, has in found.items() if has],
        "emulated_for_tests": emulated(),
        "cpu_lacks": {name: features for name, features in lacking.items() if features},
    }


def _label(name: str) -> str:
    return name.removeprefix("num_").replace("_", " ")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return output.number(value)
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_listed(item)}" for name, item in value.items())
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else _text(value)
