"""A small footprint on small boards; to be called before anything large is imported.

Measured on x86-64 with Python 3.11: the hall server holds 121 MB without this and the display 59 MB; figures with it
are what `paihao bench memory` prints.
"""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8


def keep_small() -> None:
    """Ask the C library to hand memory back, and keep structlog from loading rich.

    glibc raises its mmap threshold after the first large block is freed (an image, argon2's 19 MiB), keeps such
    blocks from then on, and makes an arena for each thread; fixed settings stop all three. structlog imports rich
    (7 MB) for coloured tracebacks that these programs never print.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            libc.mallopt(_M_MMAP_THRESHOLD, 128 * 1024)
            libc.mallopt(_M_ARENA_MAX, 1)
    if "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # how Python spells "not installed"
        import structlog  # noqa: F401  for its effect on sys.modules

        del sys.modules["rich"]
