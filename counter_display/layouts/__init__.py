"""What screens show, purely from the hall's pictures: colour for monitors, dots for LED panels, text for signs."""
