"""A board without a board: a Debian in a folder, converged by Ansible, booted by systemd-nspawn.

Nothing leaves the machine but downloads: a booted board has a network of its own with nothing in it but itself.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parent.parent.parent
KEPT = PROJECT / ".boards"
"""What takes long to make and is always the same; not part of the project."""
MIRROR = "http://deb.debian.org/debian"
SUITE = os.environ.get("PAIHAO_BOARDS_SUITE", "bookworm")
"""Debian 12, or another one to try: PAIHAO_BOARDS_SUITE=trixie ./paihao test tests/boards."""
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,python3,python3-venv,python3-apt"
ASKED_FOR_REBOOT = 133
VAULT_PASSWORD = "only for this test\n"


def able() -> None:
    """Skip, and say plainly why, where boards cannot be made."""
    if os.geteuid() != 0:
        pytest.skip("boards were not tested: that needs root")
    missing = [name for name in ("debootstrap", "systemd-nspawn", "nsenter", "git") if shutil.which(name) is None]
    if missing:
        pytest.skip(
            f"boards were not tested: {', '.join(missing)} missing (apt-get install debootstrap systemd-container)"
        )
    try:
        urllib.request.urlopen(f"{MIRROR}/dists/{SUITE}/Release", timeout=15).close()  # noqa: S310  a constant
    except OSError as error:
        pytest.skip(f"boards were not tested: the Debian mirror cannot be reached ({error})")


def call(*words: str | Path, exits: int | None = 0, **more: Any) -> str:
    """Run something to its end; what it said."""
    done = subprocess.run(
        list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more
    )
    assert exits is None or done.returncode == exits, f"{words}: {done.returncode}\n{done.stdout[-6000:]}"
    return str(done.stdout)


def ansible() -> Path:
    """Ansible's programs, from its own lock; made once."""
    lock, venv = PROJECT / "ansible/requirements.lock", KEPT / "ansible"
    stamp = venv / "installed.lock"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        shutil.rmtree(venv, ignore_errors=True)
        call(sys.executable, "-m", "venv", venv)
        options = ("--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:")
        call(venv / "bin/python", "-m", "pip", "install", *options, "-r", lock)
        shutil.copyfile(lock, stamp)
    return venv / "bin"


def base() -> Path:
    """A bare Debian; made once."""
    root = KEPT / SUITE
    if not (root / "complete").exists():
        for name in ("proc", "sys"):
            # An attempt that failed leaves the kernel's own files here, which are not to be removed.
            call("umount", root / name, exits=None)
        shutil.rmtree(root, ignore_errors=True)
        KEPT.mkdir(exist_ok=True)
        call("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root, MIRROR)
        (root / "complete").touch()
    return root


class Machine:
    """One board."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "root"
        call("cp", "-a", "--reflink=auto", base(), self.root)
        (self.root / "complete").unlink()
        # The installer of a real system writes this.
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        self._downloads_as_here()
        self.source = folder / "source"
        self._own_checkout()
        self._nspawn: subprocess.Popen[bytes] | None = None

    def _downloads_as_here(self) -> None:
        """A site's own index or certificate authority is one for its boards too."""
        settings = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        told = [f"{name[4:].lower().replace('_', '-')} = {value}" for name, value in settings.items()]
        (self.root / "etc/pip.conf").write_text("\n".join(["[global]", *told, ""]))
        authorities = Path(os.environ.get("PIP_CERT", "/nowhere"))
        if authorities.exists():
            shutil.copyfile(authorities, self.root / authorities.relative_to("/"))

    def _own_checkout(self) -> None:
        """The project as it is now, as a checkout that tests may change."""
        self.source.mkdir()
        listed = call("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=PROJECT)
        for name in filter(None, listed.split("\0")):
            if (PROJECT / name).is_file():
                target = self.source / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, target)
        call("git", "init", "-q", cwd=self.source)
        self.commit("as it is")

    def commit(self, message: str) -> str:
        """A new release of the checkout; its name."""
        call("git", "add", "-A", cwd=self.source)
        who = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")
        call("git", *who, "commit", "-q", "-m", message, cwd=self.source)
        return call("git", "rev-parse", "--short=12", "HEAD", cwd=self.source).strip()

    def converge(
        self, playbook: str, settings: dict[str, Any], exits: int | None = 0, *, also: str = "", **extra: str
    ) -> str:
        """Run a playbook with extra variables; what it said. `also`: the board is a dispenser of this name too."""
        vault, word = self.folder / "vault.json", self.folder / "vault-password"
        word.write_text(VAULT_PASSWORD)
        secrets = {key: value for key, value in settings.items() if key.startswith("vault_")}
        vault.write_text(json.dumps(secrets))
        call(ansible() / "ansible-vault", "encrypt", "--vault-password-file", word, vault, env=self._environment())
        station: dict[str, Any] = {
            "ansible_connection": "community.general.chroot",
            "ansible_host": str(self.root),
            "ansible_become": False,
            "software_source": str(self.source),
            **{key: value for key, value in settings.items() if not key.startswith("vault_")},
        }
        if self._nspawn is not None:
            enter = self.folder / "enter"
            enter.write_text(f'#!/bin/sh\nshift\nexec nsenter -t {self.first_process()} -a -- "$@"\n')
            enter.chmod(0o755)
            station["ansible_chroot_exe"] = str(enter)
        inventory = self.folder / "board.json"
        spare = {"dispensers": {"hosts": {also: station}}} if also else {}
        inventory.write_text(json.dumps({"all": {"hosts": {"station": station}, "children": spare}}))
        return call(
            *(ansible() / "ansible-playbook", "-i", "inventories/village", "-i", inventory, playbook),
            *("-e", f"@{vault}", "--vault-password-file", word, "-e", json.dumps(extra)),
            cwd=self.source / "ansible",
            env=self._environment(),
            exits=exits,
        )

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PATH": f"{ansible()}:{os.environ['PATH']}", "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"}

    @contextmanager
    def unbooted(self) -> Iterator[None]:
        """What programs in a folder expect to find."""
        mounted = []
        try:
            for name in ("proc", "dev"):
                call("mount", "--bind", f"/{name}", self.root / name)
                mounted.append(name)
            yield
        finally:
            for name in reversed(mounted):
                call("umount", self.root / name)

    def boot(self) -> None:
        """Let systemd take over, on a network of its own."""
        options = ("--boot", "--register=no", "--keep-unit", "--private-network", "--machine=station")
        with (self.folder / "console.log").open("ab") as console:
            self._nspawn = subprocess.Popen(
                [str(shutil.which("systemd-nspawn")), "-D", str(self.root), *options],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self.until(
            lambda: self.run("systemctl", "is-system-running", exits=None).strip() in ("running", "degraded"), 90
        )

    def reboot(self) -> None:
        """Let the board start itself again; systemd-nspawn tells its keeper so and leaves it to it."""
        assert self._nspawn is not None
        self.run("systemctl", "reboot")
        assert self._nspawn.wait(60) == ASKED_FOR_REBOOT
        self.boot()

    def first_process(self) -> int:
        """The board's systemd, as this machine sees it."""
        assert self._nspawn is not None
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        return int(children[-1]) if children else 0

    def run(self, *words: str, exits: int | None = 0, **environment: str) -> str:
        """A command on the booted board."""
        settings = [f"{name}={value}" for name, value in environment.items()]
        return call("nsenter", "-t", str(self.first_process()), "-a", "--", "env", *settings, *words, exits=exits)

    def paihao(self, *words: str, exits: int | None = 0, **environment: str) -> str:
        """Our own command on the booted board."""
        return self.run("/opt/paihao/bin/paihao", *words, exits=exits, **environment)

    def property(self, unit: str, name: str) -> str:
        """One of systemd's words about a unit."""
        return self.run("systemctl", "show", f"--property={name}", "--value", unit).strip()

    def until(self, holds: Any, within_s: float = 30.0) -> None:
        """Wait for something; while the board starts again nothing can be asked."""
        ends = time.monotonic() + within_s
        said = ""
        while time.monotonic() < ends:
            try:
                if holds():
                    return
            except AssertionError as error:
                said = str(error)
            time.sleep(0.3)
        raise AssertionError(f"it never came to be; {said}\n{self.journal()}")

    def journal(self) -> str:
        """The board's last words."""
        return self.run("journalctl", "--no-pager", "-n", "60", exits=None)[-8000:]

    def end(self) -> None:
        """Switch it off."""
        if self._nspawn is not None and self._nspawn.poll() is None:
            self._nspawn.terminate()
            try:
                self._nspawn.wait(30)
            except subprocess.TimeoutExpired:
                self._nspawn.kill()
                self._nspawn.wait(5)
