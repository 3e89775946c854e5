"""The event store: SQLite, hash chain, snapshots, and the tools that check and copy it."""
