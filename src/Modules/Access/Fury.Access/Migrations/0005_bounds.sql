-- When the provider has last said which groups the owner is in: what it said long ago is not believed for ever.
alter table access.token add column owner_seen_at timestamptz not null default now();

-- From where a login was begun: one address does not take the places of all.
alter table access.login add column from_where text not null default '';
create index on access.login (from_where);

-- The names of revoked tokens are not used again, so their grants are of nobody.
delete from access.grant_of_role g
 using access.token t
 where g.subject_kind = 'token' and g.subject = t.name and t.revoked_at is not null;
