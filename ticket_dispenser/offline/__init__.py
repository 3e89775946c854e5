"""A dispenser without the hall: lent numbers, time without a clock, and the way back."""
