"""Where frames go, behind one port; which one is configuration."""
