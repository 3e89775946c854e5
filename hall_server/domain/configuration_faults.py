"""What is wrong with a hall's configuration: one line a fault, each with its key path."""

import re
from collections.abc import Iterable, Iterator

from hall_server.domain.configuration import Hall, Hours, Order, Text

PREFIX = re.compile(r"[A-Z]{1,2}")
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
ADVANCED_LEVELS = frozenset({"city", "district"})


def faults(hall: Hall) -> list[str]:
    """All faults of a well-typed configuration; empty if the hall can run with it."""
    return [*_ids(hall), *_texts(hall), *_references(hall), *_calendar(hall), *_rules(hall)]


def _ids(hall: Hall) -> Iterator[str]:
    if not ID.fullmatch(hall.hall_id):
        yield f"hall_id: {hall.hall_id!r} does not match [a-z0-9][a-z0-9-]{{0,31}}"
    lists: dict[str, list[str]] = {
        "zones": [zone.zone_id for zone in hall.zones],
        "queues": [queue.queue_id for queue in hall.queues],
        "categories": [category.category_id for category in hall.categories],
        "services": [service.service_id for service in hall.services],
        "windows": [window.window_id for window in hall.windows],
        "staff": [person.staff_id for person in hall.staff],
    }
    for name, ids in lists.items():
        if not ids:
            yield f"{name}: at least one is needed"
        for index, id_ in enumerate(ids):
            if name != "zones" and not ID.fullmatch(id_):
                yield f"{name}[{index}]: id {id_!r} does not match [a-z0-9][a-z0-9-]{{0,31}}"
            if id_ in ids[:index]:
                yield f"{name}[{index}]: id {id_!r} is used twice"
    prefixes = [queue.prefix for queue in hall.queues]
    for index, prefix in enumerate(prefixes):
        if not PREFIX.fullmatch(prefix):
            yield f"queues[{index}].prefix: {prefix!r} is not one or two capital letters"
        if prefix in prefixes[:index]:
            yield f"queues[{index}].prefix: {prefix!r} is used twice, labels would not be unique"


def _texts(hall: Hall) -> Iterator[str]:
    def check(path: str, text: Text | None) -> Iterator[str]:
        if text is not None and not text.get("zh-Hans"):
            yield f"{path}: zh-Hans is missing"

    yield from check("name", hall.name)
    names: dict[str, list[Text]] = {
        "zones": [zone.name for zone in hall.zones],
        "queues": [queue.name for queue in hall.queues],
        "categories": [category.name for category in hall.categories],
    }
    for kind, texts in names.items():
        for index, text in enumerate(texts):
            yield from check(f"{kind}[{index}].name", text)
    for index, service in enumerate(hall.services):
        yield from check(f"services[{index}].name", service.name)
        yield from check(f"services[{index}].note", service.note)
        if not service.available and service.note is None:
            yield f"services[{index}].note: an unavailable service must say where it is offered"


def _known(path: str, ids: Iterable[str], existing: set[str], what: str) -> Iterator[str]:
    return (f"{path}: there is no {what} {id_!r}" for id_ in ids if id_ not in existing)


def _references(hall: Hall) -> Iterator[str]:
    yield from _queue_references(hall)
    yield from _service_references(hall)
    zones = {zone.zone_id for zone in hall.zones}
    queues = {queue.queue_id for queue in hall.queues}
    for index, window in enumerate(hall.windows):
        yield from _known(f"windows[{index}].zone", [window.zone], zones, "zone")
        yield from _known(f"windows[{index}].queues", window.queues, queues, "queue")
        if not window.queues:
            yield f"windows[{index}].queues: at least one is needed"
        if window.prefers is not None and window.prefers not in window.queues:
            yield f"windows[{index}].prefers: {window.prefers!r} is none of the window's queues"
        yield from _hours(f"windows[{index}].hours", window.hours)
        yield from _hours(f"windows[{index}].breaks", window.breaks)
    for index, person in enumerate(hall.staff):
        yield from _known(f"staff[{index}].skills", person.skills, queues, "queue")


def _queue_references(hall: Hall) -> Iterator[str]:
    zones = {zone.zone_id for zone in hall.zones}
    for index, queue in enumerate(hall.queues):
        yield from _known(f"queues[{index}].zone", [queue.zone], zones, "zone")
        if not any(queue.queue_id in window.queues for window in hall.windows):
            yield f"queues[{index}]: no window serves {queue.queue_id!r}"
        if not any(queue.queue_id in person.skills for person in hall.staff):
            yield f"queues[{index}]: nobody on the staff has the skill for {queue.queue_id!r}"


def _service_references(hall: Hall) -> Iterator[str]:
    queues = {queue.queue_id for queue in hall.queues}
    categories = {category.category_id for category in hall.categories}
    for index, service in enumerate(hall.services):
        yield from _known(f"services[{index}].queue_id", [service.queue_id], queues, "queue")
        yield from _known(f"services[{index}].category_id", [service.category_id], categories, "category")
        if not service.expected_minutes > 0:
            yield f"services[{index}].expected_minutes: must be above 0"


def _calendar(hall: Hall) -> Iterator[str]:
    if not hall.calendar.sessions:
        yield "calendar.sessions: at least one is needed"
    for index, session in enumerate(hall.calendar.sessions):
        if not 0 <= session.start < session.end <= 24 * 60:
            yield f"calendar.sessions[{index}]: from must be before to, within one day"
        if any(not 0 <= weekday <= 6 for weekday in session.weekdays):
            yield f"calendar.sessions[{index}].weekdays: 0 (Monday) to 6 (Sunday)"


def _order(order: Order) -> Iterator[str]:
    for name, times in (("wait_s", order.wait_s), ("limit_s", order.limit_s)):
        for ticket_class in ("urgent", "green", "appointment", "ordinary"):
            if times.of(ticket_class) < 1:
                yield f"rules.order.{name}.{ticket_class}: must be at least 1"
    if order.ordinary_slowdown < 1:
        yield "rules.order.ordinary_slowdown: must be at least 1; 1 is first come, first served"
    if order.preference_s < 0:
        yield "rules.order.preference_s: must be at least 0"
    if order.rates is not None:
        rates = [order.rates.of(of) for of in ("ordinary", "appointment", "green", "urgent")]
        if rates[0] <= 0 or rates != sorted(rates):
            yield "rules.order.rates: above 0, and no class slower than a less urgent one"


def _offline(hall: Hall) -> Iterator[str]:
    offline = hall.rules.offline
    if offline.first_number < 1:
        yield "rules.offline.first_number: must be at least 1"
    if not offline.lasts_h > 0:
        yield "rules.offline.lasts_h: must be above 0"
    if not 1 <= offline.fewest <= offline.most <= 1000:
        yield "rules.offline.fewest: at least 1, at most `most`, which is at most 1000"


def _alerts(hall: Hall) -> Iterator[str]:
    alerts = hall.rules.alerts
    for name, least in (("waiting_limit", 1), ("wait_limit_s", 1), ("raise_after_s", 0), ("ease_after_s", 0)):
        if getattr(alerts, name) < least:
            yield f"rules.alerts.{name}: must be at least {least}"
    if not 0 < alerts.ease_at < alerts.raise_at <= 1:
        yield "rules.alerts.ease_at: must be above 0 and below raise_at"
    for index, queue in enumerate(hall.queues):
        for name, limit in (("waiting_limit", queue.waiting_limit), ("wait_limit_s", queue.wait_limit_s)):
            if limit is not None and limit < 1:
                yield f"queues[{index}].{name}: must be at least 1"


def _hours(path: str, stretches: tuple[Hours, ...]) -> Iterator[str]:
    for index, stretch in enumerate(stretches):
        if not 0 <= stretch.start < stretch.end <= 24 * 60:
            yield f"{path}[{index}]: from must be before to, within one day"


def _rules(hall: Hall) -> Iterator[str]:
    rules = hall.rules
    for name, least in (
        ("no_show_calls", 1), ("no_show_after_s", 0), ("requeues", 0), ("requeue_behind", 0),
        ("board_calls", 1),
    ):  # fmt: skip
        if getattr(rules, name) < least:
            yield f"rules.{name}: must be at least {least}"
    yield from _order(rules.order)
    yield from _alerts(hall)
    yield from _offline(hall)
    if not 0 < hall.walk_in_share <= 1:
        yield "walk_in_share: must be above 0 and at most 1; on-site tickets stay"
    if hall.level in ADVANCED_LEVELS and not any(q.function == "unresolved_matters" for q in hall.queues):
        yield f'queues: a {hall.level} hall needs a queue with function = "unresolved_matters"'
    for index, queue in enumerate(hall.queues):
        if queue.daily_limit is not None and queue.daily_limit < 1:
            yield f"queues[{index}].daily_limit: must be at least 1"
        if queue.function == "unresolved_matters" and not queue.always_issuing:
            yield f"queues[{index}].always_issuing: the unresolved-matters queue is always available"
