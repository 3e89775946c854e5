"""Slips: golden bytes, golden pictures, and nothing on them that is nobody's business."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from ticket_dispenser.printers.picture import Raster, UnreadableSlipError, picture_of, read, text_of
from ticket_dispenser.slips.content import SlipContent
from ticket_dispenser.slips.escpos_bytes import Paper, slip_bytes
from ticket_dispenser.slips.template import Element, Template, layout

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"

CONTENT = SlipContent(
    hall={"zh-Hans": "示范区政务服务中心", "zh-Hant": "示範區政務服務中心", "en": "Example District Service Hall"},
    label="B007",
    service={"zh-Hans": "居民身份证换领", "zh-Hant": "居民身份證換領", "en": "Identity card renewal"},
    zone="B",
    windows=("4", "5", "6", "8"),
    ahead=6,
    wait_min=(15, 25),
    taken="2026-06-03 10:42",
    url="http://192.0.2.10:8080/t/mF3k9wYbqT0nB7sQ1xZ5cA",
    phone="020-12345",
)
BRINGING = replace(
    CONTENT, bring={"zh-Hans": "居民身份证、户口簿、近期照片", "en": "Identity card, household register, photo"}
)
OWN = Template(
    (
        Element("logo"), Element("label", 6), Element("text", text={"zh-Hans": "祝您办事顺利"}), Element("where", 2),
        Element("wait"), Element("bring"), Element("qr"),
    )
)  # fmt: skip
SLIPS = {
    "zh-Hans": CONTENT,
    "zh-Hant": replace(CONTENT, language="zh-Hant"),
    "en": replace(CONTENT, language="en"),
    "no-estimate": replace(CONTENT, wait_min=None),
    "rare-character": replace(CONTENT, service={"zh-Hans": "㐂𠀀户口"}),
    "offline": replace(CONTENT, wait_min=None, ahead=0, label="B701", offline=True),
    "large": replace(CONTENT, large=True),
    "reprint": replace(CONTENT, again=True),
    "late": replace(CONTENT, late=True),
    "long": replace(CONTENT, service={"zh-Hans": "往来港澳通行证首次申领、换发、补发及签注"}),
}


NARROW, WIDE = Paper(32), Paper(48)
MADE = {
    **{name: (layout(content), NARROW) for name, content in SLIPS.items()},
    "wide": (layout(BRINGING), WIDE),
    "wide-large": (layout(replace(BRINGING, large=True)), WIDE),
    "own-template": (layout(BRINGING, OWN, HERE / "logo.png"), WIDE),
    "raster": (layout(CONTENT), Paper(32, "raster", native_qr=False)),
    "utf-8": (layout(CONTENT), Paper(32, "utf-8", cutter=False)),
    "gbk": (layout(SLIPS["rare-character"]), Paper(32, "gbk")),
}


@pytest.mark.parametrize("name", MADE)
def test_bytes_are_golden(name: str) -> None:
    golden = GOLDEN / f"{name}.bin"
    printed = slip_bytes(*MADE[name])
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(printed)
        picture_of(printed, MADE[name][1].columns * 12).save(GOLDEN / f"{name}.png", optimize=True)
        pytest.fail(f"{golden} is new: look at its picture, then commit both")
    assert printed == golden.read_bytes()


@pytest.mark.parametrize("name", MADE)
def test_pictures_are_golden(name: str) -> None:
    picture = picture_of((GOLDEN / f"{name}.bin").read_bytes(), MADE[name][1].columns * 12)
    golden = Image.open(GOLDEN / f"{name}.png").convert("L")
    assert picture.size == golden.size
    assert ImageChops.difference(picture, golden).getbbox() is None


def test_J4_an_offline_slip_says_so_and_promises_nothing() -> None:
    text = text_of(slip_bytes(layout(SLIPS["offline"])))
    assert "离线取号" in text
    assert "预计" not in text
    assert "前面" not in text


@pytest.mark.parametrize("content", [CONTENT, SLIPS["late"], SLIPS["offline"]])
def test_a_text_slip_has_at_most_250_bytes(content: SlipContent) -> None:
    assert len(slip_bytes(layout(content))) <= 250


def test_J3_a_late_visitors_slip_says_so() -> None:
    assert text_of(slip_bytes(layout(SLIPS["late"]))).startswith("预约逾时转现场号")


def test_J1_the_slip_says_what_it_must() -> None:
    text = text_of(slip_bytes(layout(CONTENT)))
    for wanted in (
        "B007",
        "居民身份证换领",
        "B区",
        "4、5、6、8号窗口",
        "前面还有6人",
        "15-25分钟",
        "10:42",
        CONTENT.url,
        "020-12345",
    ):
        assert wanted in text


def test_a_rare_character_makes_its_line_a_raster_and_no_other() -> None:
    parts = read(slip_bytes(layout(SLIPS["rare-character"])))
    assert sum(isinstance(part, Raster) for part in parts) == 1


def test_no_line_is_wider_than_the_paper() -> None:
    for name in ("long", "en"):
        for line in text_of(slip_bytes(layout(SLIPS[name]))).splitlines():
            if not line.startswith("["):
                assert sum(2 if ord(c) > 0xFF else 1 for c in line) <= 32


def test_wide_paper_has_longer_lines() -> None:
    assert len(text_of(slip_bytes(layout(SLIPS["long"]), Paper(48))).splitlines()) < len(
        text_of(slip_bytes(layout(SLIPS["long"]))).splitlines()
    )


def test_bytes_that_slips_do_not_use_are_refused() -> None:
    for noise in (b"\x1bZ", b"\x1dZ", b"\x1cq"):
        with pytest.raises(UnreadableSlipError):
            text_of(noise)
