"""From overlays to files: role, then site, then device; every key has a type; a fault names its file."""

from pathlib import Path

import pytest

from firmware_config.overlays import SiteError, load_site
from firmware_config.rendering import render
from halls import EXAMPLE
from tests.fleet.site import TYPES, write_site

GOLDEN = Path(__file__).parent / "golden"
SITE = 'hall = "h"\n[every.link]\nhost = "hall.lan"\n'


def test_a_device_is_laid_over_its_site_and_that_over_its_role(tmp_path: Path) -> None:
    site = load_site(
        write_site(
            tmp_path,
            site=SITE
            + "[dispenser.agent]\nrepeat_guard_s = 2.0\nlarge_type = true\n[dispenser.agent.printer]\ncolumns = 48\n",
            roles__dispenser='[agent]\nrepeat_guard_s = 1.0\nanswer_within_s = 4.0\n[agent.printer]\nkind = "usb"\n',
            devices__d1='role = "dispenser"\n[agent]\nlarge_type = false\n',
        ),
        TYPES,
    )
    assert site.devices["d1"].agent == {
        "repeat_guard_s": 2.0,
        "answer_within_s": 4.0,
        "large_type": False,
        "printer": {"kind": "usb", "columns": 48},
    }


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"devices__d1": 'role = "dispenser"\n[agent]\nlarge = 1\n'}, "devices/d1.toml: agent.large: there is no such key"),
        ({"devices__d1": 'role = "dispenser"\nspeed = 1\n'}, "devices/d1.toml: speed: there is no such key"),
        ({"devices__d1": 'role = "lift"\n'}, "devices/d1.toml: role: 'lift' is none of dispenser, display, terminal"),
        ({"roles__dispenser": '[agent.printer]\ncolumns = 40\n'}, "roles/dispenser.toml: agent.printer.columns: Invalid enum value 40"),
        ({"site": SITE + '[every.board]\ngpu_mem_mb = 4\n'}, "site.toml: board.gpu_mem_mb: Expected `int` >= 16"),
        ({"site": 'hall = "h"\n'}, "devices/d1.toml: top level: Object missing required field `link`"),
        ({"site": 'hall = "H H"\n[every.link]\nhost = "x"\n'}, "site.toml: hall: 'H H' does not match [a-z0-9][a-z0-9-]{0,31}"),
        ({"site": SITE + "[lift.agent]\n"}, "site.toml: lift: no role; known are every, dispenser, display, terminal"),
        ({"devices__d1": 'role = "dispenser"\n[agent]\npassword = "x"\n'}, "devices/d1.toml: agent.password: is given by enrolment, not here"),
        ({"devices__D 1": 'role = "dispenser"\n'}, "devices/D 1.toml: the name does not match [a-z0-9][a-z0-9-]{0,31}"),
        ({"site": SITE + "hall = "}, "no valid TOML"),
        ({"site": SITE + '[every.network.wifi]\nssid = "a;b"\nsecret = "s"\n'}, "network.wifi.ssid"),
    ],
)  # fmt: skip
def test_a_fault_names_its_file_and_key(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    folder = write_site(tmp_path, **{"site": SITE, "devices__d1": 'role = "dispenser"\n', **files})
    with pytest.raises(SiteError) as raised:
        load_site(folder, TYPES)
    assert fault in str(raised.value)


def test_a_site_without_devices_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="there are no devices"):
        load_site(write_site(tmp_path, site=SITE), TYPES)


def test_the_example_site_renders_to_the_golden_files() -> None:
    site = load_site(EXAMPLE.parent / "fleet", TYPES)
    for device, model in site.devices.items():
        for part, text in render(site.hall, device, model).items():
            assert text == (GOLDEN / device / part).read_text("utf-8"), f"{device}/{part}"


def test_wireless_and_vlan_connections(tmp_path: Path) -> None:
    wifi = '[network]\ninterface = "wlan0"\n[network.wifi]\nssid = "大厅"\nsecret = "hall-wifi"\n'
    vlan = '[network]\nvlan = 20\naddress = "192.0.2.9/24"\n'
    folder = write_site(
        tmp_path, site=SITE, devices__w=f'role = "display"\n{wifi}', devices__v=f'role = "display"\n{vlan}'
    )
    site = load_site(folder, TYPES)
    for name in ("w", "v"):
        text = render(site.hall, name, site.devices[name])
        assert text["network.nmconnection"] == (GOLDEN / f"{name}.nmconnection").read_text("utf-8")  # type: ignore[index]
