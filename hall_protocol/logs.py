"""Logs of every program: one line an event, as text for people or JSON for machines. Never a token, PIN or name."""

import logging
import sys

import structlog


def configure_logs(log_format: str = "text", level: int = logging.INFO) -> None:
    """Set structlog up; to be called once by each program's entry point."""
    renderer = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
