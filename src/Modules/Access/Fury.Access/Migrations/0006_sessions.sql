-- Sessions of one person are bounded, and found by it.
create index session_of_person on access.session (name, expires_at);
