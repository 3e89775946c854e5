"""Slips: what stands on them, how it is laid out, and the bytes a printer takes."""
