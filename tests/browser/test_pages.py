"""Pages in a real browser: live, accessible to read without JavaScript, and nothing leaves the host."""

import asyncio
import json
import urllib.request

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import opened
from tests.wire import Demo, Json


async def takes(demo: Demo, service: str, **wishes: object) -> Json:
    async with demo.device("dispenser-2").connected() as dispenser:
        return await dispenser.accepted("issue", {"service_id": service, **wishes})


async def test_R21_the_queue_page_is_live(browser: Browser, demo: Demo) -> None:
    page = await opened(browser, demo, "/?lang=zh-Hans")
    waiting = page.locator('[data-queue="family"] [data-field="waiting"]')
    before = int(await waiting.inner_text())
    await takes(demo, "elder-allowance")
    await page.wait_for_function(
        "n => document.querySelector('[data-queue=family] [data-field=waiting]').textContent == n",
        arg=str(before + 1),
        timeout=2000,
    )


async def test_J7_a_ticket_page_follows_its_ticket(browser: Browser, demo: Demo) -> None:
    taken = await takes(demo, "school-enrolment")
    page = await opened(browser, demo, f"/t/{taken['token']}?lang=en")
    assert await page.locator("h1").inner_text() == taken["label"]
    assert not await page.locator("#call").is_visible()
    async with demo.device("terminal-13").connected() as terminal:
        signed = {"staff_id": "s14", "pin": demo.pin("s14"), "window": "10"}
        session = (await terminal.accepted("sign_in", signed))["session"]
        await terminal.accepted("open_window", {"session": session})
        await terminal.accepted("call_specific", {"session": session, "ticket_id": taken["ticket_id"]})
        await page.wait_for_selector("#call:not([hidden])", timeout=2000)
        assert "window 10" in await page.locator("#call").inner_text()
        await terminal.accepted("finish", {"session": session})
        await page.wait_for_function("() => document.getElementById('state').textContent == 'finished'", timeout=2000)
        await terminal.accepted("sign_out", {"session": session})


async def test_without_javascript_everything_can_be_read_and_a_place_given_up(browser: Browser, demo: Demo) -> None:
    taken = await takes(demo, "birth-service")
    page = await opened(browser, demo, f"/t/{taken['token']}?lang=zh-Hans", java_script_enabled=False)
    assert taken["label"] in await page.locator("h1").inner_text()
    assert "等候中" in await page.locator("#state").inner_text()
    await page.locator("summary").click()
    await page.locator("button.danger").click()
    await page.wait_for_load_state()
    assert "已弃号" in await page.locator("#state").inner_text()
    hall = await opened(browser, demo, "/?lang=zh-Hant", java_script_enabled=False)
    text = await hall.locator("main").inner_text()
    for wanted in ("戶政居住證", "等候人數", "辦事指南"):
        assert wanted in text
    assert await hall.locator('meta[http-equiv="refresh"]').count() == 1


@pytest.mark.parametrize(("language", "wanted"), [("zh-Hans", "等候人数"), ("zh-Hant", "等候人數"), ("en", "Waiting")])
async def test_three_languages(browser: Browser, demo: Demo, language: str, wanted: str) -> None:
    page = await opened(browser, demo, "/", locale=language)
    assert await page.locator("html").get_attribute("lang") == language
    assert wanted in await page.locator("main").inner_text()


async def test_R04_every_service_shows_its_guide_or_that_it_has_none(browser: Browser, demo: Demo) -> None:
    page = await opened(browser, demo, "/?lang=zh-Hans")
    assert await page.locator(".services > li").count() == 49
    missing = await page.locator(".guide dd", has_text="未提供").count()
    assert missing > 0
    empty = await page.locator(".guide dd").evaluate_all("cells => cells.filter(c => !c.textContent.trim()).length")
    assert empty == 0


async def test_no_sideways_scroll_on_a_small_phone_in_large_text(browser: Browser, demo: Demo) -> None:
    taken = await takes(demo, "legal-aid")
    for path in ("/?large=1", f"/t/{taken['token']}?large=1&lang=en"):
        page = await opened(browser, demo, path, viewport={"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        small = await page.locator("nav a, button, summary, .button").evaluate_all(
            "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 60).map(e => e.textContent)"
        )
        assert small == []


async def test_the_board_and_a_window_screen_follow_a_call(browser: Browser, demo: Demo) -> None:
    taken = await takes(demo, "collect-document")
    board, window = await opened(browser, demo, "/board"), await opened(browser, demo, "/window/11")
    async with demo.device("terminal-14").connected() as terminal:
        signed = {"staff_id": "s11", "pin": demo.pin("s11"), "window": "11"}
        session = (await terminal.accepted("sign_in", signed))["session"]
        await terminal.accepted("open_window", {"session": session})
        await terminal.accepted("call_specific", {"session": session, "label": taken["label"]})
        await window.wait_for_function(
            "l => document.getElementById('label').textContent == l", arg=taken["label"], timeout=2000
        )
        await board.wait_for_function(
            "l => document.querySelector('.newest .label')?.textContent == l", arg=taken["label"], timeout=2000
        )
        await terminal.accepted("finish", {"session": session})
        await terminal.accepted("sign_out", {"session": session})


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  our own server
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310  the same
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


async def test_progress_has_an_etag(demo: Demo) -> None:
    status, headers, body = await asyncio.to_thread(get, f"{demo.url}/api/v1/progress")
    assert (status, json.loads(body)["schema"]) == (200, "hall-progress/1")
    for _ in range(3):
        status, headers, _ = await asyncio.to_thread(get, f"{demo.url}/api/v1/progress")
        again, _, empty = await asyncio.to_thread(
            get, f"{demo.url}/api/v1/progress", **{"If-None-Match": headers["ETag"]}
        )
        if again == 304:
            assert empty == b""
            return
    raise AssertionError("three times in a row the picture changed between two requests")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/tickets/nothing", 404, "unknown_ticket"),
        ("/api/v1/tickets/nothing/stream", 404, "unknown_ticket"),
        ("/api/v1/windows/99/stream", 404, "unknown_window"),
        ("/api/v1/nothing", 404, "not_found"),
    ],
)
async def test_errors_are_problem_details(demo: Demo, path: str, status: int, code: str) -> None:
    got, headers, body = await asyncio.to_thread(get, demo.url + path)
    assert (got, headers["Content-Type"].split(";")[0]) == (status, "application/problem+json")
    assert json.loads(body)["code"] == code


@pytest.mark.parametrize("path", ["/t/nothing", "/window/99", "/h/elsewhere", "/nothing"])
async def test_pages_that_are_not_there_say_so_in_words(demo: Demo, path: str) -> None:
    status, _, body = await asyncio.to_thread(get, demo.url + path + "?lang=zh-Hant")
    assert status == 404
    assert "查看大廳排隊情況" in body.decode()


async def test_health_metrics_and_description(demo: Demo) -> None:
    await takes(demo, "invoice")
    assert json.loads((await asyncio.to_thread(get, f"{demo.url}/healthz"))[2])["status"] == "ok"
    metrics = (await asyncio.to_thread(get, f"{demo.url}/metrics"))[2].decode()
    assert 'paihao_orders_total{code="ok",kind="Issue"}' in metrics
    assert 'paihao_dropped_messages{direction="in"} 0.0' in metrics
    described = json.loads((await asyncio.to_thread(get, f"{demo.url}/openapi.json"))[2])
    for path in ("/api/v1/progress", "/api/v1/tickets/{token}", "/healthz"):
        assert path in described["paths"]
