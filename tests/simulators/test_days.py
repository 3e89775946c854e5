"""Simulated days: always the same, fast, and nobody gets lost in them."""

import time

import pytest

from hall_server.domain.tickets import TicketState
from simulators.days.draw import draw_day
from simulators.days.run import DayInHall
from simulators.days.scenario import hall_of, load_scenario, scenarios

FINAL = {TicketState.FINISHED, TicketState.NO_SHOW, TicketState.ABANDONED}
QUICK = [name for name in scenarios() if name != "S10"]


def lived(name: str, number: int = 0) -> DayInHall:
    scenario = load_scenario(name)
    day = DayInHall(scenario, hall_of(scenario), draw_day(scenario, 5, number))
    day.run()
    return day


def test_all_ten_scenarios_are_shipped() -> None:
    assert scenarios() == [f"S{number}" for number in range(1, 11)]


@pytest.mark.parametrize("name", QUICK)
def test_everybody_who_comes_is_served_or_gone_at_the_end(name: str) -> None:
    day = lived(name)
    assert {ticket.state for ticket in day.state.tickets.values()} <= FINAL
    assert len(day.state.tickets) == len(day.visitors) >= 10
    assert all(window.current is None for window in day.state.windows.values())


def test_the_same_seed_is_the_same_day_and_another_is_not() -> None:
    def calls(number: int) -> list[tuple[str, int | None]]:
        return [(t.label, t.first_called_at) for t in lived("S1", number).state.tickets.values()]

    assert calls(1) == calls(1)
    assert calls(1) != calls(2)


def test_windows_keep_their_hours_and_breaks() -> None:
    day = lived("S1", 3)
    for ticket in day.state.tickets.values():
        if ticket.first_called_at is None or ticket.window not in ("1", "5"):
            continue
        minute = (ticket.first_called_at - day.opens_ms) / 60_000
        assert not (150 <= minute < 210) if ticket.window == "1" else 30 <= minute < 450


def test_a_day_is_three_thousand_times_faster_than_time() -> None:
    started = time.perf_counter()
    day = lived("S1", 4)
    assert day.scenario.minutes * 60 / (time.perf_counter() - started) > 3000


def test_visitors_of_S7_give_up_and_windows_of_S5_are_left() -> None:
    assert lived("S7", 20).state.in_state[TicketState.ABANDONED]
    assert any(absences for absences in draw_day(load_scenario("S5"), 5, 0).absences)
