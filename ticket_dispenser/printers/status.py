"""ESC/POS status bytes, after Epson's command reference (DLE EOT n and GS r 1)."""

from ticket_dispenser.printers.port import Trouble

DLE_EOT = tuple(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
"""Real-time questions: printer, offline cause, error cause, paper sensor. One byte comes back for each."""
GS_R = b"\x1dr\x01"
"""Asked in the order of printing: its answer proves that everything before it was worked through."""
FIXED = 0b0001_0010
"""Bits that are always set in a real-time answer (bits 0 and 7 never are)."""


def is_status(byte: int) -> bool:
    """Whether a byte is a real-time answer."""
    return byte & 0b1001_0011 == FIXED


def trouble(printer: int, offline: int, error: int, paper: int) -> Trouble | None:
    """What keeps the printer from printing, by its four answers; None if nothing does."""
    if offline & 0x04:
        return Trouble.COVER_OPEN
    if paper & 0x60 or offline & 0x20:
        return Trouble.PAPER_OUT
    if error & 0x08:
        return Trouble.CUTTER
    if error & 0x64 or offline & 0x40:
        return Trouble.ERROR
    return Trouble.OFFLINE if printer & 0x08 else None


def paper_low(paper: int) -> bool:
    """Whether the roll is near its end."""
    return bool(paper & 0x0C)


def paper_ended(answer: int) -> bool:
    """Whether the paper ended during the job, by the answer to GS r 1."""
    return bool(answer & 0x0C)
