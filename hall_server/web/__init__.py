"""Pages, API and event streams of one hall."""
