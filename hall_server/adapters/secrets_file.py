"""Making the secrets of a hall: a password for every device, a PIN for every member of staff."""

import secrets
from pathlib import Path

import msgspec

from hall_protocol.topics import Role
from hall_protocol.whole_file import write_whole
from hall_server.adapters.hall_file import LoadedHall, Secrets
from hall_server.adapters.pins import hash_pin

HALL_USER = Role.HALL.value
MANAGER = "manager"


class FreshSecrets(msgspec.Struct, frozen=True):
    """The secrets as stored, and what is new in clear, which is shown once and stored nowhere."""

    stored: Secrets
    new_pins: dict[str, str]
    new_passwords: dict[str, str]
    """Of managers."""


def complete(
    loaded: LoadedHall, pins: dict[str, str] | None = None, manager_password: str | None = None
) -> FreshSecrets:
    """Add what is missing; existing passwords and PINs stay. `pins` and the password are used where given."""
    devices = dict(loaded.secrets.devices)
    for device in (HALL_USER, *(section.id for section in loaded.file.devices)):
        devices.setdefault(device, secrets.token_urlsafe(18))
    staff, new_pins = dict(loaded.secrets.staff), {}
    for person in loaded.hall.staff:
        if person.staff_id not in staff:
            pin = (pins or {}).get(person.staff_id) or f"{secrets.randbelow(1_000_000):06d}"
            new_pins[person.staff_id] = pin
            staff[person.staff_id] = hash_pin(pin)
    managers, new_passwords = dict(loaded.secrets.managers), {}
    if not managers:
        new_passwords[MANAGER] = manager_password or secrets.token_urlsafe(12)
        managers[MANAGER] = hash_pin(new_passwords[MANAGER])
    webhook = loaded.secrets.webhook or (secrets.token_urlsafe(32) if loaded.file.webhook else None)
    return FreshSecrets(Secrets(devices, staff, managers, webhook), new_pins, new_passwords)


def write(path: Path, stored: Secrets) -> None:
    """Write `secrets.toml`, readable by its owner alone, whole or not at all."""
    lines = ["# Broker passwords, and hashes of PINs and managers' passwords. Keep this file to the hall server.", ""]
    lines += [f'webhook = "{stored.webhook}"', ""] if stored.webhook else []
    lines += ["[devices]"]
    lines += [f'{device} = "{password}"' for device, password in sorted(stored.devices.items())]
    lines += ["", "[staff]"]
    lines += [f'{staff_id} = "{hashed}"' for staff_id, hashed in sorted(stored.staff.items())]
    lines += ["", "[managers]"]
    lines += [f'{name} = "{hashed}"' for name, hashed in sorted(stored.managers.items())]
    write_whole(path, ("\n".join(lines) + "\n").encode(), 0o600)
