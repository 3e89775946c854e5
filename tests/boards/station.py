"""A village station of the tests: its board, and what its operator has on the desk."""

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.boards.machine import Machine, call

AS_PAIHAO = ("setpriv", "--reuid=paihao", "--regid=paihao", "--clear-groups", "--")
WATCHDOG_S = 10
REPEAT_GUARD_S = 2.0
"""The same button within a second and a half is the same press."""
PRESS = """
import socket, sys
with socket.socket(socket.AF_UNIX) as buttons:
    buttons.settimeout(15)
    buttons.connect("/var/lib/paihao/dispenser/data/buttons.sock")
    buttons.sendall(b'{"service_id": "pension-check"}\\n')
    print(buttons.makefile().readline())
"""
ALWAYS_OPEN = 'from = "00:00"\nto = "24:00"\nweekdays = [0, 1, 2, 3, 4, 5, 6]\n'


class Station:
    """The board, and what its operator has on the desk."""

    def __init__(self, folder: Path) -> None:
        self.machine = Machine(folder)
        self._pressed_at = 0.0
        source = self.machine.source
        self._open_around_the_clock(source / "halls/village/hall.toml")
        said = self._paihao("config", "key", folder / "key.pem")
        self.signers = [said.partition('["')[2].partition('"')[0]]
        fleet = source / "halls/village/fleet/site.toml"
        fleet.write_text(fleet.read_text().replace("signers = []", f"signers = {json.dumps(self.signers)}"))
        self._paihao("config", "sign", fleet.parent, "--key", folder / "key.pem")
        secrets = folder / "secrets"
        secrets.mkdir()
        for name in ("hall.toml", "catalogue.toml"):
            (secrets / name).write_bytes((source / "halls/village" / name).read_bytes())
        shown = self._paihao("secrets", secrets / "hall.toml")
        (self.password,) = re.findall(r"new password of manager: (\S+)", shown)
        self.settings = {
            "vault_hall_server_secrets": (secrets / "secrets.toml").read_text(),
            "hall_server_signers": self.signers,
            "hall_server_watchdog_s": WATCHDOG_S,
            "base_time_clients": ["192.0.2.0/24"],
            "backup_follow_to": "/mnt/stick",
            # To look at what the browser shows without a screen.
            "base_packages": ["weston", "grim"],
        }
        self.machine.commit("a station's own settings")
        trial = self.machine.root / "etc/systemd/system/paihao-kiosk.service.d/trial.conf"
        trial.parent.mkdir(parents=True)
        trial.write_text(
            "[Service]\nEnvironment=WLR_BACKENDS=wayland WLR_RENDERER=pixman WAYLAND_DISPLAY=/var/lib/kiosk/glass\n"
        )

    def _paihao(self, *words: str | Path) -> str:
        """Our own command at the operator's desk."""
        return call(sys.executable, "-m", "command_line", *words, cwd=self.machine.source)

    @staticmethod
    def _open_around_the_clock(hall: Path) -> None:
        head, _, _ = hall.read_text().partition("[[calendar.sessions]]")
        _, _, tail = hall.read_text().partition("[rules.alerts]")
        opened = head.replace('holidays = "cn"', "holidays = []").replace("end_min = 10", "end_min = 0")
        hall.write_text(f'{opened}[[calendar.sessions]]\nkind = "regular"\n{ALWAYS_OPEN}\n[rules.alerts]{tail}')

    def healthy(self) -> bool:
        fetch = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/healthz', timeout=2).status)"
        return self.machine.run("python3", "-c", fetch, exits=None).strip().endswith("200")

    def press(self) -> str:
        """Take a number, as another visitor than the last; the label."""
        time.sleep(max(0.0, self._pressed_at + REPEAT_GUARD_S - time.monotonic()))
        answer = json.loads(self.machine.run("python3", "-c", PRESS))
        self._pressed_at = time.monotonic()
        assert answer["label"], answer
        return str(answer["label"])

    def enrol(self, device: str, kind: str) -> None:
        """Ask on the device; type the code at the hall."""
        machine = self.machine
        machine.run(
            "systemd-run", "--collect", "--property=StandardOutput=file:/run/enrol",
            "/opt/paihao/bin/paihao", "enrol", "--hall", "http://127.0.0.1:8080", "--device", device,
            "--folder", f"/var/lib/paihao/{kind}",
        )  # fmt: skip
        machine.until(lambda: "approve" in machine.run("cat", "/run/enrol", exits=None))
        code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", machine.run("cat", "/run/enrol"))
        assert code is not None
        machine.paihao("devices", "approve", device, code[0], PAIHAO_PASSWORD=self.password)
        machine.run("rm", "/run/enrol")


@contextmanager
def took(what: str) -> Iterator[None]:
    """For docs/operations.md: `pytest tests/boards -s`."""
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.0f} s")
