"""Small documents that survive a power cut: TinyDB on a file that is written aside, synced and renamed."""

import json
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from hall_protocol.whole_file import write_whole


class DurableStorage(Storage):
    """TinyDB's whole document: after a power cut it is the old one or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
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
        write_whole(self._path, json.dumps(data, ensure_ascii=False).encode(), 0o600)
        self._content = data
