"""A real browser whose pages may do nothing behind anybody's back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.conftest import needs
from tests.wire import Demo

TROUBLE: list[str] = []
"""What went wrong behind a page's back; looked at when the browser closes."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=needs("chromium"), args=FLAGS)
        TROUBLE.clear()
        yield chromium
        await chromium.close()
        assert TROUBLE == []


async def opened(browser: Browser, demo: Demo, path: str, **options: Any) -> Page:
    """A page that fails the test on any request elsewhere, script error or refused resource."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    page.on("request", lambda request: _check_host(request.url, demo.url))
    page.on("pageerror", lambda error: TROUBLE.append(str(error)))
    page.on("console", lambda message: TROUBLE.append(message.text) if message.type == "error" else None)
    response = await page.goto(demo.url + path, wait_until="load")
    assert response is not None
    assert "default-src 'none'" in response.headers["content-security-policy"]
    return page


def _check_host(url: str, ours: str) -> None:
    if not url.startswith((ours, "data:")):
        TROUBLE.append(f"a request left the host: {url}")
