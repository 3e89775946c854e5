"""What a display asks of a sink: some take images, some take text."""

from typing import Protocol

from PIL import Image


class Sink(Protocol):
    """Takes finished frames."""

    def show(self, screen: str, frame: Image.Image) -> None:
        """Show a frame on the screen of this name."""


class TextSink(Protocol):
    """Takes a line of text for each screen; never makes anybody wait."""

    def say(self, screen: str, text: str, *, new: bool) -> None:
        """Show a line on the screen of this name; `new` for a call that has just been made."""
