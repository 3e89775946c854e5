"""TOML files as typed values, with one sentence for whatever is wrong."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec


class TomlFileError(Exception):
    """A file that is missing, no TOML, or of another shape; one sentence with the key's path."""


Kind = TypeVar("Kind")


def read_toml(path: Path, kind: type[Kind]) -> Kind:
    """A TOML file as a typed value.

    Raises:
        TomlFileError: it cannot be.
    """
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(content, kind)
    except OSError as error:
        raise TomlFileError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TomlFileError(f"{path}: no valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        sentence, _, where = str(error).partition(" - at `$.")
        raise TomlFileError(f"{path.name}: {where.rstrip('`') or 'top level'}: {sentence}") from error
