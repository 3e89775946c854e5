"""LED signs on an RS-485 line that take text: a protocol behind a port, the line, and a fake sign."""
