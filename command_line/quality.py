"""Commands that prove things: bench, test."""

import asyncio

import click

from command_line.running import fail

BENCHES = ("latency", "throughput", "recovery", "memory")


@click.command()
@click.argument("name", type=click.Choice(BENCHES))
@click.option("--json", "as_json", is_flag=True, help="Figures for programs.")
@click.option(
    "--tickets", type=click.IntRange(1), default=100_000, show_default=True, help="throughput: tickets at the end."
)
def bench(name: str, as_json: bool, tickets: int) -> None:
    """Measure something, with its floor in the same run.

    \b
    Examples:
      paihao bench throughput --tickets 20000
      paihao bench latency --json
    """
    if name == "throughput":
        from benchmarks import throughput

        report = asyncio.run(throughput.run(tickets))
    else:
        fail("not yet")
    click.echo(report.as_json() if as_json else report.as_text())


COMMANDS = (bench,)
