"""`device.toml`: what every device and staff program is told, besides what is its own."""

from pathlib import Path
from typing import ClassVar, TypeVar

import msgspec

from hall_protocol.session import BrokerAddress
from hall_protocol.toml_file import TomlFileError, read_toml
from hall_protocol.topics import is_id


class DeviceFileError(Exception):
    """A device file that cannot be used; one sentence."""


class DeviceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The part that all device files share."""

    hall: str
    device: str
    password: str = ""
    """For brokers without certificates."""
    identity: str = ""
    """Folder with the device's certificate, from `paihao enrol`; relative to the file."""
    host: str = "127.0.0.1"
    port: int = 1883
    data: str = "data"
    """Folder for what the device remembers; relative to the file."""
    generation: int = 0
    """Of the configuration, where the hall's fleet configuration has made this file."""

    HOT: ClassVar[frozenset[str]] = frozenset()
    """Keys, dotted, that the running program takes over when it is told to read its file again."""

    @property
    def address(self) -> BrokerAddress:
        """Where to connect, and as whom."""
        identity = Path(self.identity) if self.identity else None
        return BrokerAddress(self.host, self.port, self.device, self.password, identity=identity)


FileT = TypeVar("FileT", bound=DeviceFile)


def load_device(path: Path, kind: type[FileT]) -> FileT:
    """A device file.

    Raises:
        DeviceFileError: it is missing, no TOML, or not of that shape.
    """
    try:
        loaded = read_toml(path, kind)
    except TomlFileError as error:
        raise DeviceFileError(str(error)) from error
    for key, value in (("hall", loaded.hall), ("device", loaded.device)):
        if not is_id(value):
            raise DeviceFileError(f"{path}: {key}: {value!r} does not match [a-z0-9][a-z0-9-]{{0,31}}")
    if not (loaded.password or loaded.identity):
        raise DeviceFileError(f"{path}: either password or identity (a folder made by `paihao enrol`) is needed")
    if loaded.identity:
        loaded = msgspec.structs.replace(loaded, identity=str(path.parent / loaded.identity))
    return loaded
