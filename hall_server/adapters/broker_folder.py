"""The files of an external Mosquitto, kept current: rights, passwords, certificates, revocations.

Whoever runs the broker reloads it (SIGHUP) when a file changes, and starts it again when the list of revoked
certificates does: Mosquitto looks at that list only when somebody connects, and who has been sent away must not stay
connected. Everybody else is back within a second.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography import x509

from hall_protocol.topics import Role, Topics
from hall_protocol.whole_file import write_whole
from hall_server.adapters import broker_files as files
from hall_server.adapters.authority import Authority, list_soon_over, soon_expired
from hall_server.adapters.hall_file import FleetSection, LoadedHall
from hall_server.adapters.secrets_file import HALL_USER

CONFIGURATION = "mosquitto.conf"
Same = Callable[[str], object]
"""What counts in a file."""


class BrokerFolder:
    """Writes what differs. The folder's group is the broker's, so that it can read what others may not."""

    def __init__(self, folder: Path, loaded: LoadedHall, fleet: FleetSection, authority: Authority) -> None:
        self._folder, self._loaded, self._fleet, self._authority = folder, loaded, fleet, authority
        self._lock = threading.Lock()

    def write(self) -> None:
        """Bring all files up to date; one thread at a time.

        Raises:
            OSError: one cannot be written.
        """
        with self._lock:
            self._write()

    def _write(self) -> None:
        file, fleet = self._loaded.file, self._fleet
        self._folder.mkdir(parents=True, exist_ok=True)
        self._server_certificate(fleet.names)
        # Before the broker hears of its rights: nobody is let in who has been sent away meanwhile.
        self._put(files.REVOKED, self._authority.revocations(), same=_revoked)
        self._put(files.AUTHORITY, self._authority.certificate)
        roles: Mapping[str, Role] = {
            HALL_USER: Role.HALL,
            **{device.id: device.role for device in file.devices if not self._authority.blocked(device.id)},
        }
        self._put(files.RIGHTS, files.mosquitto_rights(files.users(Topics(file.hall_id), roles)))
        passwords = {user: word for user, word in self._loaded.secrets.devices.items() if user in roles}
        self._put(files.PASSWORDS, files.mosquitto_passwords(passwords), same=_users)
        configuration = files.mosquitto_configuration(
            host=file.broker.host, port=file.broker.port, folder=self._folder.resolve(),
            store=Path(fleet.store), certificates=(fleet.host, fleet.port),
        )  # fmt: skip
        self._put(CONFIGURATION, configuration)

    def _server_certificate(self, names: tuple[str, ...]) -> None:
        path = self._folder / files.SERVER
        known = path.read_text("ascii") if path.exists() else ""
        if soon_expired(known) or _names(known) != set(names):
            key, certificate = self._authority.server(names)
            self._put(files.SERVER_KEY, key)
            self._put(files.SERVER, certificate)

    def _put(self, name: str, text: str, same: Same = lambda text: text) -> None:
        """Write a file unless what counts in it is the same: a broker is not to be reloaded for nothing."""
        path = self._folder / name
        if not path.exists() or same(path.read_text("utf-8")) != same(text):
            write_whole(path, text.encode(), 0o640)


def _names(certificate: str) -> set[str]:
    try:
        found = x509.load_pem_x509_certificate(certificate.encode())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return set()
    return {str(name.value) for name in names}


def _revoked(listed: str) -> object:
    """Who is on it, and whether it is to be made anew before brokers refuse everybody."""
    try:
        found = x509.load_pem_x509_crl(listed.encode())
    except ValueError:
        return None
    return {entry.serial_number for entry in found}, list_soon_over(found)


def _users(passwords: str) -> object:
    """Salts are new each time; passwords change only with their users."""
    return [line.partition(":")[0] for line in passwords.splitlines()]
