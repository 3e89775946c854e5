"""Screens: a pure renderer from what a window or hall shows to an image, and sinks for it."""
