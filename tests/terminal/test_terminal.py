"""The staff's terminal with a real hall: a shift by keyboard, golden screens, and a broken link that is seen."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Static

from command_line.stage import Stage
from hall_protocol.commands import Issue
from hall_protocol.device import DeviceLink
from hall_protocol.messages import Accepted, StaffTicket, WindowStaffView
from hall_protocol.topics import Role
from hall_server.main import run_hall
from window_terminal.actions import ACTIONS, action_for
from window_terminal.app import TerminalApp
from window_terminal.configuration import TerminalFile
from window_terminal.screens.serve import ServeScreen
from window_terminal.words import REFUSALS, WORDS

GOLDEN = Path(__file__).parent / "golden"
SIZE = (80, 24)


def lines(app: TerminalApp) -> list[str]:
    """The screen as a terminal shows it, cell by cell."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def check_golden(app: TerminalApp, name: str) -> None:
    shown = lines(app)
    assert len(shown) == 24
    assert {cell_len(line) for line in shown} == {80}, "every line fills its 80 cells: no width is wrong"
    text = re.sub(r"\d\d:\d\d", "00:00", "\n".join(line.rstrip() for line in shown)) + "\n"
    golden = GOLDEN / f"{name}.txt"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, "utf-8")
        pytest.fail(f"{golden} is new: look at it, then commit it")
    assert text == golden.read_text("utf-8")


@asynccontextmanager
async def at_work(stage: Stage, language: str = "zh-Hans") -> AsyncIterator[tuple[TerminalApp, Pilot[None]]]:
    """Window 4 with its terminal on, nobody signed in."""
    file = TerminalFile(
        hall="example",
        device="terminal-4",
        password=stage.loaded.secrets.devices["terminal-4"],
        port=stage.mqtt[1],
        window="4",
        language=language,  # type: ignore[arg-type]
    )
    app = TerminalApp(file)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.client.linked and app.client.queues is not None, 20)
        yield app, pilot


NOBODY = StaffTicket("", "", {}, "", "", "", None, 0, False, 1, [], [])


async def until(pilot: Pilot[None], condition: Callable[[], bool], within_s: float = 5.0) -> None:
    for _ in range(int(within_s / 0.02)):
        await pilot.pause(0.02)
        if condition():
            await pilot.pause()
            return
    raise AssertionError("\n".join(lines(pilot.app)))  # type: ignore[arg-type]


async def signs_in(app: TerminalApp, pilot: Pilot[None], stage: Stage) -> None:
    for text in ("s04", stage.pins["s04"], ""):
        await pilot.press(*text, "enter")
    await until(pilot, lambda: isinstance(app.screen, ServeScreen) and app.client.own_window is not None)
    await until(pilot, lambda: app.client.own_window.staff_id == "s04")  # type: ignore[union-attr]


def message(app: TerminalApp) -> str:
    return str(app.screen.query_one("#message", Static).render())


@asynccontextmanager
async def visitors(stage: Stage) -> AsyncIterator[DeviceLink]:
    """A dispenser to take numbers at."""
    link = DeviceLink(stage.address("dispenser-1"), "example", "dispenser-1", Role.DISPENSER)
    running = asyncio.create_task(link.session.run())
    await asyncio.wait_for(link.session.linked.wait(), 5)
    yield link
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def takes(link: DeviceLink, service: str = "id-card-renewal", **wishes: object) -> str:
    reply = await link.request(Issue(service, **wishes), within_s=5)  # type: ignore[arg-type]
    assert isinstance(reply, Accepted)
    return str(reply.result["label"])


async def test_J5_a_shift_by_keyboard(stage: Stage) -> None:
    async with run_hall(stage.loaded), visitors(stage) as dispenser, at_work(stage) as (app, pilot):
        check_golden(app, "sign-in")
        await takes(dispenser, green=("priority", "accompany"), on_behalf_of=False, group_size=3)
        await takes(dispenser, "household-move")
        await signs_in(app, pilot, stage)

        def own() -> WindowStaffView:
            window = app.client.own_window
            assert window is not None
            return window

        def current() -> StaffTicket:
            ticket = own().current
            return ticket or NOBODY

        await pilot.press("n")
        assert "现在不能" in message(app)
        await pilot.press("0")
        await until(pilot, lambda: own().status == "open")
        await until(pilot, lambda: app.client.queues.queues[1].waiting == 2)  # type: ignore[union-attr]
        await pilot.press("space")
        await until(pilot, lambda: own().current is not None and "B001" in message(app))
        check_golden(app, "called")
        await pilot.press("x")
        await until(pilot, lambda: REFUSALS["too_early"] in message(app))
        await pilot.press("r")
        await until(pilot, lambda: current().calls == 2)
        await pilot.press("3")
        await until(pilot, lambda: current().state == "serving")
        check_golden(app, "serving")
        await pilot.press("h")
        await until(pilot, lambda: own().current is None and bool(own().held))
        await pilot.press("1")
        await until(pilot, lambda: own().current is not None)
        await pilot.press("t")
        await pilot.pause(0.1)
        check_golden(app, "transfer")
        await pilot.press("7")
        await until(pilot, lambda: own().current is None)
        await pilot.press("u")
        await pilot.pause(0.1)
        await pilot.press(*"b001", "enter")
        await until(pilot, lambda: current().label == "B001")
        await pilot.press("4")
        await pilot.pause(0.1)
        await pilot.press("2")
        await until(pilot, lambda: own().current is None)
        await pilot.press("z")
        await until(pilot, lambda: app.client.session is None and not isinstance(app.screen, ServeScreen))


async def test_in_english(stage: Stage) -> None:
    async with run_hall(stage.loaded), at_work(stage, "en") as (app, pilot):
        await signs_in(app, pilot, stage)
        await pilot.press("o")
        await until(pilot, lambda: app.client.own_window.status == "open" and "Done" in message(app))  # type: ignore[union-attr]
        await pilot.press("1")
        await until(pilot, lambda: "nobody is waiting" in message(app))
        check_golden(app, "english")


async def test_a_wrong_pin_is_said_and_typed_again(stage: Stage) -> None:
    async with run_hall(stage.loaded), at_work(stage) as (app, pilot):
        for text in ("s04", "0000", ""):
            await pilot.press(*text, "enter")
        await until(pilot, lambda: REFUSALS["wrong_pin"] in "\n".join(lines(app)))
        assert app.client.session is None


async def test_a_broken_link_is_seen_and_no_key_is_lost_without_a_word(stage: Stage) -> None:
    async with at_work_while_the_hall_goes(stage) as (app, pilot):
        await until(pilot, lambda: not app.client.linked)
        assert WORDS["zh-Hans"]["unlinked"] in lines(app)[0]
        await pilot.press("1")
        assert WORDS["zh-Hans"]["no_link"] in message(app)


@asynccontextmanager
async def at_work_while_the_hall_goes(stage: Stage) -> AsyncIterator[tuple[TerminalApp, Pilot[None]]]:
    async with run_hall(stage.loaded):
        working = at_work(stage)
        app, pilot = await working.__aenter__()
        await signs_in(app, pilot, stage)
    yield app, pilot
    await working.__aexit__(None, None, None)


def test_every_key_means_one_thing_at_a_time() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert {key for key in keys if keys.count(key) > 1} == {"0"}, "0 opens or pauses, whichever is possible"
    assert action_for("nothing", None) is None  # type: ignore[arg-type]


def test_both_languages_say_the_same_things() -> None:
    assert WORDS["zh-Hans"].keys() == WORDS["en"].keys()
