"""Halls that ship with the software."""

from pathlib import Path

EXAMPLE = Path(__file__).parent / "example" / "hall.toml"
