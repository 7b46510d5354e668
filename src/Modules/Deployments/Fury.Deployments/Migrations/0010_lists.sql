-- The list of all scopes' deployments, newest first: of everything by the primary key, and of each application that the caller sees. With the scope, so that
-- single ones need no look at the rows.
create index deployment_of_application on deployments.deployment (application, id desc) include (scope);
create index deployment_in_progress on deployments.deployment (id desc) where ended_at is null;
create index deployment_in_progress_of_application on deployments.deployment (application, id desc) include (scope) where ended_at is null;
