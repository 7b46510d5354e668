using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Project;

/// <summary>All that <c>fury.yaml</c> may say. Names, words and bounds are those of the API, which has the last word.</summary>
internal static class ManifestShape
{
    private const int YearSeconds = 365 * 24 * 60 * 60;
    private const int DayMs = 24 * 60 * 60 * 1000;

    private static readonly Text ApplicationName = new(Kernel.ApplicationName.Expected, "[a-z][a-z0-9-]*[a-z0-9]", 40);
    private static readonly Text ScopeName = new(Kernel.ScopeName.Expected, "[a-z][a-z0-9]*(-[a-z0-9]+)+", 40);

    private static readonly Text ServiceName = new(
        Kernel.ServiceName.Expected, "[a-z0-9]([a-z0-9-]*[a-z0-9])?(/[a-z0-9]([a-z0-9-]*[a-z0-9])?)?", 100);

    private static readonly Text ScopeRef = new(
        "application/scope, e.g. shop/production-web", "[a-z][a-z0-9-]*[a-z0-9]/[a-z][a-z0-9]*(-[a-z0-9]+)+", 81);

    private static readonly Text VersionName = new(
        Kernel.VersionName.Expected,
        "(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)(-((0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
            + "([.](0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?([+][0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?",
        60);

    private static readonly Text Location = new("provider/region/group, e.g. local/this-machine/instances", "[^/\\s]+/[^/\\s]+/[^/\\s]+", 200);
    private static readonly Text Cron = new("five fields of cron, quoted where it begins with *, e.g. \"0 8 * * 1-5\"", "(@[a-z]+|\\S+( +\\S+){4})", 100);
    private static readonly Text Zone = new("the IANA name of a time zone, e.g. America/Sao_Paulo", "[A-Za-z0-9_+/-]+", 60);
    private static readonly Text Pattern = new("the name of a scope, in which * stands for any letters", "[a-z0-9*-]+", 60);
    private static readonly Text Team = Line(60);
    private static readonly Text Variable = new("the name of a variable", "[A-Za-z_][A-Za-z0-9_.-]*", 200);
    private static readonly Shape Criticality = Choice.Of<Criticality>();

    public static Fields Application { get; } = new(
        ("team", Team with { Description = "The owning team." }),
        ("criticality", Criticality with { Description = "How much an outage hurts." }));

    public static Fields Scaling { get; } = new(
        ("schedules", new Many(new Fields(("cron", Cron), ("timeZone", Zone), ("minReplicas", new Whole(0, 1000))) { Required = ["cron", "minReplicas"] })),
        ("inFlightPerReplica", new Whole(1, 10_000) { IsNullable = true }),
        ("sleepAfterSeconds", new Whole(10, 86_400) { IsNullable = true }),
        ("autoscale", new Fields(
            ("targets", new Many(new Fields(("metric", Line(100)), ("perReplica", new Number(0, 1e9))) { Required = ["metric", "perReplica"] })),
            ("steps", new Many(new Fields(("metric", Line(100)), ("from", new Number(-1e12, 1e12)), ("replicas", new Whole(1, 1000)))
            {
                Required = ["metric", "from", "replicas"],
            })),
            ("warmUpSeconds", new Whole(0, 3600)),
            ("coolDownSeconds", new Whole(0, 86_400)))
        { IsNullable = true }),
        ("spot", new Fields(("percent", new Whole(0, 100)), ("onDemandBase", new Whole(0, 1000))) { IsNullable = true }))
    {
        IsNullable = true,
        Description = "How its size follows the clock and its requests; null: it does not.",
    };

    public static Fields Scope { get; } = new(
        ("compute", Choice.Of<ComputeKind>()),
        ("criticality", Criticality),
        ("workload", Choice.Of<WorkloadType>()),
        ("size", Size()),
        ("minReplicas", new Whole(1, 1000)),
        ("maxReplicas", new Whole(1, 1000)),
        ("environment", new Named(Variable, new Free(32_768), "LOG_LEVEL: debug") { Description = "All of its variables; no secrets." }),
        ("healthPath", new Text("a path such as /health", "/[!-\"$-~]*", 200)),
        ("scaling", Scaling));

    public static Fields Routing { get; } = new(
        ("requestTimeoutMs", new Whole(1, DayMs) { IsNullable = true }),
        ("http2", new Flag()),
        ("preview", new Flag()),
        ("retries", new Fields(
            ("attempts", new Whole(0, 5)),
            ("budgetPercent", new Whole(1, 100)),
            ("perTryTimeoutMs", new Whole(1, DayMs) { IsNullable = true }))
        { IsNullable = true }),
        ("affinity", new Fields(
            ("header", Token() with { IsNullable = true }),
            ("cookie", Token() with { IsNullable = true }),
            ("cookieTtlSeconds", new Whole(1, YearSeconds)))
        { IsNullable = true }),
        ("mirror", new Fields(("pool", new Text("the id of a pool", "[0-9a-fA-F-]{36}", 36)), ("percent", new Whole(1, 100)))
        {
            IsNullable = true,
            Required = ["pool", "percent"],
        }),
        ("outliers", new Fields(
            ("consecutive5xx", new Whole(1, 1000)),
            ("ejectionSeconds", new Whole(1, 3600)),
            ("maxEjectionPercent", new Whole(1, 100)))
        { IsNullable = true }),
        ("circuitBreakers", new Fields(
            ("maxConnections", new Whole(1, 1_000_000)),
            ("maxPendingRequests", new Whole(1, 1_000_000)),
            ("maxRequests", new Whole(1, 1_000_000)),
            ("maxRetries", new Whole(0, 1_000_000)))
        { IsNullable = true }))
    {
        Description = "How proxies treat its traffic; null takes a part away.",
    };

    public static Fields Binding { get; } = new(
        ("driver", Word()),
        ("transport", new Choice("direct", "local", ServiceRoute.Gateway)),
        ("endpoint", new Text("an address without user and password, such as redis://10.0.0.7:6379", "[A-Za-z][A-Za-z0-9+.-]*:[^@\\s]+", 500)
        {
            IsNullable = true,
        }),
        ("region", Word()),
        ("resource", Line(250)),
        ("credential", new Text("a name, or env: and names of variables; never the credential itself", "(env:)?[A-Za-z0-9_][A-Za-z0-9_.,-]*", 500)
        {
            IsNullable = true,
        }),
        ("dialect", new Named(Word(), Word(), "s3.if-match: unquoted")))
    {
        Required = ["driver"],
    };

    public static Fields Schedule { get; } = new(
        ("cron", Cron),
        ("timeZone", Zone),
        ("concurrency", new Choice("forbid", "allow", "replace")),
        ("paused", new Flag()),
        ("succeededKept", new Whole(0, 100)),
        ("failedKept", new Whole(0, 100)),
        ("job", new Fields(
            ("version", VersionName),
            ("command", Line(4000) with { IsNullable = true }),
            ("arguments", new Many(Line(4000))),
            ("size", Size() with { IsNullable = true, Required = ["cpuMillis", "memoryMiB"] }),
            ("retries", new Whole(0, 100)),
            ("deadlineSeconds", new Whole(1, 7 * 86_400)),
            ("startWithinSeconds", new Whole(10, 86_400)),
            ("location", new Text("provider/region", "[^/\\s]+/[^/\\s]+", 200) { IsNullable = true }),
            ("retryWhenLost", new Flag()))
        { Required = ["version"] }))
    {
        Required = ["cron", "job"],
    };

    public static Fields Freeze { get; } = new(
        ("kind", new Choice("deny", "allow")),
        ("covers", new Fields(
            ("teams", new Many(Team, true)),
            ("applications", new Many(ApplicationName, true)),
            ("scopes", new Many(Pattern, true)),
            ("criticalities", new Many(Criticality, true)),
            ("providers", new Many(Word(), true)),
            ("regions", new Many(Word(), true)))),
        ("from", new Moment { IsNullable = true }),
        ("to", new Moment { IsNullable = true }),
        ("recurs", new Fields(("cron", Cron), ("timeZone", Zone), ("minutes", new Whole(1, 44_640)))
        {
            IsNullable = true,
            Required = ["cron", "minutes"],
        }),
        ("inFlight", new Choice("finish-step", "hold", "rollback")),
        ("reason", Line(500)))
    {
        Required = ["reason"],
    };

    public static Fields Webhook { get; } = new(
        ("url", new Text("an http or https address without user and password", "https?://[^@\\s#]+", 500)),
        ("secretFile", Line(1000) with
        {
            IsWriteOnly = true,
            Description = "Its first line signs what is sent; read when the webhook is created or changed, and never compared.",
        }),
        ("teams", new Many(Team, true)),
        ("applications", new Many(ApplicationName, true)),
        ("scopes", new Many(Pattern, true)),
        ("phases", new Many(Choice.Of<DeploymentPhase>(), true)),
        ("enabled", new Flag()))
    {
        Required = ["url"],
    };

    /// <summary>What <c>fury deploy</c> says where its own options do not.</summary>
    public static Fields Deploy { get; } = new(
        ("strategy", new Choice("all-in", "blue-green", "canary", "safe", "migration")),
        ("whenBusy", Choice.Of<WhenBusy>()),
        ("policy", PolicyShape.Policy),
        ("steps", new Many(new Fields(
            ("weight", new Number(0, 100)),
            ("gate", Choice.Of<Gate>()),
            ("seconds", PolicyShape.Seconds),
            ("deadlineSeconds", PolicyShape.Seconds),
            ("onFail", Choice.Of<OnFail>()),
            ("capacity", new Number(0, 100)),
            ("locations", new Many(Location, true)))
        { Required = ["weight"] })),
        ("locations", new Many(new Fields(("location", Location), ("share", new Number(0, 100))) { Required = ["location"] })),
        ("from", Location),
        ("to", Location),
        ("replicaRatio", new Number(0.1, 10)))
    {
        Description = "How fury deploy and fury plan go about it, where their options do not say otherwise. The host is told with each deployment.",
    };

    public static Fields Root { get; } = new(
        ("application", ApplicationName with { Description = "Which one commands are about, where they name none." }),
        ("scope", ScopeName with { Description = "As application." }),
        ("version", VersionName with { Description = "As application." }),
        ("applications", new Named(ApplicationName, Join(
            Application,
            ["team"],
            ("services", ByKind(new Many(ServiceName, true))),
            ("scopes", new Named(ScopeName, Join(
                Scope,
                [],
                ("routing", Routing),
                ("dependencies", new Many(ScopeRef, true) { Description = "Scopes that it calls." }),
                ("bindings", ByKind(new Named(ServiceName, Binding, "carts: {driver: redis}"))),
                ("schedules", new Named(ApplicationName, Schedule, "nightly: {cron: 30 2 * * *, job: {version: 1.0.0}}")),
                ("deploy", Deploy)),
                "production-web: {}"))),
            "shop: {team: checkout}")),
        ("freezes", new Named(ApplicationName, Freeze, "weekend: {reason: nobody is there}")),
        ("webhooks", new Named(ApplicationName, Webhook, "chat: {url: https://chat.example.com/hooks/7}")))
    {
        Description = "What there is to be: fury diff says what is missing, fury apply makes it so.",
    };

    private static Fields Join(Fields fields, string[] required, params (string, Shape)[] more) => new([.. fields.All, .. more]) { Required = required };

    private static Fields ByKind(Shape shape) => new([.. Kernel.Word.All<ServiceKind>().Select(kind => (kind, shape))]);

    private static Fields Size() => new(("cpuMillis", new Whole(50, 64_000)), ("memoryMiB", new Whole(32, 524_288)));

    /// <summary>One line of text.</summary>
    internal static Text Line(int lengthMax) => new($"text of one line, 1 to {lengthMax} characters", "[^\\x00-\\x1f\\x7f]+", lengthMax);

    internal static Text Word() => new("one word of letters, digits, dots and hyphens", "[A-Za-z0-9][A-Za-z0-9._-]*", 100);

    private static Text Token() => new("1 to 100 letters, digits or hyphens", "[A-Za-z0-9_-]+", 100);
}
