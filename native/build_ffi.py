"""Write the C source of ``zkrelay._native`` from the one header: ``python build_ffi.py out.c``.

The prototypes are the part of ``include/zkrelay.h`` between ``/* cffi: begin */`` and ``/* cffi: end */``; there is no
second copy of them.  CMake runs this at build time; nothing generated is committed.
"""

from __future__ import annotations

import pathlib
import re
import sys

import cffi

HEADER = pathlib.Path(__file__).parent / "include" / "zkrelay.h"


def declarations() -> str:
    """The marked part of the header, as cffi's parser takes it."""
    found = re.search(r"/\* cffi: begin \*/(.*?)/\* cffi: end \*/", HEADER.read_text(encoding="utf-8"), re.DOTALL)
    if found is None:
        raise SystemExit(f"{HEADER} has no cffi markers")
    return found.group(1)


def main() -> None:
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    ffi.set_source("zkrelay._native", '#include "zkrelay.h"')
    ffi.emit_c_code(sys.argv[1])


if __name__ == "__main__":
    main()
