"""One suite against both brokers: what the hall needs of a broker, and its topic rights tried to be broken."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import aiomqtt
import pytest

from command_line.stage import Stage, broker, lay_out
from hall_protocol.topics import Role
from hall_server.adapters.broker_files import (
    mosquitto_configuration,
    mosquitto_passwords,
    mosquitto_rights,
    users,
)  # fmt: skip
from hall_server.adapters.broker_process import port_is_busy
from hall_server.adapters.secrets_file import HALL_USER
from hall_server.main import run_hall
from tests.conftest import needs
from tests.wire import Device


@pytest.fixture(params=["nats", "mosquitto"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """A laid-out hall with its broker running."""
    laid = lay_out(tmp_path / "hall")
    async with AsyncExitStack() as stack:
        if request.param == "nats":
            await stack.enter_async_context(broker(laid))
        else:
            stack.callback(start_mosquitto(laid))
        yield laid


def start_mosquitto(stage: Stage) -> Callable[[], None]:
    """Run Debian's Mosquitto with the generated files; returns what stops it."""
    program, (host, port) = needs("mosquitto"), stage.mqtt
    folder = stage.folder / "mosquitto"
    folder.mkdir(mode=0o700)
    roles = {HALL_USER: Role.HALL, **{device.id: device.role for device in stage.loaded.file.devices}}
    (folder / "passwords").write_text(mosquitto_passwords(stage.loaded.secrets.devices))
    (folder / "rights").write_text(mosquitto_rights(users(stage.topics, roles)))
    # As root Mosquitto would change to a user who cannot read a private folder.
    (folder / "mosquitto.conf").write_text("user root\n" + mosquitto_configuration(host=host, port=port, folder=folder))
    log = (folder / "log").open("wb")
    process = subprocess.Popen([program, "-c", str(folder / "mosquitto.conf")], stdout=log, stderr=log)
    for _ in range(200):
        if port_is_busy(host, port):
            break
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.02)

    def stop() -> None:
        process.terminate()
        process.wait(5)
        log.close()

    return stop


def device(stage: Stage, name: str) -> Device:
    host, port = stage.mqtt
    return Device(host, port, stage.topics.root, name, name, stage.loaded.secrets.devices[name])


async def test_a_hall_serves_over_it(stage: Stage) -> None:
    async with run_hall(stage.loaded) as hall:
        await asyncio.wait_for(hall.wire.session.linked.wait(), 5)
        async with (
            device(stage, "dispenser-1").connected() as dispenser,
            device(stage, "terminal-4").connected("queues") as terminal,
        ):
            taken = await dispenser.accepted("issue", {"service_id": "id-card-renewal"})
            signed = {"staff_id": "s04", "pin": stage.pins["s04"], "window": "4"}
            session = (await terminal.accepted("sign_in", signed))["session"]
            await terminal.accepted("open_window", {"session": session})
            assert (await terminal.accepted("call_next", {"session": session}))["label"] == taken["label"]
            # Retained pictures reach whoever comes later.
            async with device(stage, "display-2").connected("window/4", "hall/state", "catalogue", "progress") as late:
                await late.hears("window/4", lambda view: view["label"] == taken["label"])
                await late.hears("hall/state", lambda state: state["state"] == "online")
                await late.hears("catalogue", lambda catalogue: len(catalogue["services"]) == 49)
            large = {"v": 1, "id": "a-large-order", "type": "issue", "body": {"service_id": "x" * 1_000_000}}
            await dispenser.send(json.dumps(large).encode())
            refusal = await dispenser.hears("device/dispenser-1/reply", lambda reply: reply["id"] == "a-large-order")
            assert refusal["code"] == "too_large"


async def test_the_last_will_speaks_for_a_hall_that_died(stage: Stage) -> None:
    async with device(stage, "display-2").connected("hall/state") as display:
        host, port = stage.mqtt
        hall = aiomqtt.Client(
            host,
            port,
            username=HALL_USER,
            password=stage.loaded.secrets.devices[HALL_USER],
            identifier="dying-hall",
            will=aiomqtt.Will(stage.topics.hall_state, b'{"state":"offline"}', qos=1, retain=True),
        )
        await hall.__aenter__()
        await hall.publish(stage.topics.hall_state, b'{"state":"online"}', qos=1, retain=True)
        await display.hears("hall/state", lambda state: state["state"] == "online")
        hall._client._sock.close()  # type: ignore[union-attr]  # the cable is pulled
        await display.hears("hall/state", lambda state: state["state"] == "offline")
        with suppress(aiomqtt.MqttError, OSError, ValueError):
            await hall.__aexit__(None, None, None)


FORBIDDEN_TO_WRITE = [
    ("dispenser-1", "device/dispenser-2/command"),
    ("dispenser-1", "device/dispenser-1/reply"),
    ("dispenser-1", "device/dispenser-1/desired"),
    ("dispenser-1", "progress"),
    ("dispenser-1", "hall/state"),
    ("display-2", "window/1"),
    ("display-2", "device/display-2/command"),
    ("terminal-1", "queues"),
    ("terminal-1", "catalogue"),
    ("online", "board"),
    ("replica", "journal"),
]


@pytest.mark.parametrize(("who", "topic"), FORBIDDEN_TO_WRITE, ids=[f"{w}-{t}" for w, t in FORBIDDEN_TO_WRITE])
async def test_nobody_writes_what_is_not_theirs(stage: Stage, who: str, topic: str) -> None:
    async with device(stage, HALL_USER).connected("#") as hall:
        async with device(stage, who).connected() as intruder:
            with suppress(aiomqtt.MqttError):
                await intruder.client.publish(f"{intruder.root}/{topic}", b'{"forged":true}', qos=1, retain=True)
            # What it may write arrives, so the silence before it means something.
            with suppress(aiomqtt.MqttError):
                await intruder.client.publish(f"{intruder.root}/device/{who}/state", b'{"state":"here"}', qos=1)
        with suppress(TimeoutError):
            await hall.hears(f"device/{who}/state", lambda _message: True, within_s=2)
        assert not any(b"forged" in payload for _, payload in hall.heard)


FORBIDDEN_TO_READ = [
    ("dispenser-1", "queues"),
    ("dispenser-1", "device/+/command"),
    ("dispenser-1", "device/dispenser-2/reply"),
    ("dispenser-1", "#"),
    ("display-2", "queues"),
    ("display-2", "device/terminal-1/reply"),
    ("terminal-1", "device/+/reply"),
    ("terminal-1", "journal"),
    ("online", "queues"),
    ("online", "journal"),
    ("replica", "device/#"),
]


@pytest.mark.parametrize(("who", "topic"), FORBIDDEN_TO_READ, ids=[f"{w}-{t}" for w, t in FORBIDDEN_TO_READ])
async def test_nobody_reads_what_is_not_for_them(stage: Stage, who: str, topic: str) -> None:
    secrets = {
        "queues": "queues",
        "journal": "journal",
        "device/+/command": "device/terminal-1/command",
        "device/+/reply": "device/terminal-2/reply",
        "device/#": "device/terminal-2/reply",
        "#": "device/terminal-2/reply",
    }
    async with device(stage, HALL_USER).connected() as hall, device(stage, who).connected() as spy:
        with suppress(aiomqtt.MqttError):
            await spy.client.subscribe(f"{spy.root}/{topic}", qos=1)
        await hall.client.publish(f"{hall.root}/{secrets.get(topic, topic)}", b'{"secret":1}', qos=1)
        await hall.client.publish(f"{hall.root}/hall/state", b'{"state":"online"}', qos=1)
        await asyncio.sleep(0.3)
        assert not any(b"secret" in payload for _, payload in spy.heard)


async def test_wrong_passwords_and_strangers_stay_out(stage: Stage) -> None:
    host, port = stage.mqtt
    for username, password in (("dispenser-1", "wrong"), ("stranger", "x"), (None, None)):
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client(host, port, username=username, password=password, timeout=3):
                pass
