"""The hall's files: `hall.toml`, its catalogue and its secrets, parsed once into typed values.

Every fault is one line with its key path; a configuration with faults never runs.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hall_protocol.toml_file import TomlFileError, read_toml
from hall_protocol.topics import Role, is_id
from hall_server.adapters.holidays import chinese_holidays
from hall_server.domain import configuration as d
from hall_server.domain.configuration_faults import faults
from voice.settings import VoiceSettings

MACHINE = "machine.toml"


class ConfigurationError(Exception):
    """A configuration that cannot be used: one line a fault."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class ServerSection(_Section, frozen=True):
    """Where the server keeps its data and listens."""

    data: str
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    public_url: str | None = None
    """What stands in QR codes; the HTTP address if absent."""
    speed: float = 1.0
    """Hall time runs so much faster. For demonstrations only."""


class BrokerSection(_Section, frozen=True):
    """The MQTT broker: one that the hall starts itself, or an external one."""

    kind: Literal["embedded", "external"] = "embedded"
    host: str = "127.0.0.1"
    port: int = 1883
    home_assistant: bool = False
    """Tell Home Assistant of the hall's devices; it connects as a device of the role `monitor`."""


class DeviceSection(_Section, frozen=True):
    """A device that may connect."""

    id: str
    role: Role
    windows: tuple[str, ...] = ()


class SessionSection(_Section, frozen=True):
    """An opening time."""

    kind: Literal["regular", "extended", "off_hours"]
    start: str = msgspec.field(name="from")
    to: str
    weekdays: tuple[int, ...] = ()


class HoursSection(_Section, frozen=True):
    """A stretch of the day, on the days named or on all."""

    start: str = msgspec.field(name="from")
    to: str
    days: tuple[str, ...] = ()


class WindowSection(_Section, frozen=True):
    """A window, when it is planned to be open (all sessions if not said) and its breaks."""

    window_id: str
    zone: str
    queues: tuple[str, ...]
    prefers: str | None = None
    hours: tuple[HoursSection, ...] = ()
    breaks: tuple[HoursSection, ...] = ()


class CalendarSection(_Section, frozen=True):
    """Opening times and holidays. `holidays` is a list of dates, or "cn" for China's with their make-up workdays."""

    timezone: str
    sessions: tuple[SessionSection, ...]
    holidays: Literal["cn"] | tuple[str, ...] = ()
    makeup_workdays: tuple[str, ...] = ()
    last_issue_before_end_min: int = 0
    visit_times: Literal["opening", "midnight"] = "opening"
    """What seconds in a file of visits count from."""


class WebhookSection(_Section, frozen=True):
    """A program that is told of alerts."""

    url: str


class FleetSection(_Section, frozen=True):
    """Devices with certificates of the hall's own authority, on an external Mosquitto."""

    names: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Host names and addresses by which devices reach the broker; the first is what they are told."""
    host: str = "127.0.0.1"
    """Where the broker listens for them."""
    port: int = 8883
    signers: Annotated[tuple[str, ...], Meta(max_length=2)] = ()
    """Public keys whose configurations new devices believe, from `paihao config key`."""
    files: str = "broker-files"
    """Folder for the broker's files; relative to the data directory."""
    store: str = "/var/lib/mosquitto"
    """Where the broker keeps what is retained."""


class HallFile(_Section, frozen=True):
    """`hall.toml`."""

    hall_id: str
    name: d.Text
    level: Literal["city", "district", "town", "village"]
    phone: str
    catalogue: str
    calendar: CalendarSection
    zones: tuple[d.Zone, ...]
    queues: tuple[d.Queue, ...]
    windows: tuple[WindowSection, ...]
    staff: tuple[d.Staff, ...]
    devices: tuple[DeviceSection, ...] = ()
    secrets: str = "secrets.toml"
    server: ServerSection = ServerSection("data")
    broker: BrokerSection = BrokerSection()
    webhook: WebhookSection | None = None
    fleet: FleetSection | None = None
    voice: VoiceSettings | None = None
    """For the browsers that show the main display; relative folders count from this file."""
    rules: d.Rules = d.Rules()
    units: tuple[d.Unit, ...] = ()
    languages: tuple[str, ...] = ("zh-Hans", "zh-Hant", "en")
    walk_in_share: float = 1.0


class MachineFile(_Section, frozen=True):
    """`machine.toml` beside `hall.toml`: what belongs to the machine and not to the hall. Its sections go before."""

    server: ServerSection | None = None
    broker: BrokerSection | None = None
    fleet: FleetSection | None = None
    webhook: WebhookSection | None = None
    voice: VoiceSettings | None = None


class CatalogueFile(_Section, frozen=True):
    """`catalogue.toml`."""

    categories: tuple[d.Category, ...]
    services: tuple[d.Service, ...]


class Secrets(_Section, frozen=True):
    """`secrets.toml`: broker passwords by device (and `hall` itself), argon2 hashes of PINs and managers' passwords."""

    devices: dict[str, str] = {}
    staff: dict[str, str] = {}
    managers: dict[str, str] = {}
    webhook: str | None = None
    """What alerts are signed with."""


class LoadedHall(msgspec.Struct, frozen=True):
    """Everything a hall server starts with."""

    path: Path
    file: HallFile
    hall: d.Hall
    secrets: Secrets

    @property
    def data(self) -> Path:
        """The data directory; relative paths count from the configuration file."""
        return self.path.parent / self.file.server.data


def load_hall(path: Path) -> LoadedHall:
    """A hall from its files.

    Raises:
        ConfigurationError: with one line for every fault.
    """
    try:
        file = _on_machine(read_toml(path, HallFile), path.parent / MACHINE)
        catalogue = read_toml(path.parent / file.catalogue, CatalogueFile)
        secrets_path = path.parent / file.secrets
        secrets = read_toml(secrets_path, Secrets) if secrets_path.exists() else Secrets()
    except TomlFileError as error:
        raise ConfigurationError([str(error)]) from error
    lines: list[str] = []
    hall = d.Hall(
        hall_id=file.hall_id,
        name=file.name,
        level=file.level,
        phone=file.phone,
        zones=file.zones,
        queues=file.queues,
        categories=catalogue.categories,
        services=catalogue.services,
        windows=tuple(_window(index, window, lines) for index, window in enumerate(file.windows)),
        staff=file.staff,
        calendar=_calendar(file.calendar, lines),
        rules=file.rules,
        units=file.units,
        languages=file.languages,
        walk_in_share=file.walk_in_share,
    )
    lines += faults(hall)
    lines += _device_faults(file)
    if lines:
        raise ConfigurationError([f"{path.name}: {line}" for line in lines])
    return LoadedHall(path, file, hall, secrets)


def _on_machine(file: HallFile, path: Path) -> HallFile:
    if not path.exists():
        return file
    machine = read_toml(path, MachineFile)
    told = {name: getattr(machine, name) for name in MachineFile.__struct_fields__}
    return msgspec.structs.replace(file, **{name: section for name, section in told.items() if section is not None})


def _window(index: int, section: WindowSection, lines: list[str]) -> d.Window:
    def stretches(name: str, sections: tuple[HoursSection, ...]) -> tuple[d.Hours, ...]:
        found = []
        for place, one in enumerate(sections):
            start, end = _minutes(one.start), _minutes(one.to)
            if start is None or end is None:
                lines.append(f"windows[{index}].{name}[{place}]: times are written HH:MM, up to 24:00")
            else:
                found.append(d.Hours(start, end, one.days))
        return tuple(found)

    hours, breaks = stretches("hours", section.hours), stretches("breaks", section.breaks)
    return d.Window(section.window_id, section.zone, section.queues, section.prefers, hours, breaks)


def _calendar(section: CalendarSection, lines: list[str]) -> d.Calendar:
    sessions = []
    for index, session in enumerate(section.sessions):
        start, end = _minutes(session.start), _minutes(session.to)
        if start is None or end is None:
            lines.append(f"calendar.sessions[{index}]: times are written HH:MM, up to 24:00")
            continue
        sessions.append(d.Session(session.kind, start, end, session.weekdays))
    holidays, makeup = section.holidays, section.makeup_workdays
    if holidays == "cn":
        holidays, extra = chinese_holidays()
        makeup = (*makeup, *extra)
    return d.Calendar(tuple(sessions), holidays, makeup, section.last_issue_before_end_min)


def _minutes(text: str) -> int | None:
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2 and int(minutes) < 60):
        return None
    total = int(hours) * 60 + int(minutes)
    return total if total <= 24 * 60 else None


def _device_faults(file: HallFile) -> list[str]:
    lines = []
    windows = {window.window_id for window in file.windows}
    seen: set[str] = set()
    for index, device in enumerate(file.devices):
        if not is_id(device.id) or device.id == Role.HALL:
            lines.append(f"devices[{index}].id: {device.id!r} does not match [a-z0-9][a-z0-9-]{{0,31}} or is taken")
        if device.id in seen:
            lines.append(f"devices[{index}].id: {device.id!r} is used twice")
        seen.add(device.id)
        if device.role is Role.HALL:
            lines.append(f"devices[{index}].role: the hall is no device")
        lines += [f"devices[{index}].windows: there is no window {w!r}" for w in device.windows if w not in windows]
    if file.webhook is not None and not file.webhook.url.startswith(("http://", "https://")):
        lines.append("webhook.url: begins with http:// or https://")
    if file.fleet is not None and file.broker.kind != "external":
        lines.append('fleet: certificates need broker.kind = "external"; paihao broker writes its files')
    for key, port in (("server.http_port", file.server.http_port), ("broker.port", file.broker.port)):
        if not 0 <= port <= 65535:
            lines.append(f"{key}: {port} is no port")
    if not file.server.speed > 0:
        lines.append("server.speed: must be above 0")
    return lines
