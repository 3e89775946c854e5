"""The rules of the hall, pure: state, commands, events, `decide` and `evolve`. No I/O, no clock, no chance."""
