-- A move that leaves its source at once: 1; 2 leaves also what a queue still has there.
alter table services.move
    add evacuate smallint not null default 0,
    drop constraint move_outcome_check,
    add constraint move_outcome_check check (outcome in ('moved', 'returned', 'refused', 'evacuated'));
