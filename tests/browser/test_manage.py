"""The managers' page: signed in or nothing, alerts handled from it, and no form that another page could send."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

from playwright.async_api import Browser

from tests.browser.conftest import opened
from tests.wire import Demo


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, demo: Demo) -> None:
        self._url = demo.url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._open = urllib.request.build_opener(jar)

    def gets(self, path: str, **form: str) -> tuple[int, str]:
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self._open.open(self._url + path, data, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def test_nobody_sees_anything_without_the_password(demo: Demo) -> None:
    visitor = Visitor(demo)
    status, page = visitor.gets("/manage?lang=en")
    assert (status, "Managers: sign in" in page, "Why each was called" in page) == (200, True, False)
    status, page = visitor.gets("/manage/sign-in?lang=en", name="manager", password="wrong")
    assert (status, "is wrong" in page) == (403, True)
    status, _ = visitor.gets("/manage/alerts/count-social", step="acknowledged", key="")
    assert status == 403


def test_a_form_without_its_key_does_nothing(demo: Demo) -> None:
    visitor = Visitor(demo)
    manager = demo.described["manager"]
    status, page = visitor.gets("/manage/sign-in?lang=en", name=manager["username"], password=manager["password"])
    assert (status, "Why each was called" in page) == (200, True)
    assert visitor.gets("/manage/alerts/count-social", step="acknowledged", key="guess")[0] == 403
    key = page.partition('name="key" value="')[2].partition('"')[0]
    status, page = visitor.gets("/manage/alerts/no-such?lang=en", step="acknowledged", key=key)
    assert (status, "not open any more" in page) == (409, True)
    visitor.gets("/manage/sign-out?lang=en", key=key)
    assert "Managers: sign in" in visitor.gets("/manage?lang=en")[1]


async def test_J6_an_alert_is_seen_explained_and_cleared(browser: Browser, demo: Demo) -> None:
    """Thirteen wait where twelve are the limit: within ten seconds the page warns, and a manager deals with it."""
    async with demo.device("dispenser-2").connected() as dispenser:
        for _ in range(13):
            await dispenser.accepted("issue", {"service_id": "elder-allowance"})
    async with demo.device("terminal-13").connected("alert/+") as terminal:
        told = await terminal.hears("alert/count-family", lambda alert: alert["trigger"] == "count", within_s=10)
        assert told["facts"]["waiting"] > told["facts"]["waiting_limit"] == 12
    page = await opened(browser, demo, "/manage?lang=en", viewport={"width": 1100, "height": 900})
    manager = demo.described["manager"]
    await page.fill("#name", manager["username"])
    await page.fill("#password", manager["password"])
    await page.click("main button")
    alert = page.locator('[data-alert="count-family"]')
    await alert.wait_for(timeout=10_000)
    await alert.get_by_role("button", name="I have seen it").click()
    await alert.locator("text=seen").first.wait_for()
    await alert.locator("input[name=text]").fill("school registration week")
    await alert.get_by_role("button", name="That is the cause").click()
    await alert.locator("text=school registration week").wait_for()


def test_J8_the_numbers_of_a_dead_card_are_taken_back(demo: Demo) -> None:
    visitor = Visitor(demo)
    manager = demo.described["manager"]
    _, page = visitor.gets("/manage/sign-in?lang=en", name=manager["username"], password=manager["password"])
    assert re.search(r"dispenser-1.*lent numbers: A70", page, re.DOTALL)
    assert visitor.gets("/manage/devices/dispenser-1/numbers?lang=en", key="guess")[0] == 403
    key = page.partition('name="key" value="')[2].partition('"')[0]
    status, page = visitor.gets("/manage/devices/dispenser-1/numbers?lang=en", key=key)
    assert (status, "lent numbers" in page) == (200, False)
