"""What a visitor presses, behind one port; which one is configuration."""
