"""Small documents that survive a power cut: TinyDB on a file that is written aside, synced and renamed."""

import json
import os
from pathlib import Path
from typing import Any

from tinydb.storages import Storage


class DurableStorage(Storage):
    """TinyDB's whole document: after a power cut it is the old one or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_suffix(".new")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._content: dict[str, Any] | None = None
        if path.exists():
            try:
                self._content = json.loads(path.read_text("utf-8"))
            except ValueError:
                # Not written by us: keep it for somebody to look at, and begin anew.
                path.replace(path.with_suffix(".unreadable"))

    def read(self) -> dict[str, Any] | None:
        """The document."""
        return self._content

    def write(self, data: dict[str, Any]) -> None:
        """Replace the document; durable when this returns."""
        encoded = json.dumps(data, ensure_ascii=False).encode()
        file = os.open(self._aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, encoded)
            os.fsync(file)
        finally:
            os.close(file)
        self._aside.replace(self._path)
        os.fsync(self._folder)
        self._content = data

    def close(self) -> None:
        """Nothing is pending."""
        os.close(self._folder)
