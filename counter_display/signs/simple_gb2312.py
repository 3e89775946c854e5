"""A simple protocol for text signs on RS-485: one frame a message, GB 2312 text, an answer of three bytes.

    to the sign     02  address  command  length  text…  check  03
    from the sign   06 (taken) or 15 (not understood)  address  03

All numbers are hexadecimal bytes. `command` is 41 to show a line, 42 to show it blinking slowly; `length` counts the
text's bytes (at most C8); `check` is the exclusive-or of everything from the address to the text. Addresses
are 01 to FA; FF is every sign, which none answers. Characters that GB 2312 lacks are sent as a square.
"""

from functools import reduce
from operator import xor
from typing import NamedTuple

STX, ETX, ACK, NAK = 0x02, 0x03, 0x06, 0x15
STEADY, BLINKING = 0x41, 0x42
LONGEST = 200
EVERYBODY = 255
SQUARE = "□".encode("gb2312")


class Frame(NamedTuple):
    """What a sign has been told."""

    address: int
    text: str
    new: bool


class SimpleGb2312:
    """The protocol."""

    def message(self, address: int, text: str, *, new: bool) -> bytes:
        """The bytes that make the sign at an address show a line."""
        said = _encoded(text)
        body = bytes((address, BLINKING if new else STEADY, len(said))) + said
        return bytes((STX,)) + body + bytes((reduce(xor, body), ETX))

    def accepted(self, address: int, answer: bytes) -> bool:
        """Whether the sign has taken the message."""
        return answer == bytes((ACK, address, ETX))


def _encoded(text: str) -> bytes:
    """GB 2312, cut between characters."""
    out = b""
    for character in text:
        try:
            one = character.encode("gb2312")
        except UnicodeEncodeError:
            one = SQUARE
        if len(out) + len(one) > LONGEST:
            break
        out += one
    return out


def read_frames(data: bytes) -> tuple[list[Frame | None], bytes]:
    """What a sign makes of bytes on the line: frames (None for a broken one), and what may be the beginning of one."""
    frames: list[Frame | None] = []
    while (start := data.find(bytes((STX,)))) >= 0:
        data = data[start:]
        whole = 4 + data[3] + 2 if len(data) > 3 else len(data) + 1
        if len(data) < whole:
            return frames, data
        body, check, end = data[1 : whole - 2], data[whole - 2], data[whole - 1]
        if end == ETX and check == reduce(xor, body):
            text = body[3:].decode("gb2312", "replace")
            frames.append(Frame(body[0], text, body[1] == BLINKING))
            data = data[whole:]
        else:
            frames.append(None)
            data = data[1:]
    return frames, b""
