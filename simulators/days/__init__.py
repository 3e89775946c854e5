"""Whole days of a hall: the real domain on a virtual clock, no broker, thousands of times faster than time."""
