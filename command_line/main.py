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
    log_format: Annotated[str, typer.Option(help="How log lines are written: text or json.")] = "text",
) -> None:
    """Every command takes --log-format before its name."""
    from hall_protocol.logs import configure_logs

    if log_format not in ("text", "json"):
        raise typer.BadParameter("text or json", param_hint="--log-format")
    configure_logs(log_format)


def main() -> None:
    """Run the command line. Exit 0 done, 1 failed, 2 wrong use or configuration."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
