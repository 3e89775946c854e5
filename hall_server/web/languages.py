"""Languages of the pages: which one a visitor reads, and its texts."""

import gettext
from functools import lru_cache
from pathlib import Path

from aiohttp import web

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
NAMES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def language_of(request: web.Request) -> str:
    """`?lang`, else the first of Accept-Language that we have, else simplified Chinese."""
    asked = request.query.get("lang")
    if asked in LANGUAGES:
        return asked
    for part in request.headers.get("Accept-Language", "").split(",")[:20]:
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith(_TRADITIONAL):
            return "zh-Hant"
        if tag.startswith("zh"):
            return "zh-Hans"
        if tag.startswith("en"):
            return "en"
    return LANGUAGES[0]


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> gettext.NullTranslations:
    """The catalogue of one language. English is the language of the message ids."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("web", LOCALES, [language.replace("-", "_")])


def pick(text: dict[str, str] | None, language: str) -> str:
    """A configured text in a language; simplified Chinese where it has none."""
    return (text or {}).get(language) or (text or {}).get("zh-Hans", "")


def minutes(wait: dict[str, int] | None, language: str) -> str:
    """A wait range in whole minutes, rounded outwards so that it never promises more than is known."""
    translate = texts(language).gettext
    if wait is None:
        return translate("not known yet")
    low, high = wait["low"] // 60, -(-wait["high"] // 60)
    return translate("{low}–{high} min").format(low=low, high=max(high, low + 1))
