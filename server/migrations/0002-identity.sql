-- People, their sign-ins and their second factor.
-- Columns of users, sessions, accounts, verifications and second_factors that carry no comment are better-auth's.

create table users (
  id text primary key,
  -- What the console shows.
  name text not null,
  -- better-auth wants one; ours is made from the id and never used.
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- What is typed at sign-in, in lower case.
  username text not null unique,
  display_username text not null,
  two_factor_enabled boolean not null default false,
  -- Ours from here on.
  unit text references units (id),
  roles text[] not null default '{}' check (roles <@ array['administrator', 'security-chief', 'duty', 'auditor']),
  disabled boolean not null default false
);

create table sessions (
  id text primary key,
  -- The secret in the cookie (which is signed besides).
  token text not null unique,
  user_id text not null references users (id),
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_user on sessions (user_id);

create table accounts (
  id text primary key,
  account_id text not null,
  provider_id text not null,
  user_id text not null references users (id),
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  -- scrypt hash with its salt.
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, provider_id)
);

create table verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_identifier on verifications (identifier);

create table second_factors (
  id text primary key,
  user_id text not null unique references users (id),
  -- Both sealed by better-auth with a key derived from the key file.
  secret text not null,
  backup_codes text not null,
  verified boolean not null default true,
  failed_verification_count int not null default 0,
  locked_until timestamptz
);

-- A one-time code is good once: RFC 6238, section 5.2.
create table used_codes (
  user_id text not null references users (id),
  code_hash text not null,
  used_ms bigint not null,
  primary key (user_id, code_hash)
);

-- Failed sign-ins, per account name (known or not) and per network address.
create table sign_in_failures (
  kind text not null check (kind in ('account', 'address')),
  subject text not null,
  failures int not null,
  last_ms bigint not null,
  locked_until_ms bigint not null default 0,
  primary key (kind, subject)
);

-- The token for the first administrator: at most one row, only its SHA-256.
create table setup_token (
  the_one boolean primary key default true check (the_one),
  token_sha256 text not null,
  issued_ms bigint not null
);
