-- A delivery that is no event's: somebody wants to see whether a webhook takes what it is sent. Its deployment is a lane of its own and names nothing.
alter table deployments.delivery
    -- Who has asked for it, and when; null: it is an event.
    add column asked_by text,
    add column asked_at timestamptz;

create index delivery_test on deployments.delivery (webhook) where asked_by is not null and state = 'pending';
