"""People and faults: seeded visitors and staff, printers that jam; clients like any other."""
