-- What probes of the resources behind services have shown, by the fingerprint of the route that was probed.
create table services.attestation (
    application  text collate "C" not null,
    scope        text collate "C" not null,
    kind         text not null,
    service      text collate "C" not null,
    fingerprint  text not null,
    capabilities jsonb not null,
    limits       jsonb not null,
    shown        jsonb not null,
    refuted      jsonb not null,
    attested_at  timestamptz not null,
    primary key (application, scope, kind, service, fingerprint)
);
