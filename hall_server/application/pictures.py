"""Complete pictures of the hall for each kind of reader, made from the state. Pure."""

from hall_protocol import messages as m
from hall_server.application.foresight import Foresight
from hall_server.application.times import rfc3339
from hall_server.domain.alerts import Alert
from hall_server.domain.calendar import Moment, session_at
from hall_server.domain.issuing import issuing
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.domain.tickets import AT_WINDOW, Ticket, TicketClass, TicketState, WindowState

LISTED_TICKETS = 250
"""So many waiting tickets a queue are listed one by one; the counts are always whole."""
NEXT_LABELS = 12
MISSED_LISTED = 20


def progress(state: State, now: Moment, foresight: Foresight | None = None, *, degraded: bool = False) -> m.Progress:
    """The public picture, hall-progress/1."""
    hall, foresight = state.known.hall, foresight or Foresight()
    session = session_at(hall.calendar, now)
    open_windows = sum(window.status == "open" for window in state.windows.values())
    running = "live" if session or open_windows or state.in_state[TicketState.WAITING] else "closed"
    return m.Progress(
        hall_id=hall.hall_id,
        seq=state.seq,
        generated_at=rfc3339(now.ms, now.offset_s),
        state="degraded" if degraded else running,  # type: ignore[arg-type]  # one of the three
        session=session.kind if session else None,
        catalogue_version=state.catalogue_version,
        name=hall.name,
        totals=m.Totals(len(state.in_state[TicketState.WAITING]), open_windows, len(hall.windows)),
        queues=[_queue(state, queue_id, now, foresight) for queue_id in state.known.queues],
        tickets=_tickets(state, now, foresight),
    )


def _queue(state: State, queue_id: str, now: Moment, foresight: Foresight) -> m.QueueProgress:
    queue, record, lines = state.known.queues[queue_id], state.records[queue_id], state.lines[queue_id]
    takes = issuing(state, queue_id, now)
    open_windows = state.windows_open(queue_id)
    estimate = foresight.of_next(state, queue_id, TicketClass.ORDINARY, now)
    paused = any(
        w.status == "paused" and queue_id in state.known.windows[w.window_id].queues
        for w in state.windows.values()
        if w.window_id in state.known.windows
    )
    waits = record.waits_ms[-20:]
    return m.QueueProgress(
        queue_id=queue_id,
        prefix=queue.prefix,
        name=queue.name,
        service_ids=list(state.known.services_of[queue_id]),
        status="open" if open_windows else "paused" if paused else "closed",
        issuing=not isinstance(takes, Refusal),
        waiting=len(lines),
        windows_open=open_windows,
        now_serving=_now_serving(state, queue_id),
        last_called=record.last_called,
        last_issued=record.last_issued,
        remaining_today=None if queue.daily_limit is None else max(0, queue.daily_limit - record.issued),
        wait_avg_s=sum(waits) // len(waits) // 1000 if waits else None,
        est_wait_s=estimate.range if estimate else None,
        est_basis=estimate.basis if estimate else None,
    )


def _now_serving(state: State, queue_id: str) -> list[m.NowServing]:
    at_windows = (state.tickets[w.current] for w in state.windows.values() if w.current is not None)
    return [m.NowServing(ticket.window or "", ticket.label) for ticket in at_windows if ticket.queue_id == queue_id]


def _tickets(state: State, now: Moment, foresight: Foresight) -> list[m.TicketProgress]:
    listed = [
        m.TicketProgress(ticket.label, ticket.state.value, 0, None)  # type: ignore[arg-type]  # called or serving
        for status in (TicketState.CALLED, TicketState.SERVING)
        for ticket in state.tickets_in(status)
    ]
    for queue_id in state.known.queues:
        places = state.order.first(state.lines[queue_id], LISTED_TICKETS, now.ms)
        for ahead, (_, _, ticket_id) in enumerate(places):
            ticket = state.tickets[ticket_id]
            estimate = foresight.of_ticket(state, ticket, ahead, now)
            listed.append(m.TicketProgress(ticket.label, "waiting", ahead, estimate.range if estimate else None))
    return listed


def ticket_view(state: State, ticket: Ticket, now: Moment, foresight: Foresight) -> m.TicketView:
    """One ticket for its holder."""
    queue = state.known.queues[ticket.queue_id]
    service = state.known.services.get(ticket.service_id)
    waiting = ticket.state is TicketState.WAITING
    ahead = state.ahead(ticket, now.ms) if waiting else None
    estimate = None if ahead is None else foresight.of_ticket(state, ticket, ahead, now)
    return m.TicketView(
        label=ticket.label,
        state=ticket.state.value,
        service=service.name if service else queue.name,
        queue=queue.name,
        zone=queue.zone,
        windows=list(state.known.windows_of[ticket.queue_id]),
        window=ticket.window if ticket.state in AT_WINDOW else None,
        calls=ticket.calls,
        ahead=ahead,
        est_wait_s=estimate.range if estimate else None,
        issued_at=rfc3339(ticket.taken_at, now.offset_s),
        called_at=None if ticket.called_at is None else rfc3339(ticket.called_at, now.offset_s),
        generated_at=rfc3339(now.ms, now.offset_s),
        now_serving=_now_serving(state, ticket.queue_id),
        cancellable=ticket.state in (TicketState.WAITING, TicketState.HELD)
        and (service is None or service.cancellable),
    )


def board(state: State, now: Moment) -> m.Board:
    """The latest calls for the main display."""
    return m.Board(
        state.seq,
        rfc3339(now.ms, now.offset_s),
        [
            m.BoardCall(
                entry.label, entry.window, zone_of(state, entry.window), entry.calls, rfc3339(entry.at, now.offset_s)
            )
            for entry in state.board
        ],
    )


def zone_of(state: State, window_id: str) -> str:
    """The zone a window stands in; empty if the window is no longer configured."""
    window = state.known.windows.get(window_id)
    return window.zone if window else ""


def window_view(state: State, window_id: str, now: Moment) -> m.WindowView:
    """What one window's screen shows."""
    window = state.windows[window_id]
    ticket = state.tickets.get(window.current or "")
    place = state.known.windows.get(window_id)
    return m.WindowView(
        window=window_id,
        status=window.status,  # type: ignore[arg-type]  # the domain has the same three
        label=ticket.label if ticket else None,
        state=ticket.state.value if ticket else None,  # type: ignore[arg-type]  # called or serving
        calls=ticket.calls if ticket else 0,
        since=rfc3339(window.since or now.ms, now.offset_s),
        seq=state.seq,
        zone=place.zone if place else "",
        queues=[state.known.queues[queue_id].name for queue_id in (place.queues if place else ())],
    )


def alert_view(alert: Alert, now: Moment) -> m.AlertView:
    """An alert with its life so far."""
    return m.AlertView(
        alert_id=alert.alert_id,
        kind=alert.kind,
        trigger=alert.trigger,
        state="eased" if alert.eased_at is not None else "acknowledged" if alert.has("acknowledged") else "raised",
        queue_id=alert.queue_id,
        window=alert.window,
        device=alert.device,
        raised_at=rfc3339(alert.raised_at, now.offset_s),
        facts=alert.facts,
        advice=alert.advice,
        unit=alert.unit,
        contact=alert.contact,
        reopened=alert.reopened,
        life=[m.AlertStep(rfc3339(one.at, now.offset_s), one.what, one.by, one.text) for one in alert.life],
    )


def queues(state: State, now: Moment) -> m.Queues:
    """The staff's view."""
    missed = state.tickets_in(TicketState.NO_SHOW)[-MISSED_LISTED:]
    return m.Queues(
        seq=state.seq,
        at=rfc3339(now.ms, now.offset_s),
        queues=[_queue_view(state, queue_id, now) for queue_id in state.known.queues],
        windows=[_window_staff_view(state, window, now) for window in state.windows.values()],
        missed=[ticket.label for ticket in reversed(missed)],
        guide_tasks=[_guide_task(state, state.tickets[ticket_id], now) for ticket_id in state.wanting_company],
    )


def _guide_task(state: State, ticket: Ticket, now: Moment) -> m.GuideTask:
    zone = state.known.queues[ticket.queue_id].zone
    wants = [service for service in ticket.green if service != "priority"]
    return m.GuideTask(ticket.label, zone, wants, rfc3339(ticket.taken_at, now.offset_s))


def _queue_view(state: State, queue_id: str, now: Moment) -> m.QueueView:
    queue, lines = state.known.queues[queue_id], state.lines[queue_id]
    first = state.order.first(lines, NEXT_LABELS, now.ms)
    heads = [head.place[0] for head in lines.heads()]
    return m.QueueView(
        queue_id=queue_id,
        prefix=queue.prefix,
        name=queue.name,
        waiting=len(lines),
        by_class={ticket_class.value: len(line) for ticket_class, line in lines.by_class.items()},
        next_labels=[state.tickets[ticket_id].label for _, _, ticket_id in first],
        longest_wait_s=max(0, now.ms - min(heads)) // 1000 if heads else 0,
    )


def _window_staff_view(state: State, window: WindowState, now: Moment) -> m.WindowStaffView:
    current = state.tickets.get(window.current or "")
    held = [t for t in state.tickets_in(TicketState.HELD) if t.window == window.window_id]
    place = state.known.windows.get(window.window_id)
    return m.WindowStaffView(
        window=window.window_id,
        status=window.status,
        staff_id=window.staff_id,
        queues=list(place.queues) if place else [],
        current=_staff_ticket(state, current, now) if current else None,
        held=[_staff_ticket(state, ticket, now) for ticket in held],
    )


def _staff_ticket(state: State, ticket: Ticket, now: Moment) -> m.StaffTicket:
    service = state.known.services.get(ticket.service_id)
    return m.StaffTicket(
        ticket_id=ticket.ticket_id,
        label=ticket.label,
        service=service.name if service else {"zh-Hans": ticket.service_id},
        ticket_class=ticket.ticket_class.value,
        state=ticket.state.value,
        taken_at=rfc3339(ticket.taken_at, now.offset_s),
        window=ticket.window,
        calls=ticket.calls,
        on_behalf_of=ticket.on_behalf_of,
        group_size=ticket.group_size,
        green=list(ticket.green),
        story=[{"at": rfc3339(s.at, now.offset_s), "what": s.what, "where": s.where} for s in ticket.story],
    )
