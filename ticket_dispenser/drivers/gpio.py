"""Buttons and lamps on a Raspberry Pi's pins, with gpiozero.

Its callbacks come on threads of its own, and its own bounce time is not simulated by its mock pins; so edges hop to the
event loop, and `panel.py` tells bounces from presses.
"""

import asyncio
from collections.abc import Callable, Sequence

import gpiozero

from ticket_dispenser.drivers.panel import Key


class GpioContacts:
    """Buttons between pin and ground (the pin is pulled up), lamps between pin and ground."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._buttons = {key.pin: gpiozero.Button(key.pin, pull_up=True, bounce_time=None) for key in keys}
        self._lamps = {key.lamp: gpiozero.LED(key.lamp) for key in keys if key.lamp is not None}

    def begin(self, edge: Callable[[int, bool], None]) -> None:
        """Tell of every edge."""
        loop = asyncio.get_running_loop()

        def hop(pin: int, down: bool) -> None:
            loop.call_soon_threadsafe(edge, pin, down)

        for pin, button in self._buttons.items():
            button.when_pressed = lambda pin=pin: hop(pin, True)
            button.when_released = lambda pin=pin: hop(pin, False)
            if button.is_pressed:
                edge(pin, True)

    def light(self, lamp: int, bright: bool) -> None:
        """Switch a lamp."""
        self._lamps[lamp].value = bright

    def close(self) -> None:
        """Give the pins back."""
        for device in (*self._buttons.values(), *self._lamps.values()):
            device.close()
