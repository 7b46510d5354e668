using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Fury.Testing;

/// <summary>A real server that wants TLS and a password.</summary>
public abstract class SecuredServer : ServerProcess
{
    public const string User = "ana";
    public const string Password = "canary-7d1c-password";

    protected SecuredServer() => Authority = new TestAuthority(Directory.CreateDirectory(Path.Combine(Folder, "tls")).FullName);

    public TestAuthority Authority { get; }

    public abstract string Scheme { get; }
}

public sealed class SecuredRedis : SecuredServer
{
    public override string Scheme => "rediss";

    protected override Task<Process> Start() => Task.FromResult(Run(
        "redis-server",
        ["--port", "0", "--tls-port", $"{Port}", "--bind", "127.0.0.1", "--tls-cert-file", Authority.Certificate, "--tls-key-file", Authority.Key,
         "--tls-ca-cert-file", Authority.Authority, "--tls-auth-clients", "no", "--save", "", "--appendonly", "no", "--dir", Folder,
         "--user", "default", "off", "--user", User, "on", $">{Password}", "~*", "&*", "+@all"]));
}

public sealed class SecuredNats : SecuredServer
{
    public override string Scheme => "tls";

    protected override Task<Process> Start() => Task.FromResult(Run(
        File.Exists("/usr/sbin/nats-server") ? "/usr/sbin/nats-server" : "nats-server",
        ["-a", "127.0.0.1", "-p", $"{Port}", "-js", "-sd", Folder, "--tls", "--tlscert", Authority.Certificate, "--tlskey", Authority.Key,
         "--user", User, "--pass", Password]));
}

public sealed class SecuredEtcd : SecuredServer
{
    public override string Scheme => "https";

    private Uri Address => new($"https://127.0.0.1:{Port}");

    protected override Task<Process> Start()
    {
        var (client, peer) = ($"https://127.0.0.1:{Port}", $"http://127.0.0.1:{FreePort()}");
        return Task.FromResult(Run(
            "etcd",
            ["--data-dir", Path.Combine(Folder, "data"), "--listen-client-urls", client, "--advertise-client-urls", client,
             "--cert-file", Authority.Certificate, "--key-file", Authority.Key, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
             "--initial-cluster", $"default={peer}", "--logger", "zap", "--log-level", "error"]));
    }

    protected override async Task<bool> IsUp()
    {
        using var http = Client();
        try
        {
            return (await http.GetStringAsync(new Uri(Address, "/health"))).Contains("true", StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    protected override async Task Prepare()
    {
        using var http = Client();
        foreach (var user in new[] { "root", User })
        {
            await Post(http, "auth/user/add", new { name = user, password = Password });
        }

        await Post(http, "auth/role/add", new { name = "root" });
        await Post(http, "auth/user/grant", new { user = "root", role = "root" });
        await Post(http, "auth/user/grant", new { user = User, role = "root" });
        await Post(http, "auth/enable", new { });
    }

    /// <summary>Whoever has signed in must do it again.</summary>
    public async Task ForgetTokens()
    {
        using var http = Client();
        using var answer = await http.PostAsJsonAsync(new Uri(Address, "/v3/auth/authenticate"), new { name = "root", password = Password });
        var signed = await answer.Content.ReadFromJsonAsync<JsonElement>();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", signed.GetProperty("token").GetString());
        await Post(http, "auth/user/changepw", new { name = User, password = Password });
    }

    private async Task Post(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(Address, $"/v3/{path}"), body);
        if (!answer.IsSuccessStatusCode && path != "auth/role/add")
        {
            throw new InvalidOperationException($"{path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private HttpClient Client()
    {
        var believed = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        believed.CustomTrustStore.ImportFromPemFile(Authority.Authority);
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = believed } });
    }
}
