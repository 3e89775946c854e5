"""Files that are whole or not there: written aside, synced, renamed, and the folder synced."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file; after a power cut it is the old one or the new one.

    Raises:
        OSError: the disk is full or gone; the old file is still there.
    """
    aside = path.with_name(path.name + ".new")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        # A file that a power cut has left behind keeps its rights otherwise.
        os.fchmod(file, mode)
        with os.fdopen(file, "wb", closefd=False) as stream:
            stream.write(content)
        os.fsync(file)
    finally:
        os.close(file)
    aside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
