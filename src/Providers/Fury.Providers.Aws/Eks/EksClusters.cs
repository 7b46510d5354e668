using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Kernel;
using Fury.Providers.Aws.Wire;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Eks;

/// <summary>
/// Clusters of EKS: their life by its REST API, and a token for their own API that is an address of the token service, signed: the cluster opens it and so
/// hears who made it (the protocol of <c>aws-iam-authenticator</c>).
/// </summary>
internal sealed class EksClusters(AwsHttp http, CloudCalls calls, AwsOptions options, TimeProvider clock) : IClusterProvider
{
    private const string TokenPrefix = "k8s-aws-v1.";

    /// <summary>A cluster takes a token for 15 minutes, whatever the address says; a minute less, for clocks that differ.</summary>
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(14);

    /// <summary>How long after its making a cluster may open the address first.</summary>
    private static readonly TimeSpan AddressLife = TimeSpan.FromMinutes(1);

    private static readonly KeyValuePair<string, string>[] WhoAmI = [new("Action", "GetCallerIdentity"), new("Version", "2011-06-15")];

    public string Name => "aws";

    public IReadOnlyList<string> Regions { get; } = [.. options.Regions];

    public async Task<Outcome<ProviderCluster>> Describe(string region, string name, CancellationToken cancellation) =>
        Bad(region, name) is { } bad ? bad : (await Call(region, "GET", Path(name), null, cancellation)).Then(body => EksReader.Cluster(body, region));

    public async Task<Outcome<string>> Upgrade(string region, string name, string version, CancellationToken cancellation)
    {
        var seen = await Describe(region, name, cancellation);
        if (!seen.IsOk)
        {
            return seen.Fault;
        }

        if (seen.Value.Version == version)
        {
            return Fault.Conflict($"The cluster '{name}' has version {version} already.");
        }

        if (seen.Value.State == ProviderClusterState.Updating)
        {
            return await UnderWay(region, name, version, cancellation);
        }

        // Only for the attempts of this call: an upgrade that failed must not be the answer to the next wish for it.
        var token = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        var wish = new JsonObject { ["version"] = version, ["clientRequestToken"] = token }.ToJsonString();
        return (await Call(region, "POST", $"{Path(name)}/updates", wish, cancellation))
            .Then(EksReader.UpdateId).Then<string>(id => $"{region}/{name}/{id}");
    }

    public async Task<Outcome<ClusterUpgrade>> Upgrading(string id, CancellationToken cancellation) => id.Split('/') is [var region, var name, var update]
        ? Bad(region, name) is { } bad
            ? bad
            : (await Call(region, "GET", $"{Path(name)}/updates/{Uri.EscapeDataString(update)}", null, cancellation)).Then(body => EksReader.Upgrade(body, id))
        : Fault.Invalid("id", id, "one that an upgrade gave: region/cluster/update");

    public async Task<Outcome<ClusterToken>> Token(string region, string name, CancellationToken cancellation)
    {
        if (Bad(region, name) is { } bad)
        {
            return bad;
        }

        var request = new AwsRequest("sts", region, "GET", "/", WhoAmI, null, "");
        var at = clock.GetUtcNow();
        var address = await http.Presigned(request, new Dictionary<string, string> { ["x-k8s-aws-id"] = name }, AddressLife, cancellation);
        return address.Then<ClusterToken>(made => new ClusterToken(TokenPrefix + Base64Url(made.AbsoluteUri), at + TokenLife));
    }

    /// <summary>The upgrade to the version that the cluster is busy with.</summary>
    private async Task<Outcome<string>> UnderWay(string region, string name, string version, CancellationToken cancellation)
    {
        var listed = (await Call(region, "GET", $"{Path(name)}/updates", null, cancellation)).Then(EksReader.UpdateIds);
        if (!listed.IsOk)
        {
            return listed.Fault;
        }

        foreach (var id in listed.Value)
        {
            var update = await Call(region, "GET", $"{Path(name)}/updates/{Uri.EscapeDataString(id)}", null, cancellation);
            if (!update.IsOk)
            {
                return update.Fault;
            }

            if (EksReader.IsUnderWay(update.Value, version))
            {
                return $"{region}/{name}/{id}";
            }
        }

        return Fault.Conflict($"The cluster '{name}' is busy with another update.");
    }

    private Task<Outcome<JsonElement>> Call(string region, string method, string path, string? body, CancellationToken cancellation)
    {
        var request = AwsRequest.Json("eks", region, method, path, body);
        return calls.Make($"aws/{region}/clusters", attempt => Once(request, attempt), cancellation);
    }

    private async Task<Outcome<JsonElement>> Once(AwsRequest request, CancellationToken cancellation) =>
        (await http.Send(request, cancellation)).Then<JsonElement>(answer => !answer.IsOk ? AwsErrors.Of(answer, "EKS", request.Region)
            : EksReader.Parse(answer.Body) is { } body ? body
            : Fault.Unavailable($"AWS EKS in '{request.Region}' answered with what is no JSON."));

    private Fault? Bad(string region, string name)
    {
        var check = new Validation();
        check.Require(Regions.Contains(region), region, $"one of {string.Join(", ", Regions)}");
        check.Require(
            name.Length is >= 1 and <= 100 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'),
            name,
            "1 to 100 letters, digits, hyphens or underscores");
        return check.Fault;
    }

    private static string Path(string name) => $"/clusters/{name}";

    private static string Base64Url(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
