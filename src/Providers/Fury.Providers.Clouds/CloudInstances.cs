using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>
/// The instances of one cloud, over its wire. An id is the region and the cloud's own, e.g. <c>us-east-1/i-0abc</c>, so that whoever has one needs nothing
/// else to find the instance. Remembers nothing that it could not ask for again.
/// </summary>
internal sealed class CloudInstances(ICloud cloud, IAgents agents, TimeProvider clock) : IInstanceProvider
{
    private const int CountMax = 100;

    /// <summary>Types, their zones and prices, are asked for again after so long.</summary>
    private static readonly TimeSpan TypesKept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, IReadOnlyList<InstanceType> Types)> _types = new();
    private readonly Coalesced _terminating = new(cloud.Terminate, cloud.IdsMax, clock);

    public string Name => cloud.Name;

    public IReadOnlyList<string> Regions => cloud.Regions;

    public bool IsShared => true;

    public TimeSpan Settling => cloud.Settling;

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Create(InstanceRequest request, CancellationToken cancellation)
    {
        if (Check(request) is { } bad)
        {
            return bad;
        }

        var type = (await Types(request.Region, cancellation)).Then(types => TypeChoice.Of(request, types));
        if (!type.IsOk)
        {
            return type.Fault;
        }

        var exact = request with { Type = type.Value.Name };
        var userData = agents.UserData(exact, type.Value);
        return userData.IsOk ? Named(request.Region, await cloud.Run(exact, type.Value, userData.Value, cancellation)) : userData.Fault;
    }

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(IReadOnlyCollection<string> ids, CancellationToken cancellation) => await All(
        from id in ids.Distinct().Select(CloudId.Parse)
        where id is not null && Regions.Contains(id.Region)
        group id.Own by id.Region into region
        from batch in region.Chunk(cloud.IdsMax)
        select (region.Key, cloud.Describe(region.Key, batch, cancellation)));

    public Task<Outcome> Terminate(string id, TimeSpan grace, CancellationToken cancellation) =>
        CloudId.Parse(id) is { } parsed && Regions.Contains(parsed.Region)
            ? _terminating.Ask(parsed.Region, parsed.Own, cancellation)
            : Task.FromResult(Outcome.Ok);

    /// <summary>No cloud tells, and no agent is asked: agents tell it by themselves, in their reports.</summary>
    public Task<Outcome<IReadOnlyList<InstanceUsage>>> Usage(IReadOnlyCollection<string> ids, CancellationToken cancellation) =>
        Task.FromResult<Outcome<IReadOnlyList<InstanceUsage>>>(new List<InstanceUsage>());

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> ListByTag(string tag, string value, CancellationToken cancellation) =>
        await All(Regions.Select(region => (region, cloud.List(region, tag, value, cancellation))));

    public async Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation)
    {
        if (!Regions.Contains(region))
        {
            return Fault.Invalid("region", region, $"one of {string.Join(", ", Regions)}");
        }

        if (_types.TryGetValue(region, out var known) && clock.GetUtcNow() - known.At < TypesKept)
        {
            return Found(known.Types);
        }

        var asked = await cloud.Types(region, cancellation);
        if (!asked.IsOk)
        {
            return asked.Fault;
        }

        var sorted = TypeChoice.Sorted(asked.Value);
        _types[region] = (clock.GetUtcNow(), sorted);
        return Found(sorted);
    }

    public async IAsyncEnumerable<InstanceLogLine> Logs(
        string id, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (await Describe([id], cancellation) is { IsOk: true, Value: [{ Address: not null } seen] })
        {
            await foreach (var line in agents.Logs(seen, tail, follow, cancellation))
            {
                yield return line;
            }
        }
    }

    /// <summary>Clouds push nothing to where nobody listens; agents do.</summary>
    public async IAsyncEnumerable<string> Changes([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellation);
        yield break;
    }

    private static Outcome<T> Found<T>(T value) => value;

    private Outcome<IReadOnlyList<ProviderInstance>> Named(string region, Outcome<IReadOnlyList<ProviderInstance>> seen) =>
        seen.Then<IReadOnlyList<ProviderInstance>>(
            all => all.Select(one => one with { Id = new CloudId(region, one.Id).ToString(), Port = agents.Port }).ToList());

    private async Task<Outcome<IReadOnlyList<ProviderInstance>>> All(
        IEnumerable<(string Region, Task<Outcome<IReadOnlyList<ProviderInstance>>> Asked)> asked)
    {
        var answers = await Task.WhenAll(asked.Select(async one => Named(one.Region, await one.Asked)));
        return answers.FirstOrDefault(answer => !answer.IsOk).Fault is { } fault ? fault : answers.SelectMany(answer => answer.Value).ToList();
    }

    private Fault? Check(InstanceRequest request)
    {
        var check = new Validation();
        check.Require(
            request.ClientToken.Length is >= 1 and <= 64 && request.ClientToken.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'),
            request.ClientToken,
            "1 to 64 letters, digits and hyphens");
        check.Require(request.Count is >= 1 and <= CountMax, request.Count, $"1 to {CountMax}");
        check.Require(Regions.Contains(request.Region), request.Region, $"one of {string.Join(", ", Regions)}");
        check.Require(
            Uri.TryCreate(request.ArtifactUri, UriKind.Absolute, out var uri) && (uri.Scheme is "https" or "http" or "oci" || IsKept(request, uri)),
            request.ArtifactUri,
            "an https, http or oci address, or an artifact that the platform keeps");
        return check.Fault;
    }

    /// <summary>Its agent fetches it from the platform by its digest.</summary>
    private static bool IsKept(InstanceRequest request, Uri uri) => uri.IsFile && request.ArtifactDigest.Length > 0;
}
