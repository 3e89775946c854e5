"""R05, J8: a village station from a bare Debian: converged, booted, enrolled, printing, hung, started again, updated.

One board goes through all of it, in this order.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.boards.machine import able, ansible, call
from tests.boards.station import AS_PAIHAO, Station, took

UNITS = (
    *("mosquitto", "paihao-broker-reload", "paihao-broker-restart"),
    *("paihao-hall", "paihao-backup", "paihao-backup-follow"),
    *("paihao-dispenser", "paihao-dispenser-agent", "paihao-display", "paihao-display-agent", "paihao-kiosk"),
)
EXPOSED_AT_MOST = 3.0
DARK_BLUE, YELLOW = (6, 35, 61), (255, 215, 94)
"""Of the main display's page."""


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    able()
    made = Station(tmp_path_factory.mktemp("station"))
    try:
        yield made
    finally:
        made.machine.end()
        call("rm", "-rf", made.machine.root)


def changed(said: str) -> int:
    return int(re.search(r"station\s+: .*changed=(\d+)", said)[1])  # type: ignore[index]


def test_the_roles_pass_the_strictest_profile() -> None:
    able()
    folder = Path(__file__).parent.parent.parent / "ansible"
    call(
        ansible() / "ansible-lint",
        "--offline",
        "-q",
        cwd=folder,
        env={"PATH": f"{ansible()}:/usr/bin:/bin", "HOME": str(folder)},
    )


def test_a_bare_debian_becomes_a_station_and_a_second_run_changes_nothing(station: Station) -> None:
    with station.machine.unbooted():
        with took("a bare Debian became a station"):
            assert changed(station.machine.converge("site.yml", station.settings)) > 0
        with took("a second run"):
            said = station.machine.converge("site.yml", station.settings)
        assert changed(said) == 0, said


def test_a_broken_configuration_never_replaces_a_good_one(station: Station) -> None:
    hall = station.machine.source / "halls/village/hall.toml"
    good = hall.read_text()
    installed = station.machine.root / "etc/paihao/hall/hall.toml"
    before = installed.read_bytes()
    try:
        hall.write_text(good.replace('queues = ["all"]', 'queues = ["none"]'))
        with station.machine.unbooted():
            said = station.machine.converge("site.yml", station.settings, exits=2)
        assert "none" in said
        assert installed.read_bytes() == before
    finally:
        hall.write_text(good)


@pytest.mark.parametrize("unit", UNITS)
def test_no_unit_is_more_exposed_than_it_must_be(station: Station, unit: str) -> None:
    said = call("chroot", station.machine.root, "systemd-analyze", "security", "--offline=true", f"{unit}.service")
    level = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])  # type: ignore[index]
    assert level <= EXPOSED_AT_MOST, said


def test_the_secrets_are_the_servers_alone(station: Station) -> None:
    for path, mode in (("etc/paihao/hall/secrets.toml", 0o640), ("var/lib/paihao/hall", 0o750)):
        assert (station.machine.root / path).stat().st_mode & 0o777 == mode
    key = station.machine.root / "var/lib/paihao/hall/authority/key.pem"
    assert key.stat().st_mode & 0o077 == 0


def test_the_station_boots_and_serves(station: Station) -> None:
    with took("from power to a hall that takes orders"):
        station.machine.boot()
        station.machine.until(station.healthy)
    assert station.machine.run("systemctl", "--failed", "--no-legend").strip() == ""
    doubts = re.findall(r".*/etc/systemd/system/.*", station.machine.run("journalctl", "-b", "--no-pager"))
    assert not doubts, "systemd has not understood a unit"
    # And its forecasting process, which the unit's confinement must not hinder.
    station.machine.until(lambda: "forecaster" in station.machine.run("sh", "-c", "cat /proc/[0-9]*/cmdline"))
    assert "forecaster_failed" not in station.machine.journal()


def test_its_main_display_speaks(station: Station) -> None:
    fetch = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/board', timeout=5).read().decode())"
    assert 'id="sound"' in station.machine.run("python3", "-c", fetch)


def test_its_screen_shows_the_main_display(station: Station) -> None:
    """The browser's own confined unit, with another program's window for glass."""
    machine = station.machine
    machine.run("install", "-d", "-o", "kiosk", "-g", "kiosk", "/var/lib/kiosk")
    machine.run(
        "systemd-run", "--unit=glass", "--uid=kiosk", "--setenv=XDG_RUNTIME_DIR=/var/lib/kiosk",
        "weston", "--backend=headless-backend.so", "--use-pixman", "--width=1280", "--height=720", "--socket=glass",
    )  # fmt: skip
    machine.until(lambda: "glass" in machine.run("ls", "/var/lib/kiosk").split())
    machine.run("sh", "-c", "mkdir -p /dev/dri && touch /dev/dri/card0")
    machine.run("systemctl", "start", "paihao-kiosk")
    where = ("env", "XDG_RUNTIME_DIR=/run/kiosk", "WAYLAND_DISPLAY=wayland-0")

    def shown() -> set[tuple[int, ...]]:
        machine.run(*where, "grim", "/var/lib/screen.png", exits=None)
        picture = machine.root / "var/lib/screen.png"
        with Image.open(picture) if picture.exists() else Image.new("RGB", (1, 1)) as image:
            colours = image.convert("RGB").getcolors(1 << 20)
        return {colour for _, colour in colours or [] if isinstance(colour, tuple)}

    with took("a browser shows the main display"):
        machine.until(lambda: {DARK_BLUE, YELLOW} <= shown(), 60)
    assert machine.property("paihao-kiosk", "NRestarts") == "0"
    machine.run("systemctl", "stop", "paihao-kiosk", "glass")


def test_J8_dispenser_and_display_are_enrolled_and_configured(station: Station) -> None:
    machine = station.machine
    # A printer without paper, on the board itself.
    machine.run(
        "systemd-run", "--unit=printer", "/opt/paihao/bin/paihao-dispenser", "fake-printer",
        "--folder", "/run/slips",
    )  # fmt: skip
    for device, kind in (("dispenser-1", "dispenser"), ("display-1", "display")):
        station.enrol(device, kind)
    fleet = station.machine.source / "halls/village/fleet/signed"
    machine.run("mkdir", "-p", "/run/fleet/signed")
    for path in fleet.glob("*.json"):
        machine.run("sh", "-c", f"cat > /run/fleet/signed/{path.name} <<'END'\n{path.read_text()}\nEND")
    machine.run("chown", "-R", "paihao", "/run/fleet")
    machine.run(
        *AS_PAIHAO, "/opt/paihao/bin/paihao", "config", "publish", "/run/fleet", "--data", "/var/lib/paihao/hall"
    )
    machine.until(lambda: machine.property("paihao-dispenser", "ActiveState") == "active", 90)
    machine.until(lambda: machine.property("paihao-display", "ActiveState") == "active", 90)
    machine.until(
        lambda: (
            machine.paihao("config", "status", "/etc/paihao/hall/hall.toml", exits=None).count("online, applied") == 2
        ),
        60,
    )


def test_a_press_prints_a_slip(station: Station) -> None:
    assert station.press() == "A001"
    station.machine.until(lambda: "A001" in station.machine.run("sh", "-c", "cat /run/slips/*.txt"))
    screens = "/var/lib/paihao/display/data/screens"
    station.machine.until(lambda: "main.png" in station.machine.run("ls", screens))


@pytest.mark.parametrize("unit", ["paihao-hall", "paihao-dispenser"])
def test_a_program_that_hangs_is_started_again(station: Station, unit: str) -> None:
    machine = station.machine
    before = machine.property(unit, "MainPID")
    machine.run("sh", "-c", f"kill -STOP {before}")
    began = time.monotonic()
    machine.until(lambda: machine.property(unit, "MainPID") not in ("0", before), 120)
    machine.until(lambda: machine.property(unit, "ActiveState") == "active", 60)
    assert "watchdog" in machine.run("journalctl", "-u", unit, "--no-pager", "-n", "30").lower()
    print(f"{unit} hung and was ready again after {time.monotonic() - began:.0f} s")
    machine.until(station.healthy)


def test_a_number_given_out_after_the_hang_follows_the_one_before(station: Station) -> None:
    station.machine.until(lambda: station.press() == "A002")


def test_everything_comes_back_after_a_reboot(station: Station) -> None:
    machine = station.machine
    with took("back after a reboot"):
        machine.reboot()
        machine.until(station.healthy, 90)
    machine.run(
        "systemd-run", "--unit=printer", "/opt/paihao/bin/paihao-dispenser", "fake-printer",
        "--folder", "/run/slips",
    )  # fmt: skip
    machine.until(lambda: machine.property("paihao-dispenser", "ActiveState") == "active", 60)
    machine.until(lambda: machine.property("paihao-display", "ActiveState") == "active", 60)
    machine.until(lambda: station.press() == "A003", 30)


def test_a_copy_of_the_journal_is_made(station: Station) -> None:
    station.machine.run("systemctl", "start", "paihao-backup.service")
    kept = station.machine.run("ls", "/var/backups/paihao")
    assert "journal-" in kept
    assert "fleet-" in kept


def test_a_release_that_does_not_come_up_is_taken_back_and_a_good_one_stays(station: Station) -> None:
    machine = station.machine
    program = machine.source / "command_line/main.py"
    good = program.read_text()
    in_force = machine.run("readlink", "/opt/paihao/hall").strip()
    program.write_text("raise SystemExit('this release is broken')\n")
    machine.commit("broken")
    said = machine.converge("update.yml", station.settings, exits=2)
    assert "runs with the release before again" in said
    assert machine.run("readlink", "/opt/paihao/hall").strip() == in_force
    machine.until(station.healthy)

    program.write_text(good)
    release = machine.commit("mended")
    with took("a new release on three programs"):
        machine.converge("update.yml", station.settings)
    for kind in ("hall", "dispenser", "display"):
        assert machine.run("readlink", f"/opt/paihao/{kind}").strip().endswith(release)
    machine.until(station.healthy)
    machine.until(lambda: station.press() == "A004", 30)


MEMORY_AT_MOST_MB = {"paihao-hall": 80, "paihao-dispenser": 45, "paihao-display": 45, "paihao-dispenser-agent": 45}


@pytest.mark.parametrize("unit", MEMORY_AT_MOST_MB)
def test_the_programs_fit_a_small_board(station: Station, unit: str) -> None:
    pid = station.machine.property(unit, "MainPID")
    resident = re.search(r"VmRSS:\s+(\d+) kB", station.machine.run("cat", f"/proc/{pid}/status"))
    assert resident is not None
    print(f"{unit}: {int(resident[1]) / 1024:.1f} MB")
    assert int(resident[1]) / 1024 <= MEMORY_AT_MOST_MB[unit]


def test_J8_the_servers_card_dies_and_nothing_acknowledged_is_lost(station: Station) -> None:
    """A new server has the living copy and the day's copy of the authority: no number twice, devices just come back."""
    machine = station.machine
    assert station.press() == "A005"
    # So far may the copy be behind; whatever it lacks then would be lost.
    time.sleep(1.0)
    machine.run("systemctl", "stop", "paihao-hall")
    machine.run("sh", "-c", "mkdir /run/lost && mv /var/lib/paihao/hall/* /run/lost/")
    with took("the server restored from its living copy"):
        machine.run(*AS_PAIHAO, "/opt/paihao/bin/paihao", "restore", "/mnt/stick/hall.backup", "/var/lib/paihao/hall")
        fleet = machine.run("sh", "-c", "ls -t /var/backups/paihao/fleet-* | head -1").strip()
        machine.run(*AS_PAIHAO, "tar", "-C", "/var/lib/paihao/hall", "-xzf", fleet)
        machine.run("systemctl", "start", "paihao-hall")
        machine.until(station.healthy)
        machine.until(lambda: station.press() == "A006", 30)
    events = "import sqlite3; print(sqlite3.connect('/mnt/stick/hall.backup').execute('select max(seq) from event').fetchone()[0])"
    before = int(machine.run("python3", "-c", events))
    assert station.press() == "A007"
    machine.until(lambda: int(machine.run("python3", "-c", events)) > before, 20)


def test_J8_a_dead_device_is_gone_at_once_and_a_spare_takes_its_place(station: Station) -> None:
    machine = station.machine
    machine.run("systemctl", "stop", "paihao-dispenser", "paihao-dispenser-agent", "paihao-dispenser-agent.path")
    machine.run("sh", "-c", "rm -r /var/lib/paihao/dispenser /opt/paihao/dispenser /etc/systemd/system/*dispenser*")
    dead = "dispenser-1"
    with took("its rights and numbers taken away, the spare prepared"):
        said = machine.converge(
            "replace-device.yml", station.settings, also=dead,
            replace_device=dead, replace_manager_password=station.password,
        )  # fmt: skip
    assert re.search(rf"{dead}\s+: .*changed=[1-9].*failed=0", said), said

    def listed() -> list[str]:
        lines = machine.paihao("devices", "list", PAIHAO_PASSWORD=station.password).splitlines()
        return next(line for line in lines if line.startswith(dead)).split()[2:]

    machine.until(lambda: listed() == ["offline", "no", "certificate"], 20)
    with took("the spare enrolled, configured and running"):
        station.enrol(dead, "dispenser")
        machine.until(lambda: machine.property("paihao-dispenser", "ActiveState") == "active", 90)
        machine.until(lambda: listed()[0] == "online", 60)
    assert station.press() > "A007", "no number twice"
