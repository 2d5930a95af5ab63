"""Give back what is free: the C library keeps it for later, and it counts as this process's all the while."""

from __future__ import annotations

import ctypes
import sys
from functools import lru_cache


def give_back() -> None:
    """Give the memory that was freed back to the system; does nothing where the C library is not glibc.

    Arrays of up to 32 MB lie between others that are still used, in pages that glibc keeps until `malloc_trim` (3).
    """
    if sys.platform == "linux" and hasattr(_library(), "malloc_trim"):
        _library().malloc_trim(0)


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
