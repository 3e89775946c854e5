"""Screens as PNG files: one file a screen, always whole."""

from pathlib import Path

from PIL import Image


class PngSink:
    """Writes `<screen>.png` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def show(self, screen: str, frame: Image.Image) -> None:
        """Replace the screen's file."""
        aside = self._folder / f".{screen}.part"
        frame.save(aside, "PNG", compress_level=1)
        aside.replace(self._folder / f"{screen}.png")
