"""Makes the pictures in this folder from a running demo: `.venv/bin/python docs/pictures/make.py`.

Needs Debian's chromium and, for Chinese in it, fonts-noto-cjk.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.async_api import Page, async_playwright
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from textual.pilot import Pilot

from command_line.joining import terminal_file
from glyphs import font
from window_terminal.app import TerminalApp

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
CELL = (12, 25)
Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]


def main() -> None:
    """Run a demo for a while and look at it from all sides."""
    with tempfile.TemporaryDirectory(prefix="paihao-pictures-") as name:
        data = Path(name) / "hall"
        options = ["--http-port", "0", "--mqtt-port", "0", "--speed", "12", "--data", str(data)]
        command = [sys.executable, "-m", "command_line", "demo", *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            asyncio.run(look(data))
        finally:
            process.terminate()
            process.wait(10)


async def look(data: Path) -> None:
    """All pictures."""
    for _ in range(400):
        if (data / "demo.json").exists():
            break
        await asyncio.sleep(0.1)
    demo: dict[str, Any] = json.loads((data / "demo.json").read_text("utf-8"))
    await asyncio.sleep(45)
    await terminal(data, demo)
    slip = max((data / "slips").glob("*-B*.png"))
    shutil.copy(slip, HERE / "slip.png")
    shutil.copy(data / "screens" / "window-4.png", HERE / "window.png")
    url = str(demo["http_url"])
    token = slip.with_suffix(".txt").read_text("utf-8").split("/t/")[1].split("]")[0]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for picture, path, width, height in (
            ("progress", "/?lang=zh-Hans", 1280, 720),
            ("progress-phone", "/?lang=zh-Hans", 390, 760),
            ("progress-large-english", "/?lang=en&large=1", 390, 760),
            ("ticket", f"/t/{token}?lang=zh-Hans", 390, 900),
            ("board", "/board?lang=zh-Hans", 1280, 720),
            ("window-page", "/window/4?lang=zh-Hans", 1280, 720),
        ):
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(url + path)
            await asyncio.sleep(0.7)
            await page.screenshot(path=HERE / f"{picture}.png")
            await page.close()
        await manage(await browser.new_page(viewport={"width": 1200, "height": 900}), demo)
        await browser.close()
    overview()


async def manage(page: Page, demo: dict[str, Any]) -> None:
    """The managers' page."""
    manager = demo["manager"]
    await page.goto(f"{demo['http_url']}/manage?lang=zh-Hans")
    await page.fill("#name", manager["username"])
    await page.fill("#password", manager["password"])
    await page.click("main button")
    await page.locator("#live").wait_for()
    await page.screenshot(path=HERE / "manage.png")


async def terminal(data: Path, demo: dict[str, Any]) -> None:
    """Somebody signs in at the free window and calls a visitor."""
    app = TerminalApp(terminal_file(data, "terminal-13", "zh-Hans"))
    pins = {person["staff_id"]: person["pin"] for person in demo["staff"]}
    async with app.run_test(size=(80, 24)) as pilot:
        await pause(pilot, 2)
        for text in ("s13", pins["s13"], ""):
            await pilot.press(*text, "enter")
        await pause(pilot, 1.5)
        await pilot.press("0")
        for _ in range(60):
            await pause(pilot, 0.5)
            if app.client.own_window is not None and app.client.own_window.current is not None:
                break
            await pilot.press("1")
        await pause(pilot, 0.5)
        await pilot.press("3")
        await pause(pilot, 1.5)
        draw_terminal(app).save(HERE / "terminal.png", optimize=True)


async def pause(pilot: Pilot[None], seconds: float) -> None:
    """Let the program go on."""
    await pilot.pause(seconds)


def draw_terminal(app: TerminalApp) -> Image.Image:
    """The screen cell by cell, as a terminal draws it: a Chinese character fills two cells."""
    width, height = CELL
    image = Image.new("RGB", (80 * width, 24 * height))
    draw = ImageDraw.Draw(image)
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            ink, paper = colours(segment)
            for character in segment.text:
                cells = 2 if Segment(character).cell_length == 2 else 1
                box = (x * width, y * height, (x + cells) * width - 1, (y + 1) * height - 1)
                draw.rectangle(box, fill=paper)
                centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
                if character in "─│┌┐└┘":
                    box_line(draw, character, box, ink)
                elif character != " ":
                    draw.text(centre, character, font=font(20 if cells == 2 else 18), fill=ink, anchor="mm")
                x += cells
    return image


def colours(segment: Segment) -> tuple[Colour, Colour]:
    """Ink and paper of a segment."""
    style = segment.style

    def rgb(colour: Any, fallback: ColorTriplet) -> Colour:
        triplet = colour.get_truecolor() if colour is not None else fallback
        return (triplet.red, triplet.green, triplet.blue)

    ink = rgb(style.color if style else None, ColorTriplet(242, 245, 247))
    paper = rgb(style.bgcolor if style else None, ColorTriplet(16, 32, 46))
    if style is not None and style.dim:
        ink = ((ink[0] + paper[0]) // 2, (ink[1] + paper[1]) // 2, (ink[2] + paper[2]) // 2)
    return ink, paper


def box_line(
    draw: ImageDraw.ImageDraw, character: str, box: tuple[int, int, int, int], ink: tuple[int, int, int]
) -> None:
    """Frames reach the edges of their cells."""
    left, top, right, bottom = box
    x, y = (left + right) // 2, (top + bottom) // 2
    if character in "─└┌":
        draw.line((x, y, right, y), fill=ink)
    if character in "─┘┐":
        draw.line((left, y, x, y), fill=ink)
    if character in "│┌┐":
        draw.line((x, y, x, bottom), fill=ink)
    if character in "│└┘":
        draw.line((x, top, x, y), fill=ink)


def overview() -> None:
    """The README's picture."""
    sheet = Image.new("RGB", (1600, 1010), (232, 236, 240))
    for name, box in (
        ("progress.png", (20, 20, 800, 450)),
        ("board.png", (820, 20, 760, 430)),
        ("terminal.png", (20, 490, 760, 480)),
        ("window.png", (820, 470, 380, 143)),
        ("ticket.png", (820, 632, 160, 368)),
        ("progress-phone.png", (1000, 632, 189, 368)),
        ("slip.png", (1230, 470, 350, 530)),
    ):
        picture = Image.open(HERE / name).convert("RGB")
        picture.thumbnail(box[2:], Image.Resampling.LANCZOS)
        sheet.paste(picture, box[:2])
    sheet.save(HERE / "overview.png", optimize=True)


if __name__ == "__main__":
    main()
