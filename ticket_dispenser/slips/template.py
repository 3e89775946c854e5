"""How a slip is laid out: a template names what stands on it, from top to bottom. Pure.

A hall may have a template of its own (`slip.toml` beside the device's file):

    [[lines]]
    show = "hall"
    [[lines]]
    show = "label"
    size = 4
    [[lines]]
    show = "text"
    text = { zh-Hans = "祝您办事顺利", en = "Have a good day" }
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hall_protocol.messages import Text, said
from ticket_dispenser.slips.content import SlipContent
from ticket_dispenser.slips.words import words_of

Shown = Literal[
    "logo", "hall", "label", "service", "where", "ahead", "wait", "bring", "qr", "scan", "taken", "phone", "text"
]
LARGEST = 8


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of a slip. `size` magnifies text; `text` goes with `show = "text"`."""

    show: Shown
    size: Annotated[int, Meta(ge=1, le=LARGEST)] = 1
    text: Text | None = None


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slip's parts, top to bottom. `logo` is a black-and-white PNG, relative to the template's file."""

    lines: Annotated[tuple[Element, ...], Meta(min_length=1)]
    logo: str = ""


USUAL = Template(
    (
        Element("logo"), Element("hall"), Element("label", 4), Element("service"), Element("where"), Element("ahead"),
        Element("wait"), Element("bring"), Element("qr"), Element("scan"), Element("taken"), Element("phone"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text; `size` magnifies it."""

    text: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class QrLine:
    """A QR code."""

    content: str


@dataclass(frozen=True, slots=True)
class LogoLine:
    """A picture from a file."""

    path: Path


SlipLine = TextLine | QrLine | LogoLine


def layout(content: SlipContent, template: Template = USUAL, logo: Path | None = None) -> list[SlipLine]:
    """The slip's lines, top to bottom, in the visitor's language. In large type every text is twice as large."""
    words = words_of(content.language)
    lines: list[SlipLine] = [TextLine(words[mark]) for mark in ("again", "late") if getattr(content, mark)]
    for element in template.lines:
        if element.show == "qr":
            lines.append(QrLine(content.url))
        elif element.show == "logo":
            lines += [LogoLine(logo)] if logo else []
        else:
            text = _text(element, content)
            lines += [TextLine(text, element.size)] if text else []
    return [_larger(line) for line in lines] if content.large else lines


def _larger(line: SlipLine) -> SlipLine:
    return TextLine(line.text, min(LARGEST, 2 * line.size)) if isinstance(line, TextLine) and line.size < 4 else line


def _text(element: Element, content: SlipContent) -> str:
    words, language = words_of(content.language), content.language
    texts: dict[str, str] = {
        "hall": said(content.hall, language),
        "label": content.label,
        "service": said(content.service, language),
        "where": words["where"].format(zone=content.zone, windows=words["join"].join(content.windows)),
        "ahead": words["offline"] if content.offline else words["ahead"].format(n=content.ahead),
        "wait": words["later"] if content.offline else _wait(content, words),
        "bring": words["bring"].format(text=said(content.bring, language)) if content.bring else "",
        # A late visitor's slip has one more line above, and slips are to stay short.
        "scan": "" if content.late else words["scan"],
        "taken": content.taken,
        "phone": words["phone"].format(phone=content.phone),
        "text": said(element.text, language) if element.text else "",
    }
    return texts[element.show]


def _wait(content: SlipContent, words: dict[str, str]) -> str:
    if content.wait_min is None:
        return words["unknown"]
    return words["wait"].format(low=content.wait_min[0], high=content.wait_min[1])
