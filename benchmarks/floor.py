"""The floor under every latency: what the same broker, disk and network cost with no hall in between.

The far end is a process of its own, as the hall is: `python -m benchmarks.floor HOST PORT USER PASSWORD IN OUT FILE`
takes a message, makes one durable commit, and sends the message back.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from hall_protocol.session import BrokerAddress
from hall_server.journal.store import connect


def client(address: BrokerAddress, name: str, topic: str, on_message: Callable[[bytes], None]) -> mqtt.Client:
    """A bare MQTT client with a thread of its own, subscribed at QoS 1."""
    made = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name)
    made.username_pw_set(address.username, address.password)
    ready = threading.Event()

    def subscribed(*_: Any) -> None:
        ready.set()

    def opened(_client: Any, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def received(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        on_message(bytes(message.payload))

    def connected(*_: Any) -> None:
        made.subscribe(topic, qos=1)

    made.on_connect, made.on_subscribe = connected, subscribed
    made.on_socket_open, made.on_message = opened, received
    made.connect(address.host, address.port)
    made.loop_start()
    if not ready.wait(10):
        raise TimeoutError("the broker does not answer")
    return made


class Commits:
    """Durable commits as the journal makes them."""

    def __init__(self, path: Path) -> None:
        self._db = connect(path)
        self._db.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, data BLOB)")

    def commit(self, data: bytes) -> None:
        """One row, on the disk when this returns."""
        self._db.execute("INSERT INTO row (data) VALUES (?)", (data,))


class Spooled:
    """Durable writes as the spool makes them: aside, synced, renamed."""

    def __init__(self, folder: Path) -> None:
        self._path, self._aside = folder / "floor-spool", folder / "floor-spool.new"
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    def commit(self, data: bytes) -> None:
        """One document, on the disk when this returns."""
        file = os.open(self._aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(file, data)
        os.fsync(file)
        os.close(file)
        self._aside.replace(self._path)
        os.fsync(self._folder)


def far_end(address: BrokerAddress, in_topic: str, out_topic: str, file: Path) -> None:
    """Commit and answer every message until killed."""
    opened: list[Commits] = []

    def answer(payload: bytes) -> None:
        if not opened:
            opened.append(Commits(file))  # SQLite wants the thread that uses it
        opened[0].commit(payload)
        made.publish(out_topic, payload, qos=1)

    made = client(address, "floor-far", in_topic, answer)
    while True:
        time.sleep(60)


def measure(
    near: BrokerAddress, out_topic: str, in_topic: str, folder: Path, count: int, a_second: float, *, paper: bool
) -> list[float]:
    """Seconds for: (spool commit) → QoS 1 hop → journal commit → QoS 1 hop (→ TCP write), each so often."""
    back = threading.Event()
    made = client(near, "floor-near", in_topic, lambda _payload: back.set())
    spool, payload, seconds = Spooled(folder), b"x" * 300, []
    listening = socket.create_server(("127.0.0.1", 0))
    printer = socket.create_connection(listening.getsockname())
    printer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    accepted, _ = listening.accept()
    while not back.wait(0.2):
        made.publish(out_topic, payload, qos=1)  # until the far end has come up
    time.sleep(0.5)  # and its answers to all of these are in
    began = time.perf_counter()
    for number in range(count):
        time.sleep(max(0.0, began + number / a_second - time.perf_counter()))
        back.clear()
        start = time.perf_counter()
        if paper:
            spool.commit(payload)
        made.publish(out_topic, payload, qos=1)
        if not back.wait(10):
            raise TimeoutError("the floor's far end does not answer")
        if paper:
            printer.sendall(b"y" * 250)
            accepted.recv(4096)
        seconds.append(time.perf_counter() - start)
    for sock in (printer, accepted, listening):
        sock.close()
    made.loop_stop()
    made.disconnect()
    return seconds


if __name__ == "__main__":
    host, port, user, password, topic_in, topic_out, path = sys.argv[1:]
    far_end(BrokerAddress(host, int(port), user, password), topic_in, topic_out, Path(path))
