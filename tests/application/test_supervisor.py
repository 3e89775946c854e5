"""A task of the hall that fails is told and started again; one that ends well is left alone."""

import asyncio

from hall_server.application.supervisor import Supervisor


async def test_a_failing_task_is_alarmed_and_started_again_until_it_works() -> None:
    told: list[tuple[str, str]] = []
    tries: list[int] = []

    async def work() -> None:
        tries.append(1)
        if len(tries) < 4:
            raise ValueError(f"try {len(tries)}")

    async with asyncio.TaskGroup() as tasks:
        supervisor = Supervisor(tasks, lambda name, error: told.append((name, str(error))), first_pause_s=0.001)
        supervisor.run("webhook", work)
    assert told == [("webhook", f"try {n}") for n in (1, 2, 3)]
    assert len(tries) == 4


async def test_a_cancelled_task_stays_cancelled() -> None:
    async with asyncio.TaskGroup() as tasks:
        running = Supervisor(tasks, lambda _name, _error: None).run("ticks", asyncio.Event().wait)  # type: ignore[arg-type]
        await asyncio.sleep(0)
        running.cancel()
    assert running.cancelled()
