"""The extension that cffi makes from ``native/include/zkrelay.h``; only ``zkrelay.kernel.native`` imports it."""

from typing import Any

ffi: Any
lib: Any
