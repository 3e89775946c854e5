"""Commands that prove things: bench, test."""

import asyncio
from typing import Annotated

import typer

from command_line.running import fail

BENCHES = ("latency", "throughput", "recovery", "memory")


def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHES)}.")],
    json: Annotated[bool, typer.Option("--json", help="Figures for programs.")] = False,
    tickets: Annotated[int, typer.Option(help="throughput: tickets in the journal at the end.")] = 100_000,
) -> None:
    """Measure something, with its floor in the same run.

    Examples: paihao bench throughput --tickets 20000; paihao bench latency --json
    """
    if name not in BENCHES:
        fail(f"no benchmark {name!r}; there are {', '.join(BENCHES)}", 2)
    if name == "throughput":
        from benchmarks import throughput

        report = asyncio.run(throughput.run(tickets))
    else:
        fail("not yet")
    typer.echo(report.as_json() if json else report.as_text())


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(bench)
