"""The touch screen in a real browser: large targets, no sideways scrolling, and a number by touch alone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from hall_protocol.commands import CheckIn, Issue
from tests.dispenser.test_kiosk import Touched
from tests.dispenser.test_panel import until
from ticket_dispenser.drivers.kiosk.server import Kiosk

SMALL = """() => [...document.querySelectorAll("a, button")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width < 60 || box.height < 60;
}).map(element => element.textContent)"""


@pytest.fixture
async def kiosk() -> AsyncIterator[tuple[Kiosk, Touched]]:
    desk, kiosk = Touched(), Kiosk("dispenser-1", "127.0.0.1", 0)
    running = asyncio.create_task(kiosk.run(desk))
    await until(lambda: bool(kiosk.url))
    yield kiosk, desk
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(("width", "height"), [(1024, 600), (320, 640)])
async def test_J1_three_touches_and_every_target_is_large(
    browser: Browser, kiosk: tuple[Kiosk, Touched], width: int, height: int
) -> None:
    served, desk = kiosk
    page = await browser.new_page(viewport={"width": width, "height": height})
    await page.goto(f"{served.url}/kiosk/dispenser-1?large=1")
    for touch in ("全部", "养老", None):
        assert await page.evaluate(SMALL) == []
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        # The next page counts once its style sheet is there.
        async with page.expect_navigation(wait_until="load"):
            await (page.get_by_text(touch, exact=True) if touch else page.locator("button.take").first).click()
    await page.locator(".label").wait_for()
    assert await page.locator(".label").inner_text() == "A007"
    assert desk.orders == [Issue("pension")]
    assert await page.locator("img").evaluate("image => image.naturalWidth") > 0
    await page.close()


@pytest.mark.parametrize(("width", "height"), [(1024, 600), (320, 640)])
async def test_J3_a_code_is_typed_by_touch(
    browser: Browser, kiosk: tuple[Kiosk, Touched], width: int, height: int
) -> None:
    served, desk = kiosk
    page = await browser.new_page(viewport={"width": width, "height": height})
    await page.goto(f"{served.url}/kiosk/dispenser-1?lang=en")
    for key in ("Type a code by touch", *"7K2QDM"):
        async with page.expect_navigation(wait_until="load"):
            await page.get_by_text(key, exact=True).click()
        assert await page.evaluate(SMALL) == []
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    async with page.expect_navigation(wait_until="load"):
        await page.get_by_text("Check in", exact=True).click()
    assert await page.locator(".label").inner_text() == "A007"
    assert desk.orders == [CheckIn("7K2QDM", language="en")]
    await page.close()
