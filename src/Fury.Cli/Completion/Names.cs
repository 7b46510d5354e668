using System.CommandLine.Completions;
using Fury.Catalog.Contracts;
using Fury.Cli.Clusters;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Sagas;
using Fury.Cli.Upgrades;
using Fury.Kernel;

namespace Fury.Cli.Completion;

/// <summary>Names that only the host knows, for the shell's Tab key. A host that is slow or away means none, never an error.</summary>
internal static class Names
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    public static IEnumerable<CompletionItem> Applications(CompletionContext context, Globals globals) =>
        Ask<Application>(context, globals, _ => Routes.Applications, one => one.Name.Value);

    public static IEnumerable<CompletionItem> Scopes(CompletionContext context, Globals globals) =>
        Ask<Scope>(context, globals, call => Routes.Scopes(call.Application()), one => one.Ref.Scope.Value);

    public static IEnumerable<CompletionItem> Versions(CompletionContext context, Globals globals) =>
        Ask<ApplicationVersion>(context, globals, call => Routes.Versions(call.Application()), one => one.Version.Value);

    public static IEnumerable<CompletionItem> Secrets(CompletionContext context, Globals globals) =>
        Ask<ScopeSecret>(context, globals, call => Routes.Secrets(call.Scope()), one => one.Name.Value);

    public static IEnumerable<CompletionItem> Sagas(CompletionContext context, Globals globals) =>
        Ask<SagaRow>(context, globals, _ => Routes.Sagas, one => one.Id);

    public static IEnumerable<CompletionItem> SagaNames(CompletionContext context, Globals globals) =>
        Ask<SagaRow>(context, globals, _ => Routes.Sagas, one => one.Name);

    public static IEnumerable<CompletionItem> Clusters(CompletionContext context, Globals globals) =>
        Ask<ClusterRecord>(context, globals, _ => Routes.Clusters, one => one.Name);

    public static IEnumerable<CompletionItem> Upgrades(CompletionContext context, Globals globals) =>
        Ask<UpgradeRecord>(context, globals, _ => Routes.Upgrades, one => one.Id!);

    private static IEnumerable<CompletionItem> Ask<T>(
        CompletionContext context, Globals globals, Func<Invocation, string> path, Func<T, string> name)
    {
        try
        {
            using var call = new Invocation(context.ParseResult, globals);
            using var api = new FuryApi(call.Host, Environment.GetEnvironmentVariable("FURY_TOKEN"), AnswerTimeout);
            var answer = api.Get($"{path(call)}?limit={PageQuery.LimitMax}", CancellationToken.None).GetAwaiter().GetResult();
            return [.. answer.Read<Page<T>>().Items.Select(name).Distinct().Select(one => new CompletionItem(one))];
        }
        catch (Exception silent) when (silent is CommandFailure or System.Text.Json.JsonException)
        {
            return [];
        }
    }
}
