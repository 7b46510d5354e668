using Fury.Kernel;

namespace Fury.Cli.Http;

/// <summary>The paths of the API, once.</summary>
internal static class Routes
{
    public const string Applications = "api/v1/applications";

    public const string Sagas = "api/v1/sagas";

    public const string MeshStatus = "api/v1/mesh/status";

    public const string MeshProxies = "api/v1/mesh/proxies";

    public const string MeshRoutes = "api/v1/mesh/routes";

    public const string Freezes = "api/v1/freezes";

    public const string Pins = "api/v1/pins";

    public const string Webhooks = "api/v1/webhooks";

    public const string Campaigns = "api/v1/campaigns";

    public const string Upgrades = "api/v1/upgrades";

    public const string PlanUpgrade = $"{Upgrades}/plan";

    public const string Tokens = "api/v1/tokens";

    public const string Grants = "api/v1/access/grants";

    public const string Audit = "api/v1/audit";

    public const string Clusters = "api/v1/clusters";

    public const string AgentVersions = "api/v1/agents/versions";

    public const string Calibration = "api/v1/judge/calibration";

    public static string Token(string name) => $"{Tokens}/{Uri.EscapeDataString(name)}";

    public static string Cluster(string name) => $"{Clusters}/{Uri.EscapeDataString(name)}";

    public static string Capacity(string cluster) => $"cluster-api/v1/clusters/{Uri.EscapeDataString(cluster)}/capacity";

    public static string Placement(PoolId pool) => $"api/v1/placements/{pool}";

    public static string MeshProxy(string name) => $"{MeshProxies}/{Uri.EscapeDataString(name)}";

    public static string Saga(string id) => $"{Sagas}/{id}";

    public static string SagaTimeline(string id) => $"{Saga(id)}/timeline";

    public static string Application(ApplicationName application) => $"{Applications}/{application}";

    public static string Scopes(ApplicationName application) => $"{Application(application)}/scopes";

    public static string Scope(ScopeRef scope) => $"{Scopes(scope.Application)}/{scope.Scope}";

    public static string Versions(ApplicationName application) => $"{Application(application)}/versions";

    // A version may hold a plus sign.
    public static string Version(ApplicationName application, VersionName version) =>
        $"{Versions(application)}/{Uri.EscapeDataString(version.Value)}";

    public static string Services(ApplicationName application) => $"{Application(application)}/services";

    // A subscription's name holds a slash, which stays one.
    public static string Service(ApplicationName application, string kind, string name) => $"{Services(application)}/{kind}/{name}";

    public static string Secrets(ScopeRef scope) => $"{Scope(scope)}/secrets";

    public static string Secret(ScopeRef scope, SecretName secret) => $"{Secrets(scope)}/{secret}";

    public static string Bindings(ScopeRef scope) => $"{Scope(scope)}/bindings";

    public static string Binding(ScopeRef scope, string kind, string name) => $"{Bindings(scope)}/{kind}/{name}";

    public static string TrafficPolicy(ScopeRef scope) => $"{Scope(scope)}/traffic-policy";

    public static string Dependencies(ScopeRef scope) => $"{Scope(scope)}/dependencies";

    public static string Moves(ScopeRef scope) => $"{Scope(scope)}/moves";

    public static string Move(ScopeRef scope, string kind, string name) => $"{Scope(scope)}/services/{kind}/{name}/move";

    public static string Attestation(ScopeRef scope, string kind, string name) => $"{Scope(scope)}/attestations/{kind}/{name}";

    public static string Releases(ScopeRef scope) => $"{Scope(scope)}/releases";

    public static string Deployments(ScopeRef scope) => $"{Scope(scope)}/deployments";

    public static string Plan(ScopeRef scope) => $"{Scope(scope)}/plan";

    public static string Rollback(ScopeRef scope) => $"{Scope(scope)}/rollback";

    public static string Status(ScopeRef scope) => $"{Scope(scope)}/status";

    public static string Logs(ScopeRef scope, int tail, bool follow) =>
        $"{Scope(scope)}/logs?tail={tail}&follow={(follow ? "true" : "false")}";

    public static string Jobs(ScopeRef scope) => $"{Scope(scope)}/jobs";

    public static string Job(ScopeRef scope, string run) => $"{Jobs(scope)}/{Uri.EscapeDataString(run)}";

    public static string CancelJob(ScopeRef scope, string run) => $"{Job(scope, run)}/cancel";

    public static string JobLogs(ScopeRef scope, string run, int tail, bool follow) =>
        $"{Job(scope, run)}/logs?tail={tail}&follow={(follow ? "true" : "false")}";

    public static string Schedules(ScopeRef scope) => $"{Scope(scope)}/schedules";

    public static string Schedule(ScopeRef scope, string name) => $"{Schedules(scope)}/{Uri.EscapeDataString(name)}";

    public static string PauseSchedule(ScopeRef scope, string name) => $"{Schedule(scope, name)}/pause";

    public static string ResumeSchedule(ScopeRef scope, string name) => $"{Schedule(scope, name)}/resume";

    public static string RunSchedule(ScopeRef scope, string name) => $"{Schedule(scope, name)}/run";

    public static string Deployment(DeploymentId deployment) => $"api/v1/deployments/{deployment}";

    public static string Judgement(DeploymentId deployment) => $"{Deployment(deployment)}/judgement";

    public static string Take(DeploymentId deployment, string kind) => $"{Deployment(deployment)}/recommendations/{kind}/take";

    public static string Replay(DeploymentId deployment) => $"{Judgement(deployment)}/replay";

    public static string Approve(DeploymentId deployment) => $"{Deployment(deployment)}/approve";

    public static string Reject(DeploymentId deployment) => $"{Deployment(deployment)}/reject";

    public static string Freeze(string name) => $"{Freezes}/{Uri.EscapeDataString(name)}";

    public static string RemoveFreeze(string name) => $"{Freeze(name)}/remove";

    public static string Overrides(string freeze) => $"{Freeze(freeze)}/overrides";

    public static string ConfirmOverride(string freeze, string id) => $"{Overrides(freeze)}/{Uri.EscapeDataString(id)}/confirm";

    public static string Vetoes(ApplicationName application) => $"{Application(application)}/vetoes";

    public static string Veto(ApplicationName application, VersionName version) => $"{Vetoes(application)}/{Uri.EscapeDataString(version.Value)}";

    public static string LiftVeto(ApplicationName application, VersionName version) => $"{Veto(application, version)}/lift";

    public static string Pin(ScopeRef scope) => $"{Scope(scope)}/pin";

    public static string LiftPin(ScopeRef scope) => $"{Pin(scope)}/lift";

    public static string Webhook(string name) => $"{Webhooks}/{Uri.EscapeDataString(name)}";

    public static string DeadDeliveries(string webhook) => $"{Webhook(webhook)}/deliveries?state=dead";

    public static string Replay(string webhook) => $"{Webhook(webhook)}/replay";

    public static string Replay(string webhook, string delivery) => $"{Webhook(webhook)}/deliveries/{Uri.EscapeDataString(delivery)}/replay";

    public static string TestWebhook(string webhook) => $"{Webhook(webhook)}/test";

    public static string Campaign(string id) => $"{Campaigns}/{Uri.EscapeDataString(id)}";

    public static string AskCampaign(string id, string command) => $"{Campaign(id)}/{command}";

    public static string Upgrade(string id) => $"{Upgrades}/{Uri.EscapeDataString(id)}";

    public static string AskUpgrade(string id, string command) => $"{Upgrade(id)}/{command}";

    public static string AskUpgrade(string id, string cluster, string command) => $"{Upgrade(id)}/clusters/{Uri.EscapeDataString(cluster)}/{command}";

    public static string Ask(DeploymentId deployment, string command) => $"{Deployment(deployment)}/{command}";

    public static string Events(DeploymentId deployment) => $"{Deployment(deployment)}/events";

    /// <summary>The path with these parts of a query, behind those that it has.</summary>
    public static string With(string path, IReadOnlyCollection<string> query) =>
        query.Count == 0 ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', query)}";
}
