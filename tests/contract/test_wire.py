"""The wire, as a program that nobody here wrote would use it, against a real hall and broker."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.wire import Demo, Device, Json

ISSUE = {"service_id": "real-estate-record"}


async def sign_in(demo: Demo, terminal: Device, staff: str, window: str) -> str:
    result = await terminal.accepted("sign_in", {"staff_id": staff, "pin": demo.pin(staff), "window": window})
    session = str(result["session"])
    await terminal.accepted("open_window", {"session": session})
    return session


async def test_J1_a_number_is_taken(demo: Demo) -> None:
    async with demo.device("dispenser-2").connected() as dispenser:
        result = await dispenser.accepted("issue", ISSUE | {"green": [], "group_size": 1, "language": "en"})
    assert result["label"].startswith("F")
    assert result["queue_id"] == "living"
    assert result["zone"] == "C"
    assert result["windows"] == ["9", "10"]
    assert result["est_wait_s"] is None
    assert result["url"] == f"{demo.url}/t/{result['token']}"
    assert len(result["token"]) >= 22  # 128 bits


async def test_the_same_id_always_gets_the_same_reply(demo: Demo) -> None:
    async with demo.device("dispenser-2").connected() as dispenser:
        command_id = str(uuid.uuid4())
        first = await dispenser.command("issue", ISSUE, id=command_id)
        again = await dispenser.command("issue", ISSUE, id=command_id, age_ms=4000)
        assert first == again
        refused = str(uuid.uuid4())
        assert await dispenser.command("issue", {"service_id": "x"}, id=refused) == await dispenser.command(
            "issue", {"service_id": "x"}, id=refused
        )


async def test_J3_an_appointment_is_booked_and_checked_in(demo: Demo) -> None:
    code, slot = uuid.uuid4().hex[:10], datetime.now(UTC) + timedelta(minutes=10)
    async with demo.device("online").connected() as online, demo.device("dispenser-2").connected() as dispenser:
        body = {"booking_code": code, "service_id": "invoice", "slot_at": slot.isoformat(timespec="seconds")}
        assert await online.accepted("book", body) == {}
        assert (await dispenser.command("book", body))["code"] == "not_allowed"
        far = body | {"booking_code": "f" + code, "slot_at": (slot + timedelta(hours=3)).isoformat(timespec="seconds")}
        await online.accepted("book", far)
        early = await dispenser.command("check_in", {"booking_code": "f" + code})
        assert (early["code"], "check in from" in early["message"]) == ("check_in_too_early", True)
        came = await dispenser.accepted("check_in", {"booking_code": f" {code[:5]}-{code[5:]} ".upper()})
        assert (came["came"], came["service_id"], came["label"][0]) == ("in_time", "invoice", "E")
        again = await dispenser.accepted("check_in", {"booking_code": code})
        assert (again["came"], again["label"]) == ("again", came["label"])
        assert again["token"] != came["token"]
        assert (await online.command("cancel_booking", {"booking_code": code}))["code"] == "not_cancellable"
        assert await online.accepted("cancel_booking", {"booking_code": "f" + code}) == {}
        assert (await dispenser.command("check_in", {"booking_code": "f" + code}))["code"] == "unknown_booking"


async def test_J5_a_shift_at_a_window(demo: Demo) -> None:
    async with (
        demo.device("dispenser-2").connected() as dispenser,
        demo.device("terminal-9").connected("queues") as terminal,
        demo.device("display-2").connected("window/9", "board") as display,
    ):
        session = await sign_in(demo, terminal, "s09", "9")
        ours = await dispenser.accepted("issue", {"service_id": "legal-aid"})
        labels = []
        while True:
            called = await terminal.accepted("call_next", {"session": session})
            labels.append(called["label"])
            assert called["why"] == "longest_waiting"
            label = called["label"]
            shown = await display.hears("window/9", lambda view, label=label: view["label"] == label)
            assert (shown["status"], shown["state"], shown["calls"]) == ("open", "called", 1)
            await display.hears(
                "board", lambda board, label=label: board["calls"] and board["calls"][0]["label"] == label
            )
            if label == ours["label"]:
                break
            await terminal.accepted("finish", {"session": session})
        recalled = await terminal.accepted("recall", {"session": session})
        assert recalled["calls"] == 2
        assert (await terminal.command("no_show", {"session": session}))["code"] == "too_early"
        await terminal.accepted("start", {"session": session, "ticket_id": ours["ticket_id"]})
        await terminal.accepted("hold", {"session": session, "reason": "form"})
        await terminal.accepted("resume", {"session": session, "label": ours["label"]})
        await terminal.accepted("transfer", {"session": session, "queue_id": "family"})
        again = await terminal.accepted("call_specific", {"session": session, "ticket_id": ours["ticket_id"]})
        assert (again["label"], again["why"]) == (ours["label"], "called_by_number")
        await terminal.accepted("finish", {"session": session, "outcome": "accepted"})
        assert (await terminal.command("call_next", {"session": session}))["code"] == "nobody_waiting"
        await terminal.accepted("pause_window", {"session": session, "reason": "lunch"})
        await display.hears("window/9", lambda view: view["status"] == "paused")
        await terminal.accepted("close_window", {"session": session})
        await terminal.accepted("sign_out", {"session": session})
        assert (await terminal.command("call_next", {"session": session}))["code"] == "session_expired"


async def test_R21_progress_follows_within_a_second_and_never_tells_anybody_apart(demo: Demo) -> None:
    async with (
        demo.device("dispenser-2").connected() as dispenser,
        demo.device("online").connected("progress") as gateway,
    ):
        result = await dispenser.accepted("issue", {"service_id": "passport", "green": ["priority", "accompany"]})
        progress = await gateway.hears(
            "progress", lambda p: any(t["label"] == result["label"] for t in p["tickets"]), within_s=1.0
        )
        assert progress["schema"] == "hall-progress/1"
        assert progress["max_age_s"] == 60
        queue = next(q for q in progress["queues"] if q["queue_id"] == "travel")
        assert queue["last_issued"] == result["label"]
        assert queue["est_wait_s"] is None
        for word in ("green", "priority", "accompany", result["token"], "s09"):
            assert word not in json.dumps(progress)


async def test_J7_a_place_is_given_up_by_token(demo: Demo) -> None:
    async with demo.device("dispenser-2").connected() as dispenser, demo.device("online").connected() as gateway:
        result = await dispenser.accepted("issue", ISSUE)
        await gateway.accepted("abandon", {"token": result["token"]})
        assert (await gateway.command("abandon", {"token": "x" * 22}))["code"] == "unknown_ticket"


async def test_G13_a_second_login_ends_the_first(demo: Demo) -> None:
    async with demo.device("terminal-10").connected() as one, demo.device("terminal-11").connected() as two:
        first = await sign_in(demo, one, "s10", "10")
        second = await sign_in(demo, two, "s10", "10")
        assert (await one.command("call_next", {"session": first}))["code"] == "session_expired"
        await two.accepted("sign_out", {"session": second})


async def test_a_wrong_pin_and_too_many_of_them(demo: Demo) -> None:
    async with demo.device("terminal-12").connected() as terminal:
        body = {"staff_id": "s12", "pin": "0000", "window": "12"}
        codes = [(await terminal.command("sign_in", body))["code"] for _ in range(6)]
        assert codes == ["wrong_pin"] * 5 + ["too_many_attempts"]


BAD: list[tuple[str, bytes, str]] = [
    ("no JSON", b"{{{", "malformed"),
    ("no UTF-8", b"\xff\xfe{}", "malformed"),
    ("no object", b"[1,2]", "malformed"),
    ("no id", b'{"v":1,"type":"issue","body":{}}', "malformed"),
    (
        "a megabyte",
        b'{"v":1,"id":"big-payload-1","type":"issue","body":{"x":"' + b"a" * 1_000_000 + b'"}}',
        "too_large",
    ),
    ("a newer version", b'{"v":9,"id":"newer-version","type":"issue","body":{}}', "unsupported"),
    ("an unknown type", b'{"v":1,"id":"unknown-type","type":"dance","body":{}}', "unsupported"),
    (
        "a type not offered yet",
        b'{"v":1,"id":"not-offered","type":"rate","body":{"token":"x"}}',
        "unsupported",
    ),
    ("a wrong type", b'{"v":1,"id":"wrong-type-1","type":"issue","body":{"service_id":7}}', "invalid"),
    ("a missing field", b'{"v":1,"id":"missing-1","type":"issue","body":{}}', "invalid"),
    (
        "out of range",
        b'{"v":1,"id":"range-1-1","type":"issue","body":{"service_id":"passport","group_size":0}}',
        "invalid",
    ),
    ("a body that is no object", b'{"v":1,"id":"body-list","type":"issue","body":[]}', "invalid"),
    ("a negative age", b'{"v":1,"id":"negative-age","type":"issue","age_ms":-1,"body":{}}', "invalid"),
    (
        "an unknown service",
        b'{"v":1,"id":"no-service","type":"issue","body":{"service_id":"nothing"}}',
        "unknown_service",
    ),
    ("another's order", b'{"v":1,"id":"not-mine-1","type":"call_next","body":{"session":"x"}}', "not_allowed"),
    ("an unknown ticket", b'{"v":1,"id":"no-ticket","type":"printed","body":{"ticket_id":"x"}}', "unknown_ticket"),
]


@pytest.mark.parametrize(("payload", "code"), [(p, c) for _, p, c in BAD], ids=[name for name, _, _ in BAD])
async def test_bad_input_gets_a_code_and_changes_nothing(demo: Demo, payload: bytes, code: str) -> None:
    async with (
        demo.device("dispenser-2").connected() as dispenser,
        demo.device("replica").connected("journal") as replica,
    ):
        await dispenser.send(payload)
        reply = await dispenser.hears("device/dispenser-2/reply", lambda r: not r["ok"] and r["code"] == code)
        assert reply["message"]
        # The next order still works, and is the next event: nothing came between, nothing was lost.
        await dispenser.accepted("issue", ISSUE | {"unknown_field": [1, 2, 3]})
        await replica.hears("journal", lambda record: record["name"] == "ticket_issued")
        names = [json.loads(payload)["name"] for _, payload in replica.heard if payload]
        # Alerts are the hall's own, and the demo's dispensers lease numbers whenever they run low.
        others = ("alert_", "numbers_leased")
        assert [name for name in names if not name.startswith(others)] == ["ticket_issued"]


async def test_every_event_is_on_the_journal_topic_without_secrets(demo: Demo) -> None:
    async with (
        demo.device("dispenser-2").connected() as dispenser,
        demo.device("replica").connected("journal") as replica,
    ):
        results: list[Json] = [await dispenser.accepted("issue", ISSUE) for _ in range(5)]
        await replica.hears("journal", lambda r: r["data"].get("label") == results[-1]["label"])
        records = [json.loads(payload) for _, payload in replica.heard]
        seqs = [record["seq"] for record in records]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert not any(result["token"] in json.dumps(records) for result in results)


async def test_a_hundred_presses_at_once_get_a_hundred_labels(demo: Demo) -> None:
    async with demo.device("dispenser-2").connected() as one, demo.device("guide-1").connected() as two:
        orders = [device.accepted("issue", {"service_id": "invoice"}) for device in (one, two) for _ in range(50)]
        labels = [result["label"] for result in await asyncio.gather(*orders)]
    assert len(set(labels)) == 100
