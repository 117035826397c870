-- Grants, the only key to pictures; and the register, every use of them.

create table grants (
  id text primary key,
  user_id text not null references users (id),
  cameras text[] not null check (cardinality(cameras) between 1 and 64),
  -- Null, null: live. Else the span [span_from_ms, span_to_ms).
  span_from_ms bigint,
  span_to_ms bigint,
  actions text[] not null check (actions <@ array['view', 'copy'] and cardinality(actions) > 0),
  purpose text not null check (length(purpose) between 1 and 500),
  -- Why it was given: role:duty, later the articles.
  basis text not null,
  issued_ms bigint not null,
  expires_ms bigint not null,
  revoked_ms bigint,
  revoked_by text,
  check ((span_from_ms is null) = (span_to_ms is null)),
  check (span_from_ms is null or span_from_ms < span_to_ms),
  check (expires_ms > issued_ms),
  check ((revoked_ms is null) = (revoked_by is null))
);
create index grants_user on grants (user_id, issued_ms desc);

-- Every process that holds grants in memory hears of revocations here.
create function tell_grant_revoked() returns trigger language plpgsql as $$
begin
  perform pg_notify('grant_revoked', new.id);
  return null;
end $$;
create trigger grants_revoked after update of revoked_ms on grants
  for each row when (old.revoked_ms is null and new.revoked_ms is not null) execute function tell_grant_revoked();

-- A grant is never widened: only its revocation is written later, once.
create function refuse_widening() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then raise exception 'a grant is never deleted'; end if;
  if old.revoked_ms is not null
    or (new.id, new.user_id, new.cameras, new.span_from_ms, new.span_to_ms, new.actions, new.purpose, new.basis, new.issued_ms, new.expires_ms)
    is distinct from
    (old.id, old.user_id, old.cameras, old.span_from_ms, old.span_to_ms, old.actions, old.purpose, old.basis, old.issued_ms, old.expires_ms)
  then raise exception 'a grant is never changed, only revoked'; end if;
  return new;
end $$;
create trigger grants_only_revoked before update or delete on grants
  for each row execute function refuse_widening();

-- The register: what began, stored before the first byte left...
create table register_begun (
  id text primary key,
  -- Order of writing, for pages.
  line bigint generated always as identity unique,
  grant_id text not null references grants (id),
  user_id text not null references users (id),
  camera text not null,
  action text not null check (action in ('live', 'playback', 'copy')),
  span_from_ms bigint,
  span_to_ms bigint,
  address text not null,
  -- Which server served it: one name per data folder.
  station text not null,
  started_ms bigint not null
);
create index register_begun_camera on register_begun (camera, line desc);
create index register_begun_user on register_begun (user_id, line desc);
create index register_begun_grant on register_begun (grant_id);
create index register_begun_started on register_begun (started_ms);

-- ...and how it ended.
create table register_ended (
  id text primary key references register_begun (id),
  ended_ms bigint not null,
  cause text not null,
  bytes bigint not null check (bytes >= 0),
  frames bigint not null check (frames >= 0),
  -- Span of footage that was served.
  served_from_ms bigint,
  served_to_ms bigint
);

create trigger register_begun_only_grows before update or delete or truncate on register_begun
  for each statement execute function refuse_change();
create trigger register_ended_only_grows before update or delete or truncate on register_ended
  for each statement execute function refuse_change();
