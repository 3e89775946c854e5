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
        self._content: bytes | None = None
        if path.exists():
            self._content = path.read_bytes()
            try:
                self.read()
            except ValueError:
                # Not written by us: keep it for somebody to look at, and begin anew.
                path.replace(path.with_suffix(".unreadable"))
                self._content = None

    def read(self) -> dict[str, Any] | None:
        """The document as it is on the card; the caller's to change."""
        return None if self._content is None else json.loads(self._content)

    def write(self, data: dict[str, Any]) -> None:
        """Replace the document; durable when this returns.

        Raises:
            OSError: the card is full or broken; the document is the old one.
        """
        content = json.dumps(data, ensure_ascii=False).encode()
        write_whole(self._path, content, 0o600)
        self._content = content
