"""R15: what visitors read and touch, measured in the browser: size of type, line height, contrast, size of targets."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import opened
from tests.browser.test_pages import takes
from tests.dispenser.test_kiosk import Touched
from tests.dispenser.test_panel import until
from tests.wire import Demo
from ticket_dispenser.drivers.kiosk.server import Kiosk

AUDIT = """({ text, target }) => {
  const faults = [];
  const parts = colour => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return { r, g, b, a }; };
  const light = ({ r, g, b }) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour.a === 1) return colour;
      if (colour.a > 0) faults.push(`half-transparent behind ${element.textContent.trim()}`);
    }
    return { r: 255, g: 255, b: 255 };
  };
  const seen = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && element.getBoundingClientRect().right > 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let read = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, words = walker.currentNode.textContent.trim();
    if (!words || element.closest("script, style") || !seen(element)) continue;
    read += 1;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    if (size < text - .01) faults.push(`${size}px: ${words}`);
    const line = style.lineHeight === "normal" ? 1.2 : parseFloat(style.lineHeight) / size;
    if (line < 1.29) faults.push(`line height ${line.toFixed(2)}: ${words}`);
    const [high, low] = [light(parts(style.color)), light(behind(element))].sort((a, b) => b - a);
    const contrast = (high + .05) / (low + .05);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(1)}: ${words}`);
  }
  for (const element of document.querySelectorAll("nav a, a.choice, .button, button, summary, input:not([type=hidden])")) {
    const box = element.getBoundingClientRect();
    if (seen(element) && (box.height < target - .5 || box.width < target - .5))
      faults.push(`${box.width.toFixed(0)} x ${box.height.toFixed(0)}: ${element.textContent.trim() || element.name}`);
  }
  if (!read) faults.push("nothing to read");
  return faults;
}"""
NORMAL, LARGE = {"text": 18, "target": 44}, {"text": 30, "target": 60}


async def faults(page: Page, wanted: dict[str, int]) -> list[str]:
    # With its style sheet.
    await page.wait_for_load_state("load")
    found: list[str] = await page.evaluate(AUDIT, wanted)
    return found


async def test_R15_what_citizens_read_on_their_phones(browser: Browser, demo: Demo) -> None:
    taken = await takes(demo, "legal-aid")
    for path in ("/", f"/t/{taken['token']}", "/manage"):
        for large, wanted in (("", NORMAL), ("&large=1", LARGE)):
            for language in ("zh-Hans", "zh-Hant", "en"):
                page = await opened(
                    browser, demo, f"{path}?lang={language}{large}", viewport={"width": 320, "height": 640}
                )
                await page.locator("summary").evaluate_all("all => all.forEach(e => e.parentElement.open = true)")
                assert await faults(page, wanted) == [], page.url
                await page.context.close()


async def test_R15_what_the_screens_show(browser: Browser, demo: Demo) -> None:
    large, small = {"width": 1280, "height": 720}, {"width": 800, "height": 480}
    screens = (
        ("/board?lang=zh-Hans", large),
        ("/board?lang=en", large),
        *(("/window/11", size) for size in (large, small)),
    )
    for path, size in screens:
        page = await opened(browser, demo, path, viewport=size)
        assert await faults(page, NORMAL) == [], path
        # Nobody scrolls a screen on a wall.
        assert not await page.evaluate("document.documentElement.scrollHeight > innerHeight"), path


@pytest.fixture
async def kiosk() -> AsyncIterator[str]:
    desk, kiosk = Touched(), Kiosk("dispenser-1", "127.0.0.1", 0)
    running = asyncio.create_task(kiosk.run(desk))
    await until(lambda: bool(kiosk.url))
    yield f"{kiosk.url}/kiosk/dispenser-1"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_R15_what_the_touch_screen_shows(browser: Browser, kiosk: str) -> None:
    page = await browser.new_page(viewport={"width": 1024, "height": 600})
    for query in ("", "page=help", "page=help&green=priority", "page=code", "category=all", "service=pension"):
        for large, text in (("", 18), ("&large=1", 30)):
            await page.goto(f"{kiosk}?{query}{large}")
            assert await faults(page, {"text": text, "target": 60}) == [], page.url
    await page.locator("button.take").first.click()
    await page.locator(".label").wait_for()
    assert await faults(page, {"text": 30, "target": 60}) == []
    below = await page.locator("img").evaluate("image => image.getBoundingClientRect().bottom > innerHeight")
    assert not below, "the code is scanned from the screen, also where there is no paper"


async def test_what_managers_read(browser: Browser, demo: Demo) -> None:
    manager = demo.described["manager"]
    for width in (320, 1280):
        page = await opened(browser, demo, "/manage?lang=zh-Hans", viewport={"width": width, "height": 720})
        await page.locator('input[name="name"]').fill(manager["username"])
        await page.locator('input[name="password"]').fill(manager["password"])
        async with page.expect_navigation(wait_until="load"):
            await page.locator("form button").first.click()
        assert await page.locator(".out").count() == 1, "not signed in"
        assert await faults(page, NORMAL) == []
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        await page.context.close()
