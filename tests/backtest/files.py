"""Simulated days as the files that a backtest reads."""

import csv
from pathlib import Path

import tomli_w
from msgspec.structs import replace

from hall_server.backtest.rows import VISITS
from hall_server.domain.configuration import Hall, Hours
from hall_server.domain.state import State, Tuning
from simulators.days.draw import draw_day
from simulators.days.run import DayInHall
from simulators.days.scenario import Scenario, hall_of


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours(stretches: tuple[Hours, ...]) -> list[dict[str, object]]:
    return [{"from": clock(one.start), "to": clock(one.end), "days": list(one.days)} for one in stretches]


def write_hall(folder: Path, hall: Hall, **calendar: object) -> Path:
    session = hall.calendar.sessions[0]
    file = {
        "hall_id": hall.hall_id,
        "name": hall.name,
        "level": hall.level,
        "phone": hall.phone,
        "catalogue": "catalogue.toml",
        "calendar": {
            "timezone": "Asia/Shanghai",
            "sessions": [
                {"kind": "regular", "from": clock(session.start), "to": clock(session.end), "weekdays": list(range(7))}
            ],
        }
        | calendar,
        "zones": [{"zone_id": zone.zone_id, "name": zone.name} for zone in hall.zones],
        "queues": [{"queue_id": q.queue_id, "prefix": q.prefix, "name": q.name, "zone": q.zone} for q in hall.queues],
        "windows": [
            {
                "window_id": w.window_id,
                "zone": w.zone,
                "queues": list(w.queues),
                "hours": hours(w.hours),
                "breaks": hours(w.breaks),
            }
            for w in hall.windows
        ],
        "staff": [{"staff_id": person.staff_id, "skills": list(person.skills)} for person in hall.staff],
    }
    (folder / "hall.toml").write_text(tomli_w.dumps(file))
    services = [
        {
            "service_id": s.service_id,
            "category_id": s.category_id,
            "queue_id": s.queue_id,
            "name": s.name,
            "owner": s.owner,
            "expected_minutes": s.expected_minutes,
        }
        for s in hall.services
    ]
    (folder / "catalogue.toml").write_text(
        tomli_w.dumps({"categories": [{"category_id": "all", "name": {"zh-Hans": "全部"}}], "services": services})
    )
    return folder / "hall.toml"


def visits_of(state: State, opens_ms: int, day: str) -> list[dict[str, object]]:
    def seconds(ms: int | None) -> object:
        return "" if ms is None else (ms - opens_ms) / 1000

    outcome = {"no_show": "no_show", "abandoned": "abandoned"}
    return [
        {
            "day": day,
            "arrival_s": seconds(t.taken_at),
            "class": t.ticket_class.value,
            "service": t.service_id,
            "slot_s": seconds(t.key) if t.ticket_class == "appointment" and t.key != t.taken_at else "",
            "called_s": seconds(t.first_called_at),
            "finished_s": seconds(t.closed_at),
            "window": (t.window or t.story[-1].where if t.story else t.window) or "",
            "outcome": outcome.get(t.state.value, "served"),
        }
        for t in state.tickets.values()
    ]


def write_visits(path: Path, scenario: Scenario, days: int, seed: int = 1) -> None:
    rows: list[dict[str, object]] = []
    tuning = Tuning()
    for number in range(days):
        run = DayInHall(scenario, hall_of(scenario), draw_day(scenario, seed, number), None, tuning)
        state = run.run()
        tuning = replace(state.tuning, at=0)
        rows += visits_of(state, run.opens_ms, f"d{number}")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, VISITS)
        writer.writeheader()
        writer.writerows(rows)
