"""Every text of the pages exists in both Chinese scripts, and the compiled catalogues are current."""

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from hall_server.web.languages import LOCALES
from hall_server.web.pages import SCRIPT_TEXTS
from hall_server.web.words import TEXTS as WORDS

TEMPLATES = LOCALES.parent / "templates"
PAGES = LOCALES.parent / "pages.py"


def used_texts() -> set[str]:
    html = "\n".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.html"))
    texts = {match[1] for match in re.finditer(r'_\("((?:[^"\\]|\\.)+)"\)', html)}
    texts |= {match[1] for match in re.finditer(r'\("\w+", "([^"]+)"\)', html)}
    python = PAGES.read_text("utf-8")
    texts |= {match[1] for match in re.finditer(r'(?:title|text)="([^"]+)"', python)}
    texts |= {match[1] for match in re.finditer(r'text = "([^"]+)"', python)}
    return texts | set(SCRIPT_TEXTS) | set(WORDS)


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_nothing_is_left_untranslated(language: str) -> None:
    folder = LOCALES / language / "LC_MESSAGES"
    with (folder / "web.po").open("rb") as file:
        catalogue = read_po(file)
    translated = {str(message.id) for message in catalogue if message.id and message.string}
    assert used_texts() - translated == set()
    for message in catalogue:
        if message.id:
            assert set(re.findall(r"{\w+}", str(message.id))) == set(re.findall(r"{\w+}", str(message.string)))


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_the_compiled_catalogue_is_current(language: str) -> None:
    folder: Path = LOCALES / language / "LC_MESSAGES"
    with (folder / "web.po").open("rb") as source, (folder / "web.mo").open("rb") as compiled:
        texts = {str(m.id): m.string for m in read_po(source) if m.id}
        current = {str(m.id): m.string for m in read_mo(compiled) if m.id}
    assert texts == current, "run: pybabel compile -D web -d hall_server/web/locale"
