"""Every fault of a configuration is one line with its key path."""

import pytest
from msgspec.structs import replace

from hall_server.domain.configuration import Calendar, Hall, Queue, Rules, Service, Session, Staff, Window, Zone
from hall_server.domain.configuration_faults import faults
from tests.story import named, small_hall

HALL = small_hall()


def test_a_good_hall_has_no_faults() -> None:
    assert faults(HALL) == []


@pytest.mark.parametrize(
    ("hall", "line"),
    [
        (replace(HALL, hall_id="Not An Id"), "hall_id"),
        (replace(HALL, zones=()), "zones: at least one"),
        (replace(HALL, zones=(Zone("A", {}),)), "zones[0].name: zh-Hans"),
        (replace(HALL, queues=(*HALL.queues, Queue("identity", "X", named("x"), "A"))), "queues[3]: id"),
        (
            replace(HALL, queues=(*HALL.queues, Queue("other", "A", named("x"), "A"))),
            "queues[3].prefix: 'A' is used twice",
        ),
        (replace(HALL, queues=(*HALL.queues, Queue("other", "A1", named("x"), "A"))), "queues[3].prefix: 'A1'"),
        (replace(HALL, queues=(*HALL.queues, Queue("other", "X", named("x"), "Q"))), "queues[3].zone"),
        (replace(HALL, queues=(*HALL.queues, Queue("other", "X", named("x"), "A"))), "queues[3]: no window serves"),
        (replace(HALL, services=(Service("x", "all", "nowhere", named("x"), "o"),)), "services[0].queue_id"),
        (
            replace(HALL, services=(Service("x", "all", "social", named("x"), "o", available=False),)),
            "services[0].note",
        ),
        (replace(HALL, windows=(*HALL.windows, Window("4", "A", ()))), "windows[3].queues"),
        (replace(HALL, staff=(*HALL.staff, Staff("dan", ("magic",)))), "staff[3].skills"),
        (replace(HALL, calendar=Calendar((Session("regular", 600, 600),))), "calendar.sessions[0]"),
        (replace(HALL, calendar=Calendar(())), "calendar.sessions: at least one"),
        (replace(HALL, rules=Rules(no_show_calls=0)), "rules.no_show_calls"),
        (replace(HALL, walk_in_share=0.0), "walk_in_share"),
        (replace(HALL, level="city"), "unresolved_matters"),
    ],
)
def test_each_fault_is_named(hall: Hall, line: str) -> None:
    assert any(fault.startswith(line) or line in fault for fault in faults(hall)), faults(hall)


def test_R17_a_walk_in_share_of_zero_is_refused() -> None:
    assert any("walk_in_share" in fault for fault in faults(replace(HALL, walk_in_share=0.0)))


def test_R05_a_station_with_one_window_and_one_queue_is_a_good_hall() -> None:
    station = small_hall(
        level="village",
        queues=(Queue("all", "A", named("综合"), "A"),),
        services=(Service("any", "all", "all", named("便民服务"), "村委会"),),
        windows=(Window("1", "A", ("all",)),),
        staff=(Staff("ann", ("all",)),),
    )
    assert faults(station) == []
