"""The touch screen: two taps to any service, help on the first page, no number taken by a foreign page."""

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from hall_protocol.commands import CheckIn, Issue
from hall_protocol.messages import Catalogue
from hall_server.application.catalogue import catalogue
from tests.dispenser.test_panel import QuietDesk, until
from tests.story import small_hall
from ticket_dispenser.drivers.kiosk.server import Kiosk
from ticket_dispenser.drivers.port import Answer

CATALOGUE: Catalogue = catalogue(small_hall())


class Touched(QuietDesk):
    """A desk with a catalogue and an answer of the test's choice."""

    def __init__(self) -> None:
        super().__init__()
        self.catalogue = CATALOGUE
        self.answer = Answer("printed", "A007", "http://192.0.2.10:8080/t/mF3k9wYbqT0nB7sQ1xZ5cA")

    async def press(self, order: Issue | CheckIn) -> Answer:
        self.orders.append(order)
        return self.answer


@pytest.fixture
async def desk() -> Touched:
    return Touched()


@pytest.fixture
async def kiosk(desk: Touched) -> AsyncIterator[Kiosk]:
    kiosk = Kiosk("dispenser-1", "127.0.0.1", 0)
    running = asyncio.create_task(kiosk.run(desk))
    await until(lambda: bool(kiosk.url))
    yield kiosk
    running.cancel()
    (ended,) = await asyncio.gather(running, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError), ended


@pytest.fixture
async def browser(kiosk: Kiosk) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(kiosk.url) as session:
        yield session


async def page(browser: aiohttp.ClientSession, path: str = "/kiosk/dispenser-1", **query: str) -> str:
    async with browser.get(path, params=query) as response:
        assert response.status == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        return await response.text()


def tapped(html: str, text: str) -> str:
    """Where a tap on a text leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(text)}', html)
    assert found, f"{text} cannot be tapped"
    return found[1].replace("&amp;", "&")


async def test_J1_two_taps_to_a_service_and_one_for_the_number(browser: aiohttp.ClientSession, desk: Touched) -> None:
    first = await page(browser)
    second = await page(browser, tapped(first, "全部"))
    third = await page(browser, tapped(second, "养老"))
    assert "为他人办理" in third
    assert "未提供" in third, "R04: a guide field that is not there says so"
    async with browser.post("/kiosk/dispenser-1", data={"service": "pension", "behalf": "1"}) as response:
        told = await response.text()
    assert desk.orders == [Issue("pension", on_behalf_of=True)]
    assert "A007" in told
    assert "data:image/svg+xml" in told


async def test_J2_help_is_on_the_first_page_and_each_service_of_it_is_chosen_apart(
    browser: aiohttp.ClientSession, desk: Touched
) -> None:
    help_page = await page(browser, tapped(await page(browser), "绿色通道（优先、陪同、帮办）"))
    both = await page(browser, tapped(await page(browser, tapped(help_page, "陪同")), "优先"))
    back = tapped(both, "返回")
    query = dict(part.split("=") for part in back.partition("?")[2].split("&"))
    async with browser.post(f"/kiosk/dispenser-1?green={query['green']}", data={"service": "pension"}):
        pass
    (order,) = desk.orders
    assert isinstance(order, Issue)
    assert set(order.green) == {"accompany", "priority"}


@pytest.mark.parametrize(
    ("language", "text"), [("zh-Hant", "請觸摸選擇"), ("en", "Touch to choose"), ("xx", "请触摸选择")]
)
async def test_it_speaks_three_languages(browser: aiohttp.ClientSession, language: str, text: str) -> None:
    assert text in await page(browser, lang=language)


async def test_J4_without_paper_number_and_code_are_on_the_screen(
    browser: aiohttp.ClientSession, desk: Touched
) -> None:
    desk.answer = desk.answer._replace(kind="on_screen", trouble="paper_out", offline=True, others=("dispenser-2",))
    async with browser.post("/kiosk/dispenser-1", data={"service": "pension"}) as response:
        told = await response.text()
    assert "未能打印，请记下号码" in told
    assert "离线取号" in told
    assert "其他取号机：dispenser-2" in told
    assert "data:image/svg+xml" in told


async def test_J3_a_scanned_code_checks_in_on_the_first_page(browser: aiohttp.ClientSession, desk: Touched) -> None:
    assert 'name="code"' in await page(browser)
    desk.answer = desk.answer._replace(came="late")
    sent = {"code": "https://hall.example/receipt/7k2q-dm9x"}
    async with browser.post("/kiosk/dispenser-1?green=priority", data=sent) as response:
        told = await response.text()
    assert "已超过预约保留时间" in told
    assert desk.orders == [CheckIn("7k2q-dm9x", green=("priority",), language="zh-Hans")]
    async with browser.post("/kiosk/dispenser-1", data={"code": "<b>"}) as response:
        told = await response.text()
    assert "没有找到这个预约" in told
    assert len(desk.orders) == 1


async def test_a_refusal_is_told_in_the_visitors_words(browser: aiohttp.ClientSession, desk: Touched) -> None:
    desk.answer = Answer("refused", code="queue_full", message="all tickets of this queue for today are taken")
    async with browser.post("/kiosk/dispenser-1", data={"service": "pension"}) as response:
        told = await response.text()
    assert "该业务今天的号已取完" in told
    assert "all tickets" not in told


async def test_a_page_from_elsewhere_takes_no_number(browser: aiohttp.ClientSession, desk: Touched) -> None:
    foreign = {"Origin": "http://elsewhere.example"}
    async with browser.post("/kiosk/dispenser-1", data={"service": "pension"}, headers=foreign) as response:
        assert response.status == 403
    assert desk.orders == []


async def test_before_the_hall_was_ever_heard_it_says_so(browser: aiohttp.ClientSession, desk: Touched) -> None:
    desk.catalogue = None
    assert "正在连接大厅" in await page(browser)


async def test_what_is_typed_into_the_address_breaks_nothing(browser: aiohttp.ClientSession) -> None:
    for query in ({"category": "<script>"}, {"service": "nothing"}, {"green": "royal"}, {"page": "x"}, {"large": "9"}):
        assert "<script>" not in await page(browser, **query)


async def test_J3_a_code_is_typed_by_touch_and_stands_in_no_address(
    browser: aiohttp.ClientSession, desk: Touched
) -> None:
    html = await page(browser)
    where = tapped(html, "触屏输入预约码")
    typed = ""
    for key in ("7", "K", "X", "erase", "2", "Q", "D", "M"):
        assert f'value="{key}"' in await page(browser, where)
        async with browser.post(where, data={"typed": typed, "key": key}) as response:
            html = await response.text()
            assert response.url.query_string == where.partition("?")[2]
        typed = typed[:-1] if key == "erase" else typed + key
        assert f'<output class="typed">{typed}</output>' in html
    async with browser.post(where, data={"code": typed}) as response:
        assert "A007" in await response.text()
    assert desk.orders == [CheckIn("7K2QDM")]
    async with browser.post(where, data={"typed": "A" * 500, "key": "<script>"}) as response:
        html = await response.text()
    assert "<script>" not in html
    assert "A" * 65 not in html
