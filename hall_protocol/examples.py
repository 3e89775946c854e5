"""One example of every published message, for the documentation and its test."""

from hall_protocol import messages as m

AT = "2026-06-03T10:42:07+08:00"
HALL = {"zh-Hans": "示范区政务服务中心", "zh-Hant": "示範區政務服務中心", "en": "Example District Service Hall"}
QUEUE = {"zh-Hans": "户政居住证", "zh-Hant": "戶政居住證", "en": "Household and residence"}
SERVICE = {"zh-Hans": "居民身份证换领", "zh-Hant": "居民身份證換領", "en": "Identity card renewal"}
RANGE = m.WaitRange(900, 1500)
TICKET = m.StaffTicket(
    ticket_id="5b0c6f0e8a714b6f9e0f6a1d2c3b4a59",
    label="B007",
    service=SERVICE,
    ticket_class="ordinary",
    state="serving",
    taken_at=AT,
    window="4",
    calls=1,
    on_behalf_of=False,
    group_size=1,
    green=[],
    story=[{"at": AT, "what": "issued", "where": "dispenser-1"}],
)

EXAMPLES: dict[str, m.Message] = {
    "hall/state": m.HallState("online", "0f6a1d2c3b4a59", "0.1.0", "f6c11254ae7a999c", AT),
    "device/{d}/state": m.DeviceState("online", "dispenser", "9e0f6a1d2c3b", "1"),
    "catalogue": m.Catalogue(
        hall_id="example",
        name=HALL,
        phone="020-12345",
        version="f6c11254ae7a999c",
        languages=["zh-Hans", "zh-Hant", "en"],
        zones=[m.CatalogueZone("B", {"zh-Hans": "户政出入境区"})],
        categories=[m.CatalogueCategory("household", {"zh-Hans": "户政、居住证、积分"})],
        queues=[m.CatalogueQueue("household", "B", QUEUE, "B")],
        services=[
            m.CatalogueService(
                service_id="id-card-renewal",
                category_id="household",
                queue_id="household",
                name=SERVICE,
                available=True,
                note=None,
                on_behalf_of=False,
                booking_required=False,
                cancellable=True,
                guide={"materials": {"zh-Hans": "原居民身份证或户口簿"}},
            )
        ],
    ),
    "progress": m.Progress(
        hall_id="example",
        seq=48213,
        generated_at=AT,
        state="live",
        session="regular",
        catalogue_version="f6c11254ae7a999c",
        name=HALL,
        totals=m.Totals(27, 4, 12),
        queues=[
            m.QueueProgress(
                queue_id="household",
                prefix="B",
                name=QUEUE,
                service_ids=["id-card-renewal"],
                status="open",
                issuing=True,
                waiting=27,
                windows_open=4,
                now_serving=[m.NowServing("4", "B041")],
                last_called="B041",
                last_issued="B068",
                remaining_today=60,
                wait_avg_s=1260,
                est_wait_s=RANGE,
                est_basis="forecast",
            )
        ],
        tickets=[m.TicketProgress("B042", "waiting", 0, m.WaitRange(60, 240))],
    ),
    "board": m.Board(48213, AT, [m.BoardCall("B041", "4", "B", 1, AT)]),
    "window/{n}": m.WindowView("4", "open", "B041", "called", 1, AT, 48213, "B", [QUEUE]),
    "queues": m.Queues(
        seq=48213,
        at=AT,
        queues=[m.QueueView("household", "B", QUEUE, 27, {"ordinary": 25, "green": 2}, ["B042", "B043"], 1310)],
        windows=[m.WindowStaffView("4", "open", "s04", ["household"], TICKET, [])],
        missed=["B031"],
        guide_tasks=[m.GuideTask("B044", "B", ["accompany"], AT)],
    ),
    "alert/{id}": m.AlertView(
        alert_id="forecast-household",
        kind="extra_window",
        trigger="forecast",
        state="acknowledged",
        queue_id="household",
        window=None,
        device=None,
        raised_at=AT,
        facts={
            "waiting": 27,
            "waiting_limit": 30,
            "longest_wait_s": 1310,
            "wait_limit_s": 2400,
            "over": [0.25, 0.5, 0.7, 0.75],
        },
        advice={
            "wait_before_s": 2950,
            "wait_after_s": 1720,
            "over_before": 0.7,
            "over_after": 0.05,
            "open": [{"window": "6", "staff_id": "s06"}],
            "move_break": None,
            "spread_to": None,
            "until_s": 43200,
        },
        unit="公安局",
        contact="李科长 020-12345-2",
        reopened=0,
        life=[m.AlertStep(AT, "raised", "system"), m.AlertStep(AT, "acknowledged", "manager")],
    ),
    "journal": m.JournalRecord(
        seq=48213,
        at=AT,
        name="ticket_called",
        version=1,
        data={"ticket_id": TICKET.ticket_id, "window": "4", "staff_id": "s04", "why": "longest_waiting"},
        hash="7f" * 32,
    ),
    "GET /api/v1/tickets/{token}": m.TicketView(
        label="B007",
        state="waiting",
        service=SERVICE,
        queue=QUEUE,
        zone="B",
        windows=["4", "5"],
        window=None,
        calls=0,
        ahead=6,
        est_wait_s=RANGE,
        issued_at=AT,
        called_at=None,
        generated_at=AT,
        now_serving=[m.NowServing("4", "B041")],
        cancellable=True,
    ),
}
"""By topic under the root, or by web path."""
