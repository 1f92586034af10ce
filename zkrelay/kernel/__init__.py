"""Who does the arithmetic.  ``current()`` is chosen once by CPU features, or forced with ``ZKRELAY_KERNEL=name``.

Names: the C kernels that this build holds (``x86_ifma``, ``x86_adx``, ``portable``), and ``reference`` (Python
integers: slow, for tests).
An unknown or unsupported name raises ``KernelUnavailable``; there is no silent fallback.
"""

from __future__ import annotations

import functools
import os
import threading

from ..errors import KernelUnavailable
from .interface import (
    MAX_FACTOR,
    Buffer,
    EddsaParameters,
    Groth16Key,
    Groth16Tables,
    Kernel,
    Matrix,
    PreparedEddsa,
    PreparedEddsaKey,
    PreparedProgram,
    PreparedProver,
    PreparedSystem,
    SignatureVerdict,
    Verdict,
)

_lock = threading.Lock()


@functools.cache
def get(name: str) -> Kernel:
    """The kernel called ``name``; raises ``KernelUnavailable`` when unknown or unsupported by this CPU."""
    if name == "reference":
        from .reference import ReferenceKernel

        return ReferenceKernel()
    from .native import NativeKernel

    return NativeKernel(name)


def available() -> list[str]:
    """Names of the kernels that this machine can run, fastest first, ``reference`` last."""
    from .native import supported_kernels

    return [*supported_kernels(), "reference"]


def emulated() -> list[str]:
    """Names of the kernels that this build emulates, slowly and for tests: none, unless it was built for that."""
    from .native import emulated_kernels

    return emulated_kernels()


def requirements() -> dict[str, dict[str, bool]]:
    """For every C kernel of this build: the CPU features that it needs, and whether this CPU has them."""
    from .native import requirements

    return requirements()


@functools.cache
def _chosen() -> Kernel:
    forced = os.environ.get("ZKRELAY_KERNEL")
    if forced == "reference":
        return get(forced)
    if forced is not None:
        if forced not in available():
            raise KernelUnavailable(
                f"ZKRELAY_KERNEL={forced!r}: this machine can run {', '.join(available())}; "
                "unset the variable to choose by CPU"
            )
        return get(forced)
    return get(available()[0])


def current() -> Kernel:
    """The kernel in use."""
    with _lock:
        return _chosen()


def label() -> str:
    """The kernel in use, as a measurement must name it: one that is emulated says so."""
    name = current().name
    return f"{name} (emulated)" if name != "reference" and name in emulated() else name


__all__ = [
    "MAX_FACTOR",
    "Buffer",
    "EddsaParameters",
    "Groth16Key",
    "Groth16Tables",
    "Kernel",
    "Matrix",
    "PreparedEddsa",
    "PreparedEddsaKey",
    "PreparedProgram",
    "PreparedProver",
    "PreparedSystem",
    "SignatureVerdict",
    "Verdict",
    "available",
    "current",
    "emulated",
    "get",
    "label",
    "requirements",
]
