"""A hang-up signal brings a running program its file as it is now: what is hot in it is taken over."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from hall_protocol.device import DeviceLink
from hall_protocol.device_file import DeviceFileError, FileT

log = structlog.get_logger()

Reread = Callable[[], FileT]


@contextmanager
def rereading(reread: Reread[FileT] | None, take: Callable[[FileT], None], link: DeviceLink) -> Iterator[None]:
    """While the block lasts, `take` the file after every hang-up, and tell the hall its generation.

    A file that cannot be used is logged and changes nothing; whoever waits for its generation will not hear of it.
    """
    if reread is None:
        yield
        return

    def hung_up() -> None:
        try:
            file = reread()
            take(file)
        except DeviceFileError as error:
            log.error("file_not_taken", reason=str(error))
            return
        link.generation = file.generation
        link.say_state()
        log.info("file_taken", generation=file.generation)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
