"""Ways to a printer: a network port, a USB printer's device file, a serial line."""

import asyncio
import os
import socket
import stat
import termios
import tty
from pathlib import Path

from ticket_dispenser.printers.stream import Connect, Streams

BITS_A_BYTE = 10
"""On a serial line: a start bit, eight of data, a stop bit."""
BAUD = {
    9600: termios.B9600,
    19200: termios.B19200,
    38400: termios.B38400,
    57600: termios.B57600,
    115200: termios.B115200,
}


def network(host: str, port: int) -> Connect:
    """TCP, usually port 9100."""

    async def connect() -> Streams:
        reader, writer = await asyncio.open_connection(host, port)
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return reader, writer

    return connect


def device_file(path: Path, baud: int | None = None) -> Connect:
    """A device file: `/dev/usb/lp0` (the kernel's usblp), or with `baud` a serial line such as `/dev/ttyUSB0`."""

    async def connect() -> Streams:
        opened = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            if not stat.S_ISCHR(os.fstat(opened).st_mode):
                raise OSError(f"{path} is no device")
            if baud is not None:
                _set_line(opened, baud)
            second = os.dup(opened)
        except (OSError, termios.error) as error:
            os.close(opened)
            raise OSError(str(error)) from error
        return await _streams(opened, second)

    return connect


def _set_line(line: int, baud: int) -> None:
    """Eight bits, no parity, no translation of any byte; the printer may ask for a pause (RTS/CTS)."""
    tty.setraw(line)
    settings = termios.tcgetattr(line)
    settings[2] |= termios.CLOCAL | termios.CREAD | termios.CRTSCTS
    settings[4] = settings[5] = BAUD[baud]
    termios.tcsetattr(line, termios.TCSANOW, settings)
    # What an earlier job was still answered is not an answer to this one.
    termios.tcflush(line, termios.TCIFLUSH)


async def _streams(reading: int, writing: int) -> Streams:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    read_protocol = asyncio.StreamReaderProtocol(reader)
    read_transport, _ = await loop.connect_read_pipe(lambda: read_protocol, os.fdopen(reading, "rb", buffering=0))
    write_transport, write_protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop), os.fdopen(writing, "wb", buffering=0)
    )
    return reader, _BothWays(write_transport, write_protocol, reader, loop, read_transport)


class _BothWays(asyncio.StreamWriter):
    """A writer whose end closes the reading side too."""

    def __init__(
        self,
        transport: asyncio.WriteTransport,
        protocol: asyncio.streams.FlowControlMixin,
        reader: asyncio.StreamReader,
        loop: asyncio.AbstractEventLoop,
        read_transport: asyncio.ReadTransport,
    ) -> None:
        super().__init__(transport, protocol, reader, loop)
        self._reading = read_transport

    def close(self) -> None:
        self._reading.close()
        super().close()
