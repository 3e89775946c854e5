"""The `paihao` command. Each sub-command imports its program only when it runs: a display never loads the server."""

import sys
from importlib.util import find_spec

from command_line.footprint import keep_small

keep_small()

import click  # noqa: E402  after the above, which is about what imports leave behind

from command_line import backtest, devices, doctor, enrolment, fleet, journal, quality, server, voice  # noqa: E402  the same
from command_line.running import fail  # noqa: E402  the same


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How log lines are written. May stand before or after the command.",
)
def paihao(log_format: str) -> None:
    """The software of a public service hall. Start with: paihao demo."""
    from hall_protocol.logs import configure_logs

    configure_logs(log_format)


for part in (server, devices, enrolment, fleet, voice, journal, backtest, doctor, quality):
    for command in part.COMMANDS:
        paihao.add_command(command)


def _log_format_first(arguments: list[str]) -> list[str]:
    """`--log-format` belongs to every command, so it may also stand after the command's name."""
    for index, argument in enumerate(arguments):
        if argument == "--log-format" and index + 1 < len(arguments):
            return [*arguments[index : index + 2], *arguments[:index], *arguments[index + 2 :]]
        if argument.startswith("--log-format="):
            return [argument, *arguments[:index], *arguments[index + 1 :]]
    return arguments


def main() -> None:
    """Run the command line. Exit 0 done, 1 failed, 2 wrong use or configuration."""
    try:
        paihao(_log_format_first(sys.argv[1:]), prog_name="paihao")
    except ModuleNotFoundError as error:
        if find_spec((error.name or "").partition(".")[0]) is not None:
            # The library is there, a part of it is not: that is a bug.
            raise
        fail(f"this needs {error.name}, which is not installed here; paihao doctor says what is missing for which role")
