"""What the system would have told visitors of days that are over."""
