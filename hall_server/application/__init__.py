"""The single writer: decide, append, evolve, publish; and the ports it needs."""
