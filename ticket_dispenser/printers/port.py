"""What the dispenser asks of a printer, whichever it is."""

from enum import StrEnum
from typing import NamedTuple, Protocol


class Result(StrEnum):
    """What is known about a slip."""

    PRINTED = "printed"
    """The printer said so after it had the whole slip."""
    FAILED = "failed"
    """Nothing was printed, and nothing will be later."""
    UNCERTAIN = "uncertain"
    """The slip was sent and there is no evidence. It is never sent again by itself."""


class PrintReport(NamedTuple):
    """The outcome of one job. `reason` is one of the names in `Trouble`, or empty."""

    result: Result
    reason: str = ""
    paper_low: bool = False


class Trouble(StrEnum):
    """Why nothing was printed."""

    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    ERROR = "error"
    OFFLINE = "offline"
    NO_ANSWER = "no_answer"


class Job(Protocol):
    """A printer that is ready for one slip, or known not to be. Never raises for trouble with the device."""

    @property
    def failed(self) -> Trouble | None:
        """Why nothing can be printed now."""

    async def print(self, slip: bytes) -> PrintReport:
        """Print a slip of ESC/POS bytes; ends the job."""

    def close(self) -> None:
        """There is nothing to print after all."""


class Printer(Protocol):
    """Takes one job at a time."""

    async def ready(self) -> Job:
        """Connect and ask how the printer is: done while the hall decides, so that nobody waits for it."""
