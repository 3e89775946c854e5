"""The `paihao` command. Each sub-command imports its program only when it runs: a display never loads the server."""

import sys
from typing import Annotated

import typer

from command_line import devices, journal, quality, server

app = typer.Typer(
    name="paihao",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The software of a public service hall. Start with: paihao demo",
)
for part in (server, devices, journal, quality):
    part.register(app)


@app.callback()
def _common(
    log_format: Annotated[
        str, typer.Option(help="How log lines are written, before or after the command: text or json.")
    ] = "text",
) -> None:
    from hall_protocol.logs import configure_logs

    if log_format not in ("text", "json"):
        raise typer.BadParameter("text or json", param_hint="--log-format")
    configure_logs(log_format)


def _log_format_first(arguments: list[str]) -> list[str]:
    """`--log-format` belongs to every command, so it may also stand after the command's name."""
    rest = list(arguments)
    for index, argument in enumerate(rest):
        if argument == "--log-format" and index + 1 < len(rest):
            return [*rest[index : index + 2], *rest[:index], *rest[index + 2 :]]
        if argument.startswith("--log-format="):
            return [argument, *rest[:index], *rest[index + 1 :]]
    return rest


def main() -> None:
    """Run the command line. Exit 0 done, 1 failed, 2 wrong use or configuration."""
    sys.argv[1:] = _log_format_first(sys.argv[1:])
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
