-- The index of footage. The chain files are the truth; all of this can be thrown away and read from them again.

create table streams (
  -- A short number for the four million rows below.
  number int generated always as identity primary key,
  -- <camera>.<role>
  stream text not null unique,
  -- Position in the chain up to which the index has read.
  indexed_seq bigint not null default 0,
  -- Length of the longest segment ever indexed: bounds the search for what overlaps an instant.
  longest_ms bigint not null default 0,
  -- The next segment begins a new recording.
  cut boolean not null default true
);

-- One row a segment file; footage covers [start_ms, end_ms).
create table segments (
  stream int not null references streams (number),
  start_ms bigint not null,
  end_ms bigint not null,
  seq bigint not null,
  bytes bigint not null,
  digest bytea not null,
  -- Path below the footage root.
  file text not null,
  primary key (stream, start_ms, seq),
  check (start_ms < end_ms)
);
create index segments_seq on segments (stream, seq);

-- What one stream wrote between two cuts: segments that touch. The timeline is drawn from these.
create table recordings (
  stream int not null references streams (number),
  start_ms bigint not null,
  end_ms bigint not null,
  segments int not null,
  bytes bigint not null,
  -- Positions in the chain of its first and last segment. A clock set back lets times overlap; positions never do.
  first_seq bigint not null,
  last_seq bigint not null,
  primary key (stream, first_seq)
);
create index recordings_start on recordings (stream, start_ms);
create index recordings_end on recordings (stream, end_ms);

-- Spans that should have been recorded and were not.
create table gaps (
  stream int not null references streams (number),
  seq bigint not null,
  start_ms bigint not null,
  end_ms bigint not null,
  cause text not null,
  primary key (stream, seq)
);
create index gaps_end on gaps (stream, end_ms);

create table deletions (
  stream int not null references streams (number),
  seq bigint not null,
  segment_seq bigint not null,
  at_ms bigint not null,
  reason text not null,
  primary key (stream, seq)
);
