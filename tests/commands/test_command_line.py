"""The command line: help with examples, exit codes, and a sentence instead of a traceback."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from command_line.doctor import examine
from command_line.main import paihao
from command_line.stage import lay_out
from hall_server.adapters.hall_file import load_hall
from halls import EXAMPLE
from tests.conftest import ROOT, start_demo, stop_demo
from tests.wire import Demo


def run(*arguments: str, timeout: float = 30, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "command_line", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        input=text,
    )


@pytest.mark.parametrize("name", sorted(name for name, command in paihao.commands.items() if not command.hidden))
def test_every_command_has_help_with_examples(name: str) -> None:
    result = run(name, "--help")
    assert result.returncode == 0
    assert re.search(rf"Examples?:\s+paihao {name}", result.stdout), result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("nothing",), 2, "No such command"),
        (("bench", "nothing"), 2, "is not one of"),
        (("check", "nowhere.toml"), 2, "cannot be read"),
        (("hall", "--config", "nowhere.toml"), 2, "cannot be read"),
        (("dispenser",), 2, "give either"),
        (("dispenser", "--join", "/nowhere"), 2, "no demo runs in /nowhere"),
        (("display", "--config", "nowhere.toml"), 2, "cannot be read"),
        (("verify", "/nowhere"), 1, "no journal"),
        (("backup", "/nowhere", "/tmp/x"), 1, "no journal"),  # noqa: S108  never written
        (("replay", "/nowhere", "--until", "yesterday"), 2, "is no time"),
        (("replay", "/nowhere", "--until", "2026-06-03T10:42:07"), 2, "no offset"),
        (("demo", "--speed", "0"), 2, "not in the range"),
        (("--log-format", "xml", "check", str(EXAMPLE)), 2, "is not one of"),
    ],
)
def test_wrong_use_is_a_sentence(arguments: tuple[str, ...], code: int, sentence: str) -> None:
    result = run(*arguments)
    assert result.returncode == code, result.stderr
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_the_doctor_finds_this_machine_fit_and_a_full_disk_unfit(tmp_path: Path) -> None:
    result = run("doctor", "--data", str(tmp_path))
    assert result.returncode == 0, result.stdout
    assert "MISSING" not in result.stdout
    assert any(not finding.good for finding in examine("hall", Path("/proc")) if finding.text.startswith("disk"))


def test_the_doctor_looks_at_what_a_dispenser_is_connected_to(tmp_path: Path) -> None:
    config = tmp_path / "device.toml"
    shared = 'hall = "example"\ndevice = "dispenser-1"\npassword = "x"\nport = 9\n'
    config.write_text(
        f'{shared}[printer]\nkind = "usb"\ndevice = "/dev/usb/lp99"\n[buttons]\nkind = "keypad"\ndevice = "/dev/none"'
    )
    result = run("doctor", "--role", "dispenser", "--config", str(config))
    assert result.returncode == 1
    lines = [line for line in result.stdout.splitlines() if line.startswith("MISSING")]
    assert [line.split(":")[0].removeprefix("MISSING  ") for line in lines] == ["broker", "printer", "keypad"]
    assert "offline (usb)" in result.stdout
    config.write_text(shared + '[printer]\nkind = "nothing"\n')
    assert "printer.kind" in run("doctor", "--role", "dispenser", "--config", str(config)).stdout


def test_the_doctor_looks_at_a_displays_screens_and_voice(tmp_path: Path) -> None:
    config = tmp_path / "device.toml"
    shared = 'hall = "example"\ndevice = "display-1"\npassword = "x"\n'
    config.write_text(
        shared + 'sink = "framebuffer"\nframebuffer = "/dev/fb99"\nscreens = [{ kind = "main" }]\n[voice]\n'
    )
    result = run("doctor", "--role", "display", "--config", str(config))
    assert result.returncode == 1
    for what in ("screen: /dev/fb99: no framebuffer", "`paihao voice make --out"):
        assert what in result.stdout


def test_the_doctor_looks_at_a_screen_with_a_page(tmp_path: Path) -> None:
    unit = tmp_path / "paihao-kiosk.service"
    unit.write_text("[Service]\nExecStart=/usr/bin/cage -- /usr/bin/chromium http://127.0.0.1:9/board\n")
    result = run("doctor", "--role", "kiosk", "--config", str(unit))
    assert result.returncode == 1
    assert "MISSING  page: the hall at http://127.0.0.1:9/board cannot be reached" in result.stdout
    assert "Xwayland" in result.stdout
    unit.write_text("nothing")
    assert "is no systemd unit" in run("doctor", "--role", "kiosk", "--config", str(unit)).stdout


def test_the_doctor_looks_at_a_hall(tmp_path: Path) -> None:
    stage = lay_out(tmp_path)
    result = run("doctor", "--role", "hall", "--data", str(tmp_path), "--config", str(stage.hall_toml))
    assert "MISSING  broker: [Errno 111]" in result.stdout
    assert "ok       secrets: all there" in result.stdout
    assert run("doctor", "--config", str(stage.hall_toml)).returncode == 2


def test_the_example_hall_is_good() -> None:
    result = run("check", str(EXAMPLE))
    assert (result.returncode, "12 windows, 8 queues, 49 services" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('prefix = "B"', 'prefix = "A"', "queues[1].prefix: 'A' is used twice"),
        ("no_show_calls = 2", "no_show_calls = 0", "rules.no_show_calls: must be at least 1"),
        ("no_show_calls = 2", "no_show_call = 2", "rules"),
        ("port = 1883", 'port = "x"', "broker.port"),
        ('from = "09:00"', 'from = "9 am"', "calendar.sessions[0]"),
        ('hall_id = "example"', "hall_id = ", "no valid TOML"),
        ('role = "gateway"', 'role = "boss"', "devices[5].role"),
    ],
)
def test_each_configuration_fault_is_a_line_with_its_key(tmp_path: Path, old: str, new: str, line: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    (tmp_path / "hall.toml").write_text(text.replace(old, new, 1), "utf-8")
    (tmp_path / "catalogue.toml").write_bytes((EXAMPLE.parent / "catalogue.toml").read_bytes())
    result = run("check", str(tmp_path / "hall.toml"))
    assert result.returncode == 2
    assert line in result.stderr


def test_what_belongs_to_the_machine_goes_before_the_halls_own(tmp_path: Path) -> None:
    for name in ("hall.toml", "catalogue.toml"):
        (tmp_path / name).write_bytes((EXAMPLE.parent / name).read_bytes())
    (tmp_path / "machine.toml").write_text('[server]\ndata = "/somewhere"\nhttp_port = 8123\n')
    loaded = load_hall(tmp_path / "hall.toml")
    assert (loaded.file.server.http_port, loaded.data, loaded.file.broker.port) == (8123, Path("/somewhere"), 1883)
    (tmp_path / "machine.toml").write_text("[serve]\n")
    result = run("check", str(tmp_path / "hall.toml"))
    assert (result.returncode, "machine.toml" in result.stderr + result.stdout) == (2, True)


def test_R05_the_village_station_is_a_good_configuration() -> None:
    village = EXAMPLE.parent.parent / "village/hall.toml"
    assert "1 windows, 1 queues, 3 services" in run("check", str(village)).stdout
    result = run("config", "diff", str(village.parent / "fleet"))
    assert (result.returncode, result.stdout.count("generation 1")) == (0, 2), result.stderr


def test_a_hall_without_secrets_says_how_to_make_them(tmp_path: Path) -> None:
    stage = lay_out(tmp_path)
    (tmp_path / "secrets.toml").unlink()
    result = run("hall", "--config", str(stage.hall_toml))
    assert result.returncode == 2
    assert "paihao secrets" in result.stderr
    made = run("secrets", str(stage.hall_toml))
    assert made.returncode == 0
    assert made.stdout.count("new PIN of") == 14
    assert (tmp_path / "secrets.toml").stat().st_mode & 0o777 == 0o600
    assert "new PIN" not in run("secrets", str(stage.hall_toml)).stdout, "what is there stays"


def test_a_busy_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stage = lay_out(tmp_path / "hall", http_port=port)
        result = run("hall", "--config", str(stage.hall_toml))
        assert (result.returncode, f"port {port}" in result.stderr) == (1, True)
        demo = run("demo", "--http-port", str(port), "--data", str(tmp_path / "demo"))
        assert (demo.returncode, f"port {port} is in use" in demo.stderr) == (1, True)
    assert "Traceback" not in result.stderr + demo.stderr


def test_two_servers_on_one_journal(demo: Demo) -> None:
    result = run("hall", "--config", str(demo.folder / "hall.toml"))
    assert result.returncode == 1
    assert "another hall server is running" in result.stderr


def test_verify_backup_restore_and_replay_of_a_running_hall(demo: Demo, tmp_path: Path) -> None:
    data, copy = str(demo.folder / "data"), str(tmp_path / "hall.backup")
    assert "chain and state are good" in run("verify", data).stdout
    assert run("backup", data, copy).returncode == 0
    assert run("restore", copy, str(tmp_path / "restored")).returncode == 0
    assert "good" in run("verify", str(tmp_path / "restored")).stdout
    assert run("restore", copy, str(tmp_path / "restored")).returncode == 1
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    replayed = json.loads(run("replay", data, "--until", now).stdout)
    assert replayed["schema"] == "hall-progress/1"
    assert replayed["hall_id"] == "example"


def test_the_demo_as_promised(tmp_path: Path) -> None:
    process, demo = start_demo(tmp_path / "hall", "--speed", "20", "--seed", "3")
    try:
        assert set(demo.described) >= {
            "http_url", "mqtt_host", "mqtt_port", "hall", "pid", "devices", "staff", "manager", "slips",
        }  # fmt: skip
        assert demo.described["pid"] == process.pid
        assert {"username", "password", "role"} == set(demo.described["devices"]["dispenser-1"])
        assert {"staff_id", "pin", "skills"} == set(demo.described["staff"][0])
        slips = Path(demo.described["slips"])
        deadline = time.monotonic() + 20
        while len(list(slips.glob("*.png"))) < 5:
            assert time.monotonic() < deadline, "visitors come and slips come out"
            time.sleep(0.1)
        # Somebody in a second terminal takes a number at a dispenser of their own.
        taken = run("dispenser", "--join", str(tmp_path / "hall"), text="2\n2\n1\n\n", timeout=20)
        assert "请取走号票" in taken.stdout, taken.stdout + taken.stderr
        assert re.search(r"B\d{3}", taken.stdout)
        # J2: help is one key from the first screen, and the slip does not say that it was asked for.
        helped = run("dispenser", "--join", str(tmp_path / "hall"), text="8\n4\n5\n0\n3\n4\n1\n\n", timeout=20)
        assert "8. 绿色通道" in helped.stdout
        label = re.findall(r"C\d{3}", helped.stdout)[-1]
        slip = next(slips.glob(f"*-{label}.txt")).read_text("utf-8")
        assert not re.search("优先|陪同|绿色", slip)
        events = sqlite3.connect(f"file:{tmp_path}/hall/data/journal.sqlite?mode=ro", uri=True)
        stored = events.execute(
            "SELECT data FROM event WHERE name='ticket_issued' AND CAST(data AS TEXT) LIKE ?", (f'%"{label}"%',)
        )
        assert json.loads(stored.fetchone()[0])["green"] == ["priority", "accompany"]
        events.close()
    finally:
        seconds = stop_demo(process)
    assert process.returncode == 0
    assert seconds < 3
    assert not (tmp_path / "hall" / "demo.json").exists()
    assert not subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, check=False).stdout  # noqa: S607


def test_a_killed_hall_comes_back_in_the_demo(tmp_path: Path) -> None:
    process, demo = start_demo(tmp_path / "hall", "--no-visitors")
    try:
        found = subprocess.run(
            ["pgrep", "-f", f"hall --config {tmp_path}"],  # noqa: S607  procps is everywhere
            capture_output=True,
            text=True,
            check=True,
        )
        os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
        deadline = time.monotonic() + 15
        while "program_ended" not in (tmp_path / "hall.log").read_text() or not _healthy(demo):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        stop_demo(process)


def _healthy(demo: Demo) -> bool:
    import urllib.request

    try:
        with urllib.request.urlopen(f"{demo.url}/healthz", timeout=1) as response:  # noqa: S310  our own
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize(
    ("program", "forbidden"),
    [
        ("counter_display.main", ("hall_server", "aiohttp", "textual", "sqlite3", "ticket_dispenser")),
        ("ticket_dispenser.main", ("hall_server", "aiohttp", "textual", "sqlite3", "counter_display")),
        ("window_terminal.app", ("hall_server", "aiohttp", "sqlite3", "PIL")),
        ("hall_server.main", ("textual", "PIL", "escpos", "tinydb", "simulators", "numpy")),
        ("command_line.main", ("hall_server", "aiohttp", "textual", "PIL", "escpos")),
    ],
)
def test_a_program_loads_nothing_of_another(program: str, forbidden: tuple[str, ...]) -> None:
    script = f"import sys, {program}; print([name for name in {forbidden!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_demo_stops_within_three_seconds_with_open_streams(tmp_path: Path) -> None:
    process, demo = start_demo(tmp_path / "hall", "--no-visitors")
    streams = [
        subprocess.Popen(
            ["curl", "-sN", f"{demo.url}/api/v1/{path}"],  # noqa: S607  curl is everywhere
            stdout=subprocess.PIPE,
        )
        for path in ("progress/stream", "board/stream", "windows/1/stream")
    ]
    for stream in streams:
        assert stream.stdout is not None
        assert b"retry" in stream.stdout.readline()
    assert stop_demo(process) < 3
    for stream in streams:
        stream.communicate(timeout=3)
