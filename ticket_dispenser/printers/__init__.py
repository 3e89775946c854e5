"""Printers behind one port; which one is configuration."""
