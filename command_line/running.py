"""What the commands share: running until told to stop, and failing with a sentence."""

import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

FILE = click.Path(path_type=Path)
DEVICE_FOLDER = click.option(
    "--folder",
    type=FILE,
    default=Path("/var/lib/paihao/device"),
    show_default=True,
    help="All of a device: identity, config, data.",
)
GC_THRESHOLD = 10_000
"""New objects before the collector looks: a busy second's worth instead of a few orders'."""


def fail(sentence: str, code: int = 1) -> NoReturn:
    """One clear sentence and an exit code: 1 failed, 2 wrong use or configuration."""
    click.echo(sentence, err=True)
    sys.exit(code)


@contextmanager
def sentences(*failures: type[Exception], wrong: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn expected failures into a sentence; `wrong` ones are wrong use or configuration."""
    try:
        yield
    except BaseExceptionGroup as group:
        # A failure inside a task group arrives wrapped.
        known, rest = group.split((*failures, *wrong))
        if rest is not None or known is None:
            raise
        first: BaseException = known
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        fail(str(first), 2 if isinstance(first, wrong) else 1)
    except wrong as error:
        fail(str(error), 2)
    except failures as error:
        fail(str(error))


def until_stopped(program: Coroutine[Any, Any, None]) -> None:
    """Run a program until it ends, or until Ctrl-C or SIGTERM cancel it."""

    async def run() -> None:
        # What is loaded stays: the collector need not look at it again and again in the middle of an order.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD, 20, 50)
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(program, name="program")
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise

    asyncio.run(run())
    sys.stdout.flush()


async def forever() -> None:
    """Until cancelled."""
    await asyncio.Event().wait()
