-- The organization whose data this is: one row.
create table organization (
    id text primary key not null,
    key text not null,
    created_at integer not null
) strict;

-- The programme's record: appended to, never changed. `hash` is over the entry before and this body.
create table entry (
    seq integer primary key not null,
    object text not null,
    at integer not null,
    actor text not null,
    body text not null,
    hash text not null
) strict;

-- Frozen files by their SHA-256, compressed with zstd.
create table file (
    digest text primary key not null,
    size integer not null,
    content blob not null
) strict;

-- Batches of events that were taken in.
create table batch (
    batch_id text primary key not null,
    source text not null,
    first_seq integer not null,
    last_seq integer not null,
    n_events integer not null,
    received_at integer not null
) strict;

-- Events by the id that was minted once. Times are microseconds since 1970, UTC.
create table event (
    event_id text primary key not null,
    source text not null,
    seq integer not null,
    occurred_at integer not null,
    received_at integer not null,
    kind text not null,
    body text not null
) strict;

create index event_by_time on event (occurred_at, event_id);
