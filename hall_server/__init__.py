"""The hall server: one journal, one writer, and what the hall shows the world."""
