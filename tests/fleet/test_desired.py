"""Signed configurations on their way through the hall: handed on as they are, nonsense left alone."""

from pathlib import Path

from hall_server.adapters.desired import DesiredConfigurations
from tests.fleet.site import bundle, message


def test_what_an_operator_publishes_is_handed_on_once(tmp_path: Path) -> None:
    folder = tmp_path / "desired"
    desired = DesiredConfigurations(tmp_path, {"dispenser-1"})
    assert desired.look() == [], "there need not be a folder"
    folder.mkdir()
    (folder / "dispenser-1.json").write_bytes(message(bundle(3)))
    (folder / "lift-1.json").write_bytes(message(bundle(3)))
    assert desired.look() == ["dispenser-1"]
    assert (desired.payloads["dispenser-1"], desired.generations) == (message(bundle(3)), {"dispenser-1": 3})
    assert desired.look() == []
    (folder / "dispenser-1.json").write_bytes(message(bundle(4, large=True)))
    assert (desired.look(), desired.generations) == (["dispenser-1"], {"dispenser-1": 4})


def test_nonsense_in_the_folder_leaves_the_last_good_one(tmp_path: Path) -> None:
    folder = tmp_path / "desired"
    folder.mkdir()
    path = folder / "dispenser-1.json"
    path.write_bytes(message(bundle(3)))
    desired = DesiredConfigurations(tmp_path, {"dispenser-1"})
    desired.look()
    path.write_bytes(b"half a fi")
    assert (desired.look(), desired.generations) == ([], {"dispenser-1": 3})
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert (desired.look(), desired.generations) == ([], {"dispenser-1": 3})
