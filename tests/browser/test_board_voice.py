"""The main display in a browser speaks: each call once on all screens, in the hall's languages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from playwright.async_api import Page, async_playwright

from command_line.stage import Stage, broker, lay_out
from hall_protocol.commands import CallNext, Issue, OpenWindow, SignIn
from hall_protocol.device import DeviceLink
from hall_protocol.messages import Accepted
from hall_protocol.topics import Role
from hall_server.main import RunningHall, run_hall
from tests.browser.conftest import FLAGS
from tests.conftest import needs
from tests.tones import heard, write_clips
from voice.sentences import Call, sentence

ENDED = """
const Plain = Audio;
window.said = [];
window.Audio = function () {
  const audio = new Plain();
  audio.addEventListener("ended", () => window.said.push(audio.currentSrc));
  return audio;
};
"""


@asynccontextmanager
async def speaking_hall(folder: Path, clips: Path) -> AsyncIterator[tuple[Stage, RunningHall]]:
    voice = {"languages": ["cmn"], "clips": str(clips), "repeats": 1, "percent": 100}
    stage = lay_out(folder, changes={"voice": voice})
    async with broker(stage), run_hall(stage.loaded) as hall:
        async with asyncio.timeout(5):
            await hall.wire.session.linked.wait()
        yield stage, hall


@asynccontextmanager
async def board(url: str, autoplay: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        flags = [*FLAGS, f"--autoplay-policy={autoplay}"]
        browser = await playwright.chromium.launch(executable_path=needs("chromium"), args=flags)
        page = await (await browser.new_context()).new_page()
        await page.add_init_script(ENDED)
        async with page.expect_response(lambda response: response.url.endswith("/voice/stream")):
            await page.goto(f"{url}/board?lang=en", wait_until="domcontentloaded")
        yield page
        await browser.close()


@asynccontextmanager
async def linked(stage: Stage, device: str, role: Role) -> AsyncIterator[DeviceLink]:
    link = DeviceLink(stage.address(device), "example", device, role)
    running = asyncio.create_task(link.session.run())
    async with asyncio.timeout(5):
        await link.session.linked.wait()
    yield link
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def calls_somebody(stage: Stage) -> str:
    """At window 1; the label."""
    async with (
        linked(stage, "dispenser-1", Role.DISPENSER) as dispenser,
        linked(stage, "terminal-1", Role.TERMINAL) as terminal,
    ):
        taken = await dispenser.request(Issue("pension-enquiry"), within_s=5)
        signed = await terminal.request(SignIn("s01", stage.pins["s01"], "1"), within_s=5)
        assert isinstance(signed, Accepted)
        session = signed.result["session"]
        await terminal.request(OpenWindow(session), within_s=5)
        called = await terminal.request(CallNext(session), within_s=5)
        assert isinstance(taken, Accepted)
        assert isinstance(called, Accepted), called
        return str(taken.result["label"])


async def test_a_call_is_said_by_the_main_display(tmp_path: Path) -> None:
    async with (
        speaking_hall(tmp_path / "hall", write_clips(tmp_path / "clips")) as (stage, hall),
        board(hall.http_url, "no-user-gesture-required") as page,
    ):
        async with page.expect_response(lambda response: response.url.endswith(".wav")) as fetched:
            label = await calls_somebody(stage)
        response = await fetched.value
        assert heard(await response.body())[0] == sentence(Call(label, "1"), "cmn")
        await page.wait_for_function("() => window.said.length == 1", timeout=10_000)
        assert await page.locator("#sound").is_hidden()
        late = await page.context.new_page()
        await late.add_init_script(ENDED)
        await late.goto(f"{hall.http_url}/board", wait_until="domcontentloaded")
        await asyncio.sleep(1)
        assert await late.evaluate("window.said.length") == 0, "what is over is not said to a page opened later"


async def test_a_browser_that_keeps_silent_says_so_with_a_button(tmp_path: Path) -> None:
    async with (
        speaking_hall(tmp_path / "hall", write_clips(tmp_path / "clips")) as (stage, hall),
        board(hall.http_url, "document-user-activation-required") as page,
    ):
        # To look into a page from here counts as a touch, so nothing is asked before the browser has refused.
        async with page.expect_response(lambda response: response.url.endswith(".wav")):
            await calls_somebody(stage)
        await asyncio.sleep(0.5)
        await page.wait_for_selector("#sound:not([hidden])", timeout=5000)
        await page.locator("#sound").click()
        await page.wait_for_function("() => window.said.length == 1", timeout=10_000)
        assert await page.locator("#sound").is_hidden()


async def test_a_hall_whose_clips_are_missing_opens_in_silence(tmp_path: Path) -> None:
    async with (
        speaking_hall(tmp_path / "hall", tmp_path / "no-clips") as (_stage, hall),
        aiohttp.ClientSession() as web,
        web.get(f"{hall.http_url}/board") as page,
    ):
        assert "sound" not in await page.text()
