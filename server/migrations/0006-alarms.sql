-- Alarms as they came and went: what the health page showed, for the timeline and for whoever asks afterwards.
create table alarms (
  -- code, camera and instant of its beginning: entering the same alarm twice is one row
  id text primary key check (length(id) <= 200),
  code text not null check (length(code) <= 64),
  -- null: of the whole station
  camera text check (length(camera) <= 64),
  level text not null check (level in ('warning', 'alarm')),
  detail text not null check (length(detail) <= 1000),
  from_ms bigint not null,
  -- null: still there
  to_ms bigint check (to_ms >= from_ms)
);
create index alarms_by_time on alarms (from_ms);
create index alarms_open on alarms (id) where to_ms is null;
