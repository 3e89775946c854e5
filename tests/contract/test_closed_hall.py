"""Outside its hours a hall refuses numbers with a code, over the wire, and says that it is closed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from command_line.stage import broker, lay_out
from hall_server.main import run_hall
from tests.wire import Device


async def test_commands_after_closing_time(tmp_path: Path) -> None:
    local = datetime.now(UTC) + timedelta(hours=8)
    another_day = {"kind": "regular", "from": "00:00", "to": "24:00", "weekdays": [(local.weekday() + 3) % 7]}
    stage = lay_out(tmp_path / "hall", changes={"calendar": {"sessions": [another_day]}})
    host, port = stage.mqtt
    secrets = stage.loaded.secrets.devices
    async with broker(stage), run_hall(stage.loaded):
        dispenser = Device(host, port, stage.topics.root, "guide-1", "guide-1", secrets["guide-1"])
        async with dispenser.connected("progress") as guide:
            progress = await guide.hears("progress", lambda _picture: True)
            assert (progress["state"], progress["session"]) == ("closed", None)
            assert [q["queue_id"] for q in progress["queues"] if q["issuing"]] == ["unresolved"]
            reply = await guide.command("issue", {"service_id": "passport"})
            assert (reply["ok"], reply["code"]) == (False, "hall_closed")
            # R07: the unresolved-matters window is always available.
            assert (await guide.accepted("issue", {"service_id": "unresolved"}))["label"] == "H001"
