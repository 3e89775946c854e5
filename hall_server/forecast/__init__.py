"""What is likely to happen next, pure: estimates of waits from what the hall has seen."""
