"""Looks at the hall every few seconds and has alerts raised and eased: counts, waits, forecasts, anomalies."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import msgspec

from hall_server.application.devices import DEVICE_TROUBLES, DeviceBook
from hall_server.application.foresight import Foresight
from hall_server.application.orders import Order
from hall_server.application.ports import Clock
from hall_server.application.writer import Writer
from hall_server.domain.calendar import Moment, session_at
from hall_server.domain.commands import Command, EaseAlert, RaiseAlert
from hall_server.domain.events import AlertKind
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketClass, TicketState
from hall_server.forecast.anomalies import anomalies
from hall_server.forecast.told import Crowding
from hall_server.forecast.watch import Key, Level, Watch

LOOK_EVERY_S = 5.0
EASED_BELOW = 0.8
"""A count or wait must fall to this share of its limit before the alert eases."""
COUNT, TIME, FORECAST, STAFFING = "count", "time", "forecast", "staffing"
STAFFING_AFTER_MS = 10 * 60_000


Look = tuple[Key, Level, Callable[[], dict[str, Any]]]
"""A condition, how much there is to it, and what to tell of it if it begins."""
KINDS: dict[str, AlertKind] = {
    **dict.fromkeys(DEVICE_TROUBLES, "device"),
    **dict.fromkeys((COUNT, TIME, FORECAST), "extra_window"),
    STAFFING: "staffing",
}
"""All others are anomalies."""


class Watchman:
    """Turns what the hall is like into orders about alerts."""

    def __init__(self, writer: Writer, clock: Clock, foresight: Foresight, devices: DeviceBook) -> None:
        self._writer, self._clock, self._foresight, self._devices = writer, clock, foresight, devices
        self._watch = Watch()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            for command in await self._writer.see(self.orders):
                self._writer.submit(Order(None, command, lambda _answer: None))
            await asyncio.sleep(LOOK_EVERY_S)

    def orders(self, state: State) -> list[Command]:
        """What is to be raised or eased now. Closed halls are silent."""
        now = self._clock.now()
        if session_at(state.known.hall.calendar, now) is None and not state.in_state[TicketState.WAITING]:
            self._watch.close()
            return [EaseAlert(alert.alert_id) for alert in state.alerts.values() if alert.eased_at is None]
        facts: dict[Key, Callable[[], dict[str, Any]]] = {}
        levels: dict[Key, Level] = {}
        looks = self._crowds(state, now), _staffing(state), _strange(state, self._foresight, now), self._sick(state)
        for key, level, told in chain.from_iterable(looks):
            levels[key], facts[key] = level, told
        orders: list[Command] = []
        for moved in self._watch.step(levels, now.ms):
            alert_id = f"{moved.key.trigger}-{moved.key.place}".replace("_", "-").lower()
            orders.append(_raised(alert_id, moved.key, facts[moved.key]()) if moved.on else EaseAlert(alert_id))
        return orders

    def _crowds(self, state: State, now: Moment) -> Iterator[Look]:
        """Two independent triggers, and the forecast of the second (R09)."""
        rules = state.known.hall.rules.alerts
        for queue in state.known.queues.values():
            place, lines = queue.queue_id, state.lines[queue.queue_id]
            most, longest_s = queue.waiting_limit or rules.waiting_limit, queue.wait_limit_s or rules.wait_limit_s
            waited_s = max(((now.ms - head.place[0]) / 1000 for head in lines.heads()), default=0.0)
            crowd = self._foresight.newest.crowds.get(place)
            ease_ms = rules.ease_after_s * 1000
            facts = {
                "queue_id": place,
                "waiting": len(lines),
                "waiting_limit": most,
                "longest_wait_s": round(waited_s),
                "wait_limit_s": longest_s,
                "over": list(crowd.over) if crowd else None,
            }
            told = partial(_with_advice, facts, crowd)

            yield Key(COUNT, place), Level(len(lines), most + 1, EASED_BELOW * most, 0, ease_ms), told
            yield Key(TIME, place), Level(waited_s, longest_s, EASED_BELOW * longest_s, 0, ease_ms), told
            if crowd is not None:
                level = Level(crowd.level, rules.raise_at, rules.ease_at, rules.raise_after_s * 1000, ease_ms)
                yield Key(FORECAST, place), level, told

    def _sick(self, state: State) -> Iterator[Look]:
        """Devices that need somebody."""
        for trouble in self._devices.troubles(state.catalogue_version):
            facts = {"device": trouble.key.place, **trouble.facts}
            yield trouble.key, trouble.level, partial(dict, facts)


def _with_advice(facts: dict[str, Any], crowd: Crowding | None) -> dict[str, Any]:
    return facts | {"advice": msgspec.to_builtins(crowd.advice) if crowd and crowd.advice else None}


def _staffing(state: State) -> Iterator[Look]:
    """No order can keep what is promised to a class: that is a matter of staff, not of more priority."""
    waiting = bool(state.in_state[TicketState.WAITING])
    for of in TicketClass:
        missed = float(waiting and of in state.tuning.missed)
        facts = {"class": of.value, "wait_s": state.known.hall.rules.order.wait_s.of(of)}
        yield Key(STAFFING, of.value), Level(missed, 1, 0, STAFFING_AFTER_MS), partial(dict, facts)


def _strange(state: State, foresight: Foresight, now: Moment) -> Iterator[Look]:
    for anomaly in anomalies(state, foresight.newest, now.ms):
        facts = {"queue_id": anomaly.queue_id, "window": anomaly.window, "device": anomaly.device, **anomaly.facts}
        yield Key(anomaly.name, anomaly.place), anomaly.level, partial(dict, facts)


def _raised(alert_id: str, key: Key, facts: dict[str, Any]) -> RaiseAlert:
    places = {name: facts.pop(name, None) for name in ("queue_id", "window", "device", "advice")}
    return RaiseAlert(
        alert_id=alert_id, kind=KINDS.get(key.trigger, "anomaly"), trigger=key.trigger, facts=facts, **places
    )
