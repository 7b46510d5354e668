using System.Globalization;
using System.Text.RegularExpressions;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Ec2;

/// <summary>The wire of EC2.</summary>
internal sealed partial class AwsCloud(Ec2Wire wire, AwsOptions options, TimeProvider clock) : ICloud
{
    /// <summary>Sent for a token whose instances have all been ended.</summary>
    private const string TokenIsOver = "IdempotentInstanceTerminated";

    private const string PageMax = "1000";

    /// <summary>DescribeInstanceTypes gives smaller pages than the other lists.</summary>
    private const string TypesPageMax = "100";

    public string Name => "aws";

    public IReadOnlyList<string> Regions { get; } = [.. options.Regions];

    /// <summary>EC2 is eventually consistent and says no time for it; its own programs wait for about a minute at most.</summary>
    public TimeSpan Settling => TimeSpan.FromMinutes(2);

    /// <summary>The most values that a filter takes.</summary>
    public int IdsMax => 200;

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Run(
        InstanceRequest request, InstanceType type, string userData, CancellationToken cancellation)
    {
        var fields = RunRequest.Of(request, type, userData, options);
        if (!fields.IsOk)
        {
            return fields.Fault;
        }

        var answer = await wire.Run(request.Region, request.Count, fields.Value, cancellation);
        if (answer.Fault?.Facts.GetValueOrDefault("code") == TokenIsOver)
        {
            var known = await Describe(request.Region, "client-token", [request.ClientToken], cancellation);
            return known is { IsOk: true, Value.Count: 0 }
                ? Fault.Conflict($"The instances of the client token '{request.ClientToken}' were ended, and EC2 has forgotten them.")
                : known;
        }

        return answer.Then<IReadOnlyList<ProviderInstance>>(seen => InstanceReader.Read(seen).ToList() is { Count: > 0 } made
            ? made
            : Fault.Unavailable($"AWS EC2 in '{request.Region}' answered a creation without an instance."));
    }

    /// <summary>By a filter, since a list of ids of which one is missing is an error.</summary>
    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(string region, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        ids.Where(id => Id().IsMatch(id)).ToList() is { Count: > 0 } known
            ? await Describe(region, "instance-id", known, cancellation)
            : new List<ProviderInstance>();

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> List(string region, string tag, string value, CancellationToken cancellation) =>
        Describe(region, $"tag:{tag}", [Literal(value)], cancellation);

    public async Task<Outcome> Terminate(string region, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var known = ids.Where(id => Id().IsMatch(id)).ToList();
        var missing = await Missing(region, known, cancellation);
        return missing switch
        {
            { IsOk: false } => missing.Fault,
            { Value: 0 } => Outcome.Ok,
            _ => new Fault(FaultKind.NotFound, $"AWS EC2 in '{region}' knows {missing.Value} of {known.Count} instances to be ended not, or not yet."),
        };
    }

    public async Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation)
    {
        var patterns = options.InstanceTypes.Count > 0 ? options.InstanceTypes : [.. AwsTypes.PatternsDefault];
        var named = Fields.None.WithFilter(1, "instance-type", patterns);
        var described = wire.List(region, "DescribeInstanceTypes", "instanceTypeSet", named.With("MaxResults", TypesPageMax), cancellation);
        var offered = wire.List(
            region,
            "DescribeInstanceTypeOfferings",
            "instanceTypeOfferingSet",
            named.With("LocationType", "availability-zone").With("MaxResults", PageMax),
            cancellation);
        var spot = wire.List(
            region,
            "DescribeSpotPriceHistory",
            "spotPriceHistorySet",
            named.With("StartTime", Now()).WithList("ProductDescription", ["Linux/UNIX"]).With("MaxResults", PageMax),
            cancellation);
        var all = await Task.WhenAll(described, offered, spot);
        var isUsed = options.SubnetIds.Keys.Where(zone => AwsRules.RegionOf(zone, options) == region).ToHashSet() is { Count: > 0 } zones
            ? zones.Contains
            : (Func<string, bool>)(_ => true);
        return all.FirstOrDefault(answer => !answer.IsOk).Fault is { } fault
            ? fault
            : AwsTypes.Read(all[0].Value, all[1].Value, all[2].Value, isUsed, options.Prices).ToList();
    }

    private async Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(
        string region, string filter, IReadOnlyList<string> values, CancellationToken cancellation)
    {
        var fields = Fields.None.WithFilter(1, filter, values).With("MaxResults", PageMax);
        var reservations = await wire.List(region, "DescribeInstances", "reservationSet", fields, cancellation);
        return reservations.Then<IReadOnlyList<ProviderInstance>>(all => all
            .SelectMany(reservation => InstanceReader.Read(reservation))
            .DistinctBy(instance => instance.Id)
            .ToList());
    }

    /// <summary>
    /// Ends those that EC2 knows and says how many it does not. One that it does not know fails the whole request and is named in the refusal: the others are
    /// asked for again without it, and by halves where the refusal names none of them.
    /// </summary>
    private async Task<Outcome<int>> Missing(string region, List<string> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0)
        {
            return 0;
        }

        var answer = await wire.Call(region, "terminate", "TerminateInstances", Fields.None.WithList("InstanceId", ids), cancellation);
        if (answer.IsOk || answer.Fault.Kind != FaultKind.NotFound)
        {
            return answer.Then<int>(_ => 0);
        }

        var named = Mentioned().Matches(answer.Fault.Message).Select(match => match.Value).ToHashSet();
        var others = ids.Where(id => !named.Contains(id)).ToList();
        if (others.Count < ids.Count)
        {
            return (await Missing(region, others, cancellation)).Then<int>(more => more + ids.Count - others.Count);
        }

        if (ids.Count == 1)
        {
            return 1;
        }

        var first = await Missing(region, [.. ids.Take(ids.Count / 2)], cancellation);
        var second = await Missing(region, [.. ids.Skip(ids.Count / 2)], cancellation);
        return first.Then(one => second.Then<int>(other => one + other));
    }

    private string Now() => clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>In a filter <c>*</c> and <c>?</c> stand for others.</summary>
    private static string Literal(string value) => Wild().Replace(value, @"\$0");

    [GeneratedRegex(@"^i-[0-9a-f]{8,17}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Id();

    [GeneratedRegex(@"\bi-[0-9a-f]{8,17}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Mentioned();

    [GeneratedRegex(@"[*?\\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Wild();
}
