-- A grant given by role ends with the role: whichever program changes the person, in the same transaction.
create function revoke_grants_of_changed_user() returns trigger language plpgsql as $$
begin
  update grants set revoked_ms = (extract(epoch from clock_timestamp()) * 1000)::bigint, revoked_by = 'system:user-changed'
  where user_id = new.id and revoked_ms is null and basis like 'role:%';
  return null;
end $$;

create trigger users_changed after update of roles, unit, disabled on users
  for each row when (old.roles is distinct from new.roles or old.unit is distinct from new.unit or (new.disabled and not old.disabled))
  execute function revoke_grants_of_changed_user();
