"""What a display asks of a sink."""

from typing import Protocol

from PIL import Image


class Sink(Protocol):
    """Takes finished frames."""

    def show(self, screen: str, frame: Image.Image) -> None:
        """Show a frame on the screen of this name."""
