"""Generations on a board's disk, and where the board stands between them. Every step is durable or has not happened."""

import shutil
from pathlib import Path

import msgspec

from firmware_config.bundle import Bundle, Opened
from firmware_config.changes import Effect
from hall_protocol.whole_file import sync_folder, write_whole

CURRENT = "current"
"""The link that programs follow."""
STANDING, BUNDLE = "standing.json", "bundle.json"


class Trial(msgspec.Struct, frozen=True):
    """A generation on trial, since which boot, and how often its trial has begun."""

    generation: int
    hash: str
    effects: frozenset[Effect]
    boot_id: str
    starts: int = 1


class Failure(msgspec.Struct, frozen=True):
    """The last generation that was taken back; it is not tried again."""

    generation: int
    hash: str
    reason: str


class Standing(msgspec.Struct, frozen=True):
    """What survives a power cut."""

    committed: int = 0
    """The last generation that proved good; 0 before the first."""
    hash: str = ""
    trial: Trial | None = None
    failure: Failure | None = None


class Store:
    """Generations live in folders of their own; a link says which one holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._generations = folder / "generations"
        self._generations.mkdir(parents=True, exist_ok=True)
        path = folder / STANDING
        self.standing = msgspec.json.decode(path.read_bytes(), type=Standing) if path.exists() else Standing()

    def stand(self, standing: Standing) -> None:
        """Make a new standing durable."""
        write_whole(self.folder / STANDING, msgspec.json.encode(standing))
        self.standing = standing

    def stage(self, opened: Opened) -> None:
        """Put a generation beside the others, whole or not at all."""
        place = self._place(opened.bundle.generation)
        aside = place.with_suffix(".new")
        for old in (aside, place):
            if old.exists():
                shutil.rmtree(old)
        aside.mkdir()
        for part, text in opened.bundle.files.items():
            write_whole(aside / part, text.encode(), 0o640)
        write_whole(aside / BUNDLE, msgspec.json.encode(opened.bundle))
        aside.replace(place)
        sync_folder(self._generations)

    def bundle(self, generation: int) -> Bundle:
        """A generation that has been staged."""
        return msgspec.json.decode((self._place(generation) / BUNDLE).read_bytes(), type=Bundle)

    def committed(self) -> Bundle | None:
        """The last good generation; None before the first."""
        return self.bundle(self.standing.committed) if self.standing.committed else None

    def pointed(self) -> int:
        """The generation that programs see now; 0 for none."""
        try:
            return int((self.folder / CURRENT).readlink().name)
        except (FileNotFoundError, ValueError):
            return 0

    def point(self, generation: int) -> None:
        """Let programs see another generation, in one step."""
        link = self.folder / CURRENT
        if generation == 0:
            link.unlink(missing_ok=True)
        else:
            aside = self.folder / f"{CURRENT}.new"
            aside.unlink(missing_ok=True)
            aside.symlink_to(self._place(generation).relative_to(self.folder))
            aside.replace(link)
        sync_folder(self.folder)

    def prune(self, *keep: int) -> None:
        """Remove generations that nobody will go back to."""
        for place in self._generations.iterdir():
            if place.name not in map(_name, keep):
                shutil.rmtree(place)

    def _place(self, generation: int) -> Path:
        return self._generations / _name(generation)


def _name(generation: int) -> str:
    return f"{generation:06d}"
