"""A satellite window's morning, at the far end of a line: its dispenser, its screen, its staff. Prints what it saw."""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w

from command_line.stage import answers, programs
from hall_protocol.commands import Body, CallNext, Finish, OpenWindow, SignIn, Start
from hall_protocol.device import DeviceLink
from hall_protocol.messages import Accepted
from hall_protocol.session import BrokerAddress
from hall_protocol.topics import Role

PRESSES, PRESSES_CUT_OFF = 12, 3
SERVICE, WINDOW = "pension-enquiry", "1"


class Satellite:
    """What stands in the park."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, json.loads((folder / "satellite.json").read_text())
        self.cut = folder / "cut"
        self.labels: list[str] = []
        self.seconds: dict[str, list[float]] = {"press": [], "order": [], "screen": []}

    def device(self, name: str, **more: Any) -> Path:
        path = self.folder / f"{name}.toml"
        link = {"hall": "example", "device": name, "host": self.told["host"], "port": self.told["port"]}
        path.write_text(tomli_w.dumps({**link, "password": self.told["passwords"][name], "data": name, **more}))
        return path

    async def press(self) -> dict[str, Any]:
        began = time.monotonic()
        reader, writer = await asyncio.open_unix_connection(str(self.folder / "dispenser-1" / "buttons.sock"))
        writer.write(json.dumps({"service_id": SERVICE}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await reader.readline())
        writer.close()
        assert answer["label"], answer
        self.seconds["press"].append(time.monotonic() - began)
        self.labels.append(answer["label"])
        return answer

    async def order(self, link: DeviceLink, body: Body) -> dict[str, Any]:
        began = time.monotonic()
        reply = await link.request(body, within_s=60)
        assert isinstance(reply, Accepted), reply
        self.seconds["order"].append(time.monotonic() - began)
        return reply.result

    async def serve(self, link: DeviceLink, session: str, count: int) -> list[str]:
        """Call so many, and see each on the screen."""
        called = []
        screen = self.folder / "screens" / f"window-{WINDOW}.png"
        for _ in range(count):
            drawn, began = redrawn(screen), time.monotonic()
            called.append((await self.order(link, CallNext(session)))["label"])
            await until(drawn)
            self.seconds["screen"].append(time.monotonic() - began)
            await self.order(link, Start(session))
            await self.order(link, Finish(session, outcome="accepted"))
        return called


async def morning(folder: Path) -> dict[str, Any]:
    park = Satellite(folder)
    async with programs(folder) as started:
        await answers(park.told["health"], 60)
        buttons = {"kind": "socket"}
        dispenser = park.device("dispenser-1", repeat_guard_s=0.0, printer={"kind": "file"}, buttons=buttons)
        display = park.device("display-1", screens=[{"kind": "window", "window": WINDOW}])
        await started.start("dispenser", "dispenser", "--config", str(dispenser))
        await started.start("display", "display", "--config", str(display))
        link = DeviceLink(
            BrokerAddress(park.told["host"], park.told["port"], "terminal-1", park.told["passwords"]["terminal-1"]),
            "example", "terminal-1", Role.TERMINAL,
        )  # fmt: skip
        session_task = asyncio.create_task(link.session.run())
        await until((folder / "dispenser-1" / "buttons.sock").exists)
        await until((folder / "screens" / f"window-{WINDOW}.png").exists)
        # For numbers to be lent, and the catalogue to come.
        await asyncio.sleep(8)
        for _ in range(PRESSES):
            await park.press()
        session = (await park.order(link, SignIn("s01", park.told["pin"], WINDOW)))["session"]
        await park.order(link, OpenWindow(session))
        called = await park.serve(link, session, PRESSES // 2)

        park.cut.touch()
        cut_off = [await park.press() for _ in range(PRESSES_CUT_OFF)]
        await asyncio.sleep(15)
        park.cut.unlink()
        called += await park.serve(link, session, PRESSES - PRESSES // 2 + PRESSES_CUT_OFF)
        session_task.cancel()
        await asyncio.gather(session_task, return_exceptions=True)
    return {
        "labels": park.labels, "called": called, "offline": [answer["offline"] for answer in cut_off],
        "seconds": park.seconds, "slips": len(list((folder / "slips").glob("*.txt"))),
    }  # fmt: skip


def redrawn(screen: Path) -> Callable[[], bool]:
    """Whether a screen's picture is another than now."""
    before = screen.stat().st_mtime_ns
    return lambda: screen.stat().st_mtime_ns != before


async def until(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        for _ in itertools.count():
            if holds():
                return
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(morning(Path(sys.argv[1])))))
