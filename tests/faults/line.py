"""A line that loses, delays and reorders packets, between two network namespaces of the test's own."""

import ctypes
import fcntl
import heapq
import os
import random
import select
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import needs

HALL, PARK = "192.0.2.1", "192.0.2.2"
"""From the range for documentation; they exist in the two namespaces alone."""
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI, _CLONE_NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000
LARGEST_PACKET = 2048


def able() -> None:
    """Skip, and say plainly why, where no such line can be made."""
    if os.geteuid() != 0 or shutil.which("ip") is None or not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        pytest.skip("a lossy line was not tested: that needs root, iproute2 and /dev/net/tun")


def _ip(*words: str) -> None:
    subprocess.run([needs("ip"), *words], check=True, capture_output=True, text=True)


class Line:
    """What the line does to each packet, either way; may be changed at any time."""

    def __init__(self, *, loss: float, delay_s: tuple[float, float], seed: int = 1) -> None:
        name = f"paihao-{os.getpid()}"
        self.hall, self.park = f"{name}-hall", f"{name}-park"
        self.loss, self.delay_s, self.cut = loss, delay_s, False
        self._random = random.Random(seed)
        self._ready, self._over = threading.Event(), threading.Event()
        self.carried = self.lost = 0

    def inside(self, namespace: str) -> tuple[str, ...]:
        """What a command is run with to be at one end."""
        return ("ip", "netns", "exec", namespace)

    @contextmanager
    def up(self) -> Iterator["Line"]:
        """While the block runs."""
        ends = {self.hall: HALL, self.park: PARK}
        for namespace in ends:
            _ip("netns", "add", namespace)
        pump = threading.Thread(target=self._pump, name="lossy-line")
        try:
            pump.start()
            assert self._ready.wait(5)
            for namespace, address in ends.items():
                _ip("-n", namespace, "link", "set", "lo", "up")
                _ip("-n", namespace, "address", "add", f"{address}/30", "dev", "line")
                _ip("-n", namespace, "link", "set", "line", "up")
            yield self
        finally:
            self._over.set()
            pump.join(5)
            for namespace in ends:
                _ip("netns", "delete", namespace)

    def _pump(self) -> None:
        # Namespaces belong to threads: this one goes to each end to open it, and stays.
        ends = [_end(self.hall), _end(self.park)]
        self._ready.set()
        waiting: list[tuple[float, int, int, bytes]] = []
        number = 0
        while not self._over.is_set():
            pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 0.05
            for end in select.select(ends, [], [], min(pause, 0.05))[0]:
                packet = os.read(end, LARGEST_PACKET)
                if self.cut or self._random.random() < self.loss:
                    self.lost += 1
                    continue
                number += 1
                due = time.monotonic() + self._random.uniform(*self.delay_s)
                heapq.heappush(waiting, (due, number, ends[1 - ends.index(end)], packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, other, packet = heapq.heappop(waiting)
                os.write(other, packet)
                self.carried += 1
        for end in ends:
            os.close(end)


def _end(namespace: str) -> int:
    with Path(f"/run/netns/{namespace}").open() as there:
        if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    end = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", b"line", _IFF_TUN | _IFF_NO_PI))
    return end
