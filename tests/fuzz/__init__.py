"""Odd and hostile input for every program."""
