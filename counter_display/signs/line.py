"""Signs on one RS-485 line: messages one after the other, each repeated until its sign has taken it."""

import os
import select
import termios
import time
import tty
from collections.abc import Mapping
from pathlib import Path

import structlog

from counter_display.signs.port import SignProtocol

log = structlog.get_logger()

TRIES = 3
ANSWERS_WITHIN_S = 0.15
LONGEST_ANSWER = 8
BAUD = {2400: termios.B2400, 9600: termios.B9600, 19200: termios.B19200, 38400: termios.B38400, 115200: termios.B115200}


class SignLine:
    """Shows text on signs by screen name. Blocking for some tens of milliseconds a message; used on a thread.

    Args:
        path: the line's device file.
        baud: its speed.
        addresses: each screen's sign.
        protocol: what the signs speak.
        answers: False for signs that never answer.
    """

    def __init__(
        self, path: Path, baud: int, addresses: Mapping[str, int], protocol: SignProtocol, *, answers: bool = True
    ) -> None:
        self._path, self._baud, self._answers = path, baud, answers
        self._addresses, self._protocol = addresses, protocol
        self._line: int | None = None

    def say(self, screen: str, text: str, *, new: bool) -> bool:
        """Show a line on a screen's sign. False if the sign has not taken it."""
        address = self._addresses[screen]
        message = self._protocol.message(address, text, new=new)
        for _ in range(TRIES):
            try:
                if self._sent(address, message):
                    return True
            except OSError as error:
                log.warning("sign_line", path=str(self._path), reason=str(error))
                self.close()
        log.warning("sign_silent", screen=screen, address=address)
        return False

    def _sent(self, address: int, message: bytes) -> bool:
        line = self._open()
        termios.tcflush(line, termios.TCIFLUSH)
        os.write(line, message)
        if not self._answers:
            termios.tcdrain(line)
            return True
        answer, until = b"", time.monotonic() + ANSWERS_WITHIN_S + len(message) * 10 / self._baud
        while len(answer) < LONGEST_ANSWER and (left := until - time.monotonic()) > 0:
            if select.select([line], [], [], left)[0]:
                answer += os.read(line, LONGEST_ANSWER)
                if self._protocol.accepted(address, answer):
                    return True
        return False

    def _open(self) -> int:
        if self._line is None:
            line = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            tty.setraw(line)
            settings = termios.tcgetattr(line)
            settings[2] |= termios.CLOCAL | termios.CREAD
            settings[4] = settings[5] = BAUD[self._baud]
            termios.tcsetattr(line, termios.TCSANOW, settings)
            self._line = line
        return self._line

    def close(self) -> None:
        """Close the line; the next message opens it again."""
        if self._line is not None:
            os.close(self._line)
            self._line = None
