"""A touch screen: pages that the dispenser serves to a browser on its own board; they work without the hall."""
