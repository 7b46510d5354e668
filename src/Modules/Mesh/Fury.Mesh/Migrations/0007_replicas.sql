-- What each replica of a pool has answered, packed, while the scope's table names two pools or more; null otherwise.
alter table mesh.traffic add column replicas bytea;
