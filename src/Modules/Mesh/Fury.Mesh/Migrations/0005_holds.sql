-- Whether proxies that can do so hold requests while no pool of the scope has an endpoint. Set by the platform, where the policy's body is set by people.
alter table mesh.policy add column holds boolean not null default false;
