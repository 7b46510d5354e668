using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster.Tests;

/// <summary>An answer of the API.</summary>
internal sealed record Answer(HttpStatusCode Code, JsonNode Body, HttpResponseHeaders Headers)
{
    public JsonObject Object => Body.AsObject();

    public string? Reason => Body.Text("reason");

    public string? Message => Body.Text("message");

    public string Version => Body.Text("metadata", "resourceVersion")!;

    public IReadOnlyList<string> Names => [.. (Body.Array("items") ?? []).Select(item => item.Text("metadata", "name")!)];
}

/// <summary>The plainest client: what is sent is what the test says.</summary>
internal sealed class Client(Cluster cluster) : IDisposable
{
    public const string Pods = "api/v1/namespaces/default/pods";
    public const string Maps = "api/v1/namespaces/default/configmaps";
    public const string Sets = "apis/apps/v1/namespaces/default/replicasets";

    private readonly HttpClient _http = new(new SocketsHttpHandler { SslOptions = Trusting(cluster.Kubeconfig) })
    {
        BaseAddress = cluster.Address,
        Timeout = TimeSpan.FromSeconds(30),
    };

    public HttpClient Http => _http;

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<Answer> Post(string path, string body) => Send(HttpMethod.Post, path, body);

    public Task<Answer> Put(string path, JsonNode body) => Send(HttpMethod.Put, path, body.ToJsonString());

    public Task<Answer> Delete(string path, string? body = null) => Send(HttpMethod.Delete, path, body);

    public Task<Answer> Patch(string path, string body, string type = Patches.MergeType) => Send(HttpMethod.Patch, path, body, type);

    public Task<Answer> Apply(string path, string body, string manager, bool force = false) =>
        Patch($"{path}{(path.Contains('?') ? '&' : '?')}fieldManager={manager}&force={(force ? "true" : "false")}", body, Patches.ApplyType);

    public async Task<Answer> Send(HttpMethod method, string path, string? body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new(type);

            // Who sends on what is refused already may see the connection break, and never the answer.
            request.Headers.ExpectContinue = body.Length > Bodies.BytesMax;
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var node = text.StartsWith('{') ? JsonNode.Parse(text)! : JsonValue.Create(text);
        return new(response.StatusCode, node, response.Headers);
    }

    /// <summary>A watch that is open when this returns.</summary>
    public async Task<Watcher> Watch(string path)
    {
        var response = await _http.GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}watch=true", HttpCompletionOption.ResponseHeadersRead);
        return response.IsSuccessStatusCode
            ? new Watcher(response)
            : throw new InvalidOperationException($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Trusts whom the kubeconfig trusts, and nobody else.</summary>
    private static SslClientAuthenticationOptions Trusting(string kubeconfig)
    {
        const string Field = "certificate-authority-data: ";
        var options = new SslClientAuthenticationOptions();
        if (kubeconfig.Split('\n').FirstOrDefault(line => line.Contains(Field, StringComparison.Ordinal)) is { } line)
        {
            var pem = Encoding.ASCII.GetString(Convert.FromBase64String(line[(line.IndexOf(Field, StringComparison.Ordinal) + Field.Length)..].Trim()));
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(pem));
        }

        return options;
    }

    public static string Map(string name, string value = "v", string labels = "{}") =>
        """{"metadata":{"name":"NAME","labels":LABELS},"data":{"key":"VALUE"}}"""
            .Replace("NAME", name, StringComparison.Ordinal).Replace("LABELS", labels, StringComparison.Ordinal)
            .Replace("VALUE", value, StringComparison.Ordinal);

    public static string Pod(string name, string cpu = "100m") =>
        """
        {"metadata":{"name":"NAME","labels":{"app":"NAME"}},"spec":{"containers":[
          {"name":"app","image":"app:1","resources":{"requests":{"cpu":"CPU"}}}]}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("CPU", cpu, StringComparison.Ordinal);

    public static string Set(string name, int replicas, string cpu = "100m") =>
        """
        {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"NAME"},"spec":{"replicas":REPLICAS,
         "selector":{"matchLabels":{"app":"NAME"}},"template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[
          {"name":"app","image":"app:1","resources":{"requests":{"cpu":"CPU","memory":"64Mi"}}}]}}}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("CPU", cpu, StringComparison.Ordinal)
            .Replace("REPLICAS", replicas.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}

/// <summary>One event of a watch.</summary>
internal sealed record Seen(string Type, JsonObject Object)
{
    public string Name => Object.Text("metadata", "name")!;

    public string Version => Object.Text("metadata", "resourceVersion")!;

    public override string ToString() => $"{Type} {Object.Text("metadata", "name")}";
}

internal sealed class Watcher(HttpResponseMessage response) : IDisposable
{
    private static readonly TimeSpan EventWithin = TimeSpan.FromSeconds(20);

    private readonly StreamReader _reader = new(response.Content.ReadAsStream());

    /// <summary>The next event; null when the stream has ended. Throws <see cref="IOException"/> when it was cut.</summary>
    public async Task<Seen?> Next()
    {
        using var deadline = new CancellationTokenSource(EventWithin);
        return await _reader.ReadLineAsync(deadline.Token) is { } line && JsonNode.Parse(line) is JsonObject read
            ? new(read.Text("type")!, read.Object("object")!)
            : null;
    }

    public async Task<List<Seen>> Next(int count)
    {
        var seen = new List<Seen>();
        while (seen.Count < count && await Next() is { } next)
        {
            seen.Add(next);
        }

        return seen;
    }

    public void Dispose()
    {
        _reader.Dispose();
        response.Dispose();
    }
}

/// <summary>A cluster for one test class, without kubelets unless asked.</summary>
public abstract class OnCluster : IAsyncLifetime
{
    private protected Cluster Cluster { get; private set; } = null!;

    private protected Client Api { get; private set; } = null!;

    private protected virtual ClusterOptions Options => new() { Kubelet = KubeletMode.None, Nodes = 0 };

    public virtual async Task InitializeAsync()
    {
        Cluster = await Cluster.Start(Options);
        Api = new(Cluster);
    }

    public virtual async Task DisposeAsync()
    {
        Api.Dispose();
        await Cluster.DisposeAsync();
    }
}
