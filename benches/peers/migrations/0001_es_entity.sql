create table accounts (
    id         uuid primary key,
    created_at timestamptz not null
);
create table account_events (
    id          uuid not null references accounts (id),
    sequence    int not null,
    event_type  varchar not null,
    event       jsonb not null,
    context     jsonb default null,
    recorded_at timestamptz not null,
    unique (id, sequence)
);
