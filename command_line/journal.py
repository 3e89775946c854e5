"""Commands about a hall's journal: verify, replay, backup, restore."""

COMMANDS = ()
