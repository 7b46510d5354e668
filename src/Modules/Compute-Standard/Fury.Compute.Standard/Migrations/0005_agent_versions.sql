-- Which version of the agent is in an instance. It is told before the application runs as well, when there is no use to tell of.
alter table standard.usage
    add column agent_version  text,
    -- When the agent has told anything; told_at is when it has told of use, and measured_at by which clock.
    add column heard_at       timestamptz not null default now(),
    alter column measured_at drop not null,
    alter column told_at drop not null,
    alter column cpu_seconds drop not null,
    alter column memory_bytes drop not null,
    alter column kills drop not null;
