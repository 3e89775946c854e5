-- The hall's journal, version 1. One row an event, in order, never changed.
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,   -- 1, 2, 3 … without gaps
    at      INTEGER NOT NULL,      -- Unix milliseconds
    name    TEXT    NOT NULL,      -- explicit event name
    version INTEGER NOT NULL,      -- version of the event's shape
    command TEXT,                  -- id of the order it came from, on the order's first event
    data    BLOB    NOT NULL,      -- the event as JSON
    hash    BLOB    NOT NULL       -- SHA-256 over the previous hash and this row
) STRICT;

-- Replies to accepted orders, so that a repeated order gets the same one. Not part of the chain: they hold secrets.
CREATE TABLE answer (
    seq     INTEGER PRIMARY KEY,   -- the order's first event
    command TEXT    NOT NULL,
    answer  BLOB    NOT NULL
) STRICT;

-- Saved states, so that a start reads only the tail. Part 0 is the hall, the others are tickets.
CREATE TABLE snapshot (
    seq     INTEGER NOT NULL,
    part    INTEGER NOT NULL,
    data    BLOB    NOT NULL,
    PRIMARY KEY (seq, part)
) STRICT, WITHOUT ROWID;
