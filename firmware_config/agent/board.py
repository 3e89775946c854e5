"""The port to a board: where a generation's files go beside its folder, and how they take effect."""

from typing import Protocol

from firmware_config.bundle import Bundle, Part


class Board(Protocol):
    """What the agent can do to the machine it runs on. Every step may be repeated without harm."""

    boot_id: str
    """Another one after each boot."""
    trial_boot: bool
    """Whether this boot runs with firmware settings that are on trial."""

    def install(self, bundle: Bundle | None, *, trial: bool) -> frozenset[Part]:
        """Put the files in their places, and say which were not there yet.

        With `trial`, firmware settings are laid out for one boot. None removes what generations have put there.
        """

    async def reload(self) -> None:
        """Let the role's program read its file again."""

    async def restart(self) -> None:
        """Start the role's program again."""

    async def stop(self) -> None:
        """End the role's program: there is no configuration for it."""

    async def reconnect(self) -> None:
        """Take up the network's new settings."""

    async def reboot(self, *, trial: bool) -> None:
        """Start the machine again; with `trial`, with the firmware settings that are laid out for one boot."""


class BoardError(Exception):
    """A step did not work; the sentence says which."""
