"""The `paihao` command: one lazy sub-command per program."""
