"""What a board tells of itself, from files such as a Raspberry Pi has them."""

from pathlib import Path

from hall_protocol.board_health import board_health


def test_a_raspberry_pi_tells_all(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for path, text in {
        "sys/class/thermal/thermal_zone0/temp": "58412\n",
        "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
        "sys/block/mmcblk0/device/life_time": "0x02 0x03\n",
        "proc/meminfo": "MemTotal: 948304 kB\nMemAvailable: 524288 kB\n",
        "proc/uptime": "86400.51 300000.00\n",
        "proc/net/route": "Iface\tDestination\tGateway\neth0\t0001A8C0\t00000000\nwlan0\t00000000\t0101A8C0\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    told = board_health(tmp_path, root)
    assert told.pop("disk_free_mb") >= 0
    assert told == {
        "temperature_c": 58.4,
        "power": ["undervoltage", "throttled"],
        "memory_free_mb": 512,
        "disk_worn_percent": 30,
        "uptime_s": 86400,
        "uplink": "wlan0",
    }


def test_what_a_machine_does_not_tell_is_left_out(tmp_path: Path) -> None:
    assert set(board_health(tmp_path, tmp_path / "nothing")) == {"disk_free_mb"}
    assert board_health(tmp_path / "nowhere", tmp_path) == {}


def test_this_machine_has_memory_and_a_disk(tmp_path: Path) -> None:
    told = board_health(tmp_path)
    assert told["memory_free_mb"] > 0
    assert told["disk_free_mb"] > 0
