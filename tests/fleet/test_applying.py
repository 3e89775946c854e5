"""A generation on a board: applied, refused or taken back, whatever the power does in between."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware_config.agent.applying import Applier, Who
from firmware_config.agent.board import BoardError
from firmware_config.agent.folder_board import FolderBoard
from firmware_config.agent.places import INCLUDE, TRYBOOT
from firmware_config.agent.store import Store
from firmware_config.bundle import Bundle, Part
from hall_protocol.messages.devices import Reported
from tests.fleet.site import KEY, NEXT_KEY, SIGNERS, bundle, message, public

WHO = Who("example", "dispenser-1", "dispenser")
OLD = bundle(1, network="[ipv4]\nmethod=auto\n", boot="dtparam=spi=off\n")


class PowerCut(BaseException):
    """The power goes. Nothing catches it."""


class Mains:
    """Counts steps that reach the disk or the system, and goes off before some of them."""

    def __init__(self) -> None:
        self.cuts: list[int] = []
        """How many steps go well before each cut."""

    def step(self) -> None:
        if self.cuts:
            self.cuts[0] -= 1
            if self.cuts[0] < 0:
                self.cuts.pop(0)
                raise PowerCut

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Every durable step goes through here."""
        with pytest.MonkeyPatch.context() as patch:
            for owner, name in (
                *((Path, name) for name in ("replace", "unlink", "symlink_to", "mkdir")),
                (os, "fsync"),
            ):  # fmt: skip
                patch.setattr(owner, name, self._counted(name, getattr(owner, name)))
            yield

    def _counted(self, name: str, real: Any) -> Any:
        def step(*arguments: Any, **more: Any) -> Any:
            self.step()
            return None if name == "fsync" else real(*arguments, **more)

        return step


class TestBoard(FolderBoard):
    """A folder whose steps can be cut off, and which remembers what a reboot is to try."""

    __test__ = False

    def __init__(self, machine: "Machine", boot: int, *, trial_boot: bool) -> None:
        super().__init__(machine.folder / "board", str(boot), trial_boot=trial_boot)
        self._machine = machine

    def _do(self, what: str, number: Any) -> None:
        self._machine.mains.step()
        self._machine.done.append(what)
        super()._do(what, number)
        if what.startswith("reboot"):
            raise Rebooted(what)


class Rebooted(BaseException):
    """The board starts again on its own wish."""


class Machine:
    """A board through its boots: the disk stays, everything else begins anew.

    The program comes up with any generation but those in `harmful`.
    """

    def __init__(self, folder: Path, harmful: frozenset[int] = frozenset(), boots_on_trial: bool = True) -> None:
        self.folder, self.harmful, self.boots_on_trial = folder, harmful, boots_on_trial
        self.mains, self.boot, self.trial_next = Mains(), 0, False
        self.done: list[str] = []
        self.said: Reported | None = None
        self.applier = self._start()

    def _start(self) -> Applier:
        self.boot += 1
        trial, self.trial_next = self.trial_next and self.boots_on_trial, False
        self.store = Store(self.folder / "config")
        self.board = TestBoard(self, self.boot, trial_boot=trial)
        return Applier(WHO, self.store, self.board, self._heard, SIGNERS, 0.0)

    async def _heard(self, generation: int, within_s: float) -> bool:
        del within_s
        return self.store.pointed() == generation and generation not in self.harmful

    def takes(self, desired: bytes) -> Reported:
        """Hand a generation over, through as many boots as it takes; the broker repeats it after each."""
        begun = False
        for _ in range(12):
            try:
                with self.mains.watched():
                    if begun:
                        self.applier = self._start()
                        asyncio.run(self.applier.resume())
                    begun = True
                    said = asyncio.run(self.applier.consider(desired))
            except (PowerCut, Rebooted) as end:
                self.trial_next = str(end) == "reboot on trial"
                self.looks_whole()
                continue
            assert said is not None
            self.said = said
            return said
        raise AssertionError("the board never comes to rest")

    def looks_whole(self) -> None:
        """What a program would find just now."""
        store = Store(self.folder / "config")
        if store.pointed():
            seen = store.bundle(store.pointed())
            assert seen is not None
            assert (self.folder / "config/current" / Part.AGENT).read_text() == seen.files[Part.AGENT]

    def has(self, expected: Bundle | None) -> None:
        """The board is at rest with a generation, and with nothing of any other."""
        assert self.store.standing.trial is None
        assert self.store.pointed() == self.store.standing.committed == (expected.generation if expected else 0)
        files = expected.files if expected else {}
        for part, place in ((Part.UNIT, "unit.conf"), (Part.NETWORK, "network"), (Part.BOOT, f"boot/{INCLUDE}")):
            path = self.folder / "board" / place
            assert (path.read_text() if path.exists() else None) == files.get(part), part


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    assert machine.takes(message(OLD)).status == "applied"
    machine.has(OLD)
    machine.done.clear()
    return machine


def test_a_hot_key_takes_no_restart(machine: Machine) -> None:
    new = bundle(2, large=True, network="[ipv4]\nmethod=auto\n", boot="dtparam=spi=off\n")
    assert machine.takes(message(new)) == Reported(2, "applied", "", machine.store.standing.hash)
    assert machine.done == ["reload"]
    machine.has(new)


def test_firmware_settings_are_tried_for_one_boot_first(machine: Machine) -> None:
    new = bundle(2, network="[ipv4]\nmethod=auto\n", boot="dtparam=spi=on\n")
    assert machine.takes(message(new)).status == "applied"
    assert machine.done == ["reboot on trial"]
    assert "include paihao-trial.txt" in (machine.folder / "board/boot" / TRYBOOT).read_text()
    machine.has(new)


def test_settings_that_go_are_tried_too(machine: Machine) -> None:
    new = bundle(2, network="[ipv4]\nmethod=auto\n")
    assert machine.takes(message(new)).status == "applied"
    assert (machine.folder / "board/boot/paihao-trial.txt").read_text() == ""
    machine.has(new)


def test_a_board_that_does_not_boot_with_new_settings_boots_with_the_old_ones(machine: Machine) -> None:
    machine.boots_on_trial = False
    said = machine.takes(message(bundle(2, network="[ipv4]\nmethod=auto\n", boot="dtparam=spi=on\n")))
    assert (said.status, said.reason) == ("rolled_back", "did_not_boot")
    machine.has(OLD)


def test_a_network_in_which_nobody_is_heard_is_left_again(machine: Machine) -> None:
    machine.harmful = frozenset({2})
    said = machine.takes(message(bundle(2, network="[ipv4]\naddress1=192.0.2.1/24\n", boot="dtparam=spi=off\n")))
    assert (said.status, said.reason) == ("rolled_back", "not_heard")
    assert machine.done == ["reconnect", "reload", "reconnect", "restart"]
    machine.has(OLD)


def test_a_generation_that_did_harm_is_not_tried_again_but_its_successor_is(machine: Machine) -> None:
    machine.harmful = frozenset({2})
    bad = message(bundle(2, port=1))
    assert machine.takes(bad).status == "rolled_back"
    machine.done.clear()
    assert machine.takes(bad).status == "rolled_back"
    assert machine.done == []
    better = bundle(3, port=2)
    assert machine.takes(message(better)).status == "applied"
    machine.has(better)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (message(bundle(4, device="dispenser-2")), "for_another"),
        (b"{}", "malformed"),
        (message(bundle(1, port=9)), "number_used_twice"),
    ],
)
def test_what_is_not_for_this_board_changes_nothing(machine: Machine, payload: bytes, reason: str) -> None:
    said = machine.takes(payload)
    assert (said.status, said.reason) == ("rejected", reason)
    assert machine.done == []
    machine.has(OLD)


def test_there_is_no_way_back_to_an_older_generation(machine: Machine) -> None:
    new = bundle(2, port=2)
    machine.takes(message(new))
    said = machine.takes(message(OLD))
    assert (said.status, said.reason) == ("rejected", "older_generation")
    machine.has(new)


def test_a_key_is_followed_by_the_next(machine: Machine) -> None:
    machine.takes(message(bundle(2, signers=(public(NEXT_KEY),))))
    assert machine.takes(message(bundle(3, signers=(public(NEXT_KEY),)), KEY)).reason == "unknown_signer"
    assert machine.takes(message(bundle(3, signers=(public(NEXT_KEY),)), NEXT_KEY)).status == "applied"


def test_a_missing_passphrase_is_said_and_taken_back(machine: Machine) -> None:
    said = machine.takes(message(bundle(2, network="[wifi-security]\npsk=${secret:hall-wifi}\n")))
    assert (said.status, said.reason) == ("rolled_back", "secret_missing: hall-wifi")
    machine.has(OLD)


def test_a_first_generation_that_does_harm_leaves_the_board_without_one(tmp_path: Path) -> None:
    machine = Machine(tmp_path, frozenset({1}))
    assert machine.takes(message(OLD)).status == "rolled_back"
    assert machine.done[-1] in ("stop", "reboot")
    machine.has(None)


def test_a_passphrase_is_filled_in_on_the_board_alone(machine: Machine) -> None:
    secrets = machine.folder / "board/secrets"
    secrets.mkdir()
    (secrets / "hall-wifi").write_text("open sesame\n")
    new = bundle(2, network="[wifi-security]\npsk=${secret:hall-wifi}\n")
    assert machine.takes(message(new)).status == "applied"
    installed = machine.folder / "board/network"
    assert installed.read_text() == "[wifi-security]\npsk=open sesame\n"
    assert installed.stat().st_mode & 0o777 == 0o600
    assert b"sesame" not in b"".join(
        path.read_bytes() for path in (machine.folder / "config").rglob("*") if path.is_file()
    )


CHANGES: dict[str, dict[str, Any]] = {
    "hot": {"large": True},
    "restart": {"port": 2, "unit": "[Service]\nMemoryMax=9M\n"},
    "network": {"network": "[ipv4]\naddress1=192.0.2.1/24\n"},
    "reboot": {"boot": "dtparam=spi=on\n", "network": "[ipv4]\naddress1=192.0.2.1/24\n", "port": 2},
}


def changed(change: str) -> Bundle:
    same: dict[str, Any] = {"network": "[ipv4]\nmethod=auto\n", "boot": "dtparam=spi=off\n"}
    return bundle(2, **{**same, **CHANGES[change]})


@pytest.mark.parametrize("harmful", [False, True], ids=["good", "harmful"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_power_may_go_at_any_step(tmp_path: Path, change: str, harmful: bool) -> None:
    """Every single step in turn: the board ends with the new generation or the old one, and says which."""
    new = changed(change)
    outcomes = set()
    for off_at in range(200):
        machine = Machine(tmp_path / str(off_at), frozenset({2}) if harmful else frozenset())
        machine.takes(message(OLD))
        machine.mains.cuts = [off_at]
        said = machine.takes(message(new))
        machine.has(new if said.status == "applied" else OLD)
        assert said.generation == 2
        outcomes.add(said.status)
        if machine.mains.cuts:
            break
    assert 12 < off_at < 199, "the power went nowhere, or the trial never ends"
    if harmful:
        assert outcomes == {"rolled_back"}
    elif change != "reboot":
        # A cut during the one boot on trial boots with the old settings, which counts as a failure.
        assert outcomes == {"applied"}


@pytest.mark.parametrize("change", CHANGES)
def test_the_power_may_go_twice(tmp_path: Path, change: str) -> None:
    new = changed(change)
    for first in range(0, 40, 5):
        for second in range(0, 30, 4):
            machine = Machine(tmp_path / f"{first}-{second}")
            machine.takes(message(OLD))
            machine.mains.cuts = [first, second]
            said = machine.takes(message(new))
            machine.has(new if said.status == "applied" else OLD)


async def test_a_step_that_the_system_refuses_is_taken_back(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse() -> None:
        raise BoardError("systemctl_restart_failed: no such unit")

    monkeypatch.setattr(machine.board, "restart", refuse)
    said = await machine.applier.consider(
        message(bundle(2, port=3, network="[ipv4]\nmethod=auto\n", boot="dtparam=spi=off\n"))
    )
    assert said is not None
    assert (said.status, said.reason) == ("rolled_back", "systemctl_restart_failed: no such unit")
    machine.has(OLD)
