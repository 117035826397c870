-- Who operates what: units, cameras, and every change to them.
-- Instants are milliseconds since 1970 UTC in columns named *_ms.

create table units (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  name text not null check (length(name) between 1 and 128),
  -- operator: runs cameras. authority: a supervising public-security organ; it reaches no operator's pictures by standing above it.
  kind text not null check (kind in ('operator', 'authority')),
  parent text references units (id),
  demo boolean not null default false,
  -- Raised by each change; a writer names the one it read.
  version int not null default 1,
  created_ms bigint not null
);
create index units_parent on units (parent);

create table cameras (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  unit text not null references units (id),
  name text not null check (length(name) between 1 and 128),
  position text not null default '' check (length(position) <= 256),
  enabled boolean not null default true,
  record boolean not null default true,
  demo boolean not null default false,
  retention_class text not null default 'ordinary' check (retention_class in ('ordinary', 'important')),
  version int not null default 1,
  created_ms bigint not null,
  -- A removed camera keeps its row: its footage and the register name it.
  removed_ms bigint
);
create index cameras_unit on cameras (unit);

-- Where a camera's streams come from.
create table camera_streams (
  camera text not null references cameras (id),
  role text not null check (role in ('main', 'sub')),
  -- What people may see: no user, no password, no secret in the query.
  url_shown text not null,
  user_shown text,
  has_password boolean not null,
  transport text not null check (transport in ('auto', 'tcp', 'udp')),
  certificate_sha256 text check (certificate_sha256 ~ '^[0-9a-f]{64}$'),
  -- URL, user and password, sealed with the key file (AES-256-GCM, bound to camera and role).
  sealed text not null,
  -- Keyed digest of the URL without credentials: finds two cameras on one URL.
  url_print text not null,
  primary key (camera, role)
);
create index camera_streams_print on camera_streams (url_print);

-- Who changed what. Never a credential.
create table registry_changes (
  id bigint generated always as identity primary key,
  at_ms bigint not null,
  by_whom text not null,
  kind text not null check (kind in ('unit', 'camera')),
  subject text not null,
  action text not null check (action in ('added', 'changed', 'removed')),
  -- {"field": [before, after]}
  fields jsonb not null
);
create index registry_changes_subject on registry_changes (subject, id);

-- Lists that only grow: a use or a change once written is neither altered nor taken away.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are only ever added', tg_table_name;
end $$;

create trigger registry_changes_only_grow before update or delete or truncate on registry_changes
  for each statement execute function refuse_change();
