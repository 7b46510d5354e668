-- Lists of those who see what their teams own.
create index application_team on catalog.application (team, name);
