"""The broker's files: written once, renewed before their end, and not touched for nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from command_line.stage import lay_out
from hall_server.adapters import authority as authority_module
from hall_server.adapters.broker_folder import BrokerFolder
from hall_server.adapters.certified_fleet import broker_folder


@pytest.fixture
def folder(tmp_path: Path) -> tuple[BrokerFolder, Path]:
    fleet = {"names": ["localhost"], "port": 8883, "files": "broker-files", "store": str(tmp_path / "store")}
    stage = lay_out(tmp_path / "hall", changes={"fleet": fleet})
    assert stage.loaded.file.fleet is not None
    return broker_folder(stage.loaded, stage.loaded.file.fleet)[1], stage.loaded.data / "broker-files"


def contents(files: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files.iterdir()}


def test_a_second_look_changes_nothing(folder: tuple[BrokerFolder, Path]) -> None:
    written, files = folder
    before = contents(files)
    written.write()
    assert contents(files) == before


@pytest.mark.parametrize(
    ("life", "longer", "renewed"),
    [
        ("CRL_LASTS", timedelta(days=40 * 365), {"revoked.pem"}),
        ("RENEW_WITHIN", timedelta(days=398), {"server.pem", "server.key"}),
    ],
)
def test_what_nears_its_end_is_made_anew(
    folder: tuple[BrokerFolder, Path], monkeypatch: pytest.MonkeyPatch, life: str, longer: timedelta, renewed: set[str]
) -> None:
    """As if what is there were old, by taking it for something that ought to last longer."""
    written, files = folder
    before = contents(files)
    monkeypatch.setattr(authority_module, life, longer)
    written.write()
    now = contents(files)
    assert {name for name in now if now[name] != before[name]} == renewed
