using System.Text;
using Fury.ClusterApi.Kubernetes.Access;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests.Access;

public sealed class KubeconfigTests
{
    private const string Secret = "s3cret-token";

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_current_context_is_read()
    {
        var access = Read(Document()).Value;

        Assert.Equal(new Uri("https://10.0.0.1:6443"), access.Server);
        Assert.Equal("shops", access.Namespace);
        Assert.Equal(Secret, access.User.Token);
        Assert.Null(access.Authorities);
    }

    [Fact]
    public void Another_context_can_be_named()
    {
        Assert.Equal(new Uri("https://10.0.0.2:6443"), Read(Document(), context: "two").Value.Server);

        var missing = Read(Document(), context: "three");
        Assert.Contains("it has one, two", missing.Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_a_kubeconfig_too() =>
        Assert.True(Read("""
            {"current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "c"}}],
             "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:80"}}]}
            """).IsOk);

    [Fact]
    public void Certificates_inline_and_in_files_are_read()
    {
        var (certificate, key) = TestCertificates.Client(Now.AddDays(-1), Now.AddDays(1));
        var authority = TestCertificates.Authority();
        var inline = Read(Document(
            cluster: $"certificate-authority-data: {TestCertificates.Base64(authority)}",
            user: $"client-certificate-data: {TestCertificates.Base64(certificate)}\n    client-key-data: {TestCertificates.Base64(key)}"));
        var files = Read(
            Document(cluster: "certificate-authority: ca.pem", user: "client-certificate: /pki/fury.pem\n    client-key: /pki/fury.key"),
            new Dictionary<string, string> { ["/kube/ca.pem"] = authority, ["/pki/fury.pem"] = certificate, ["/pki/fury.key"] = key });

        Assert.All([inline.Value, files.Value], access =>
        {
            Assert.Equal("CN=fury", access.User.Certificate!.Subject);
            Assert.True(access.User.Certificate.HasPrivateKey);
            Assert.Equal("CN=another authority", Assert.Single(access.Authorities!).Subject);
        });
        Assert.Equal(inline.Value.Fingerprint, files.Value.Fingerprint);
    }

    [Fact]
    public void An_expired_client_certificate_is_named_with_its_time()
    {
        var (certificate, key) = TestCertificates.Client(Now.AddDays(-10), Now.AddDays(-1));

        var fault = Read(Document(
            user: $"client-certificate-data: {TestCertificates.Base64(certificate)}\n    client-key-data: {TestCertificates.Base64(key)}")).Fault!;

        Assert.Equal(FaultKind.Unauthenticated, fault.Kind);
        Assert.Contains("'fury-user' is valid from 2026-02-19 12:00:00Z to 2026-02-28 12:00:00Z", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_exec_plugin_is_named_with_its_makers_hint()
    {
        var fault = Read(Document(user: Exec("client.authentication.k8s.io/v1", "cloud-login", "\n      installHint: Get it from the vendor."))).Fault!;

        Assert.Equal(FaultKind.Invalid, fault.Kind);
        Assert.Contains("'cloud-login', which this machine does not have. Get it from the vendor.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_known_exec_plugin_is_found_in_the_path_or_beside_the_kubeconfig()
    {
        var byName = Read(Document(user: Exec("client.authentication.k8s.io/v1beta1", "known")));
        var byPath = Read(Document(user: Exec("client.authentication.k8s.io/v1", "./known")));

        Assert.Equal("/usr/bin/known", byName.Value.User.Exec!.Command);
        Assert.Equal("/kube/known", byPath.Value.User.Exec!.Command);
    }

    [Theory]
    [InlineData("server: http://10.0.0.1:8080", "", "clusters[0].cluster.server must be https://")]
    [InlineData("server: ftp://10.0.0.1", "", "clusters[0].cluster.server must be an address")]
    [InlineData("insecure-skip-tls-verify: true", "", "an unverified server is accepted on a loopback address only")]
    [InlineData("certificate-authority-data: '%%%'", "", "certificate-authority-data is not base64")]
    [InlineData("certificate-authority-data: aGVsbG8=", "", "holds no PEM certificate")]
    [InlineData("certificate-authority: missing.pem", "", "/kube/missing.pem, which cannot be read")]
    [InlineData("proxy-url: socks5://10.0.0.9:1080", "", "proxy-url must be an http")]
    [InlineData("", "client-certificate-data: aGVsbG8=", "must have both of client-certificate and client-key")]
    [InlineData("", "client-certificate-data: aGVsbG8=\n    client-key-data: aGVsbG8=", "is no PEM certificate")]
    [InlineData("", "username: root\n    password: s3cret-token", "username is not supported: use a client certificate")]
    [InlineData("", "auth-provider: {name: gcp}", "auth-provider is not supported")]
    [InlineData("", "as: admin", "as is not supported")]
    [InlineData("", "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: known}", "exec.apiVersion must be one of")]
    [InlineData("", "exec: {apiVersion: client.authentication.k8s.io/v1, command: known, interactiveMode: Always}", "nobody sits here to answer")]
    public void What_is_wrong_is_named_by_its_place_and_no_secret_is_told(string cluster, string user, string expected)
    {
        var fault = Read(Document(cluster, user)).Fault;

        Assert.NotNull(fault);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, $"{fault} {fault.Detail} {string.Join(' ', fault.Fields)}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a list")]
    [InlineData("token: [s3cret-token")]
    [InlineData("current-context: one")]
    [InlineData("contexts: []")]
    [InlineData("current-context: one\ncontexts: [{name: one, context: {cluster: none, user: s3cret-token}}]")]
    public void What_is_no_kubeconfig_is_invalid(string text)
    {
        var fault = Read(text).Fault!;

        Assert.Equal(FaultKind.Invalid, fault.Kind);
        Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "tokenFile: /etc/shadow")]
    [InlineData("certificate-authority: /etc/passwd", "")]
    [InlineData("", "client-certificate: /etc/passwd\n    client-key: /etc/shadow")]
    [InlineData("", "exec: {apiVersion: client.authentication.k8s.io/v1, command: known}")]
    public void A_document_from_the_network_may_name_no_files_and_no_programs(string cluster, string user)
    {
        var fault = Read(Document(cluster, user), isTrusted: false).Fault!;

        Assert.Equal(FaultKind.Forbidden, fault.Kind);
    }

    [Fact]
    public void An_unverified_server_on_this_machine_is_accepted() =>
        Assert.True(Read(Document("server: https://127.0.0.1:6443\n    insecure-skip-tls-verify: true")).Value.IsUnverified);

    [Fact]
    public void What_is_printed_holds_no_secret()
    {
        var access = Read(Document()).Value;

        var given = new Contracts.ClusterAccess("kubernetes", Secret);
        Assert.DoesNotContain(Secret, $"{access} {access.User} {access.Fingerprint} {given}", StringComparison.Ordinal);
    }

    [Fact]
    public void Inside_of_a_cluster_the_service_account_is_taken()
    {
        var machine = Machine(new Dictionary<string, string>
        {
            ["/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"] = TestCertificates.Authority(),
        });
        var variables = new Dictionary<string, string> { ["KUBERNETES_SERVICE_HOST"] = "fd00::1", ["KUBERNETES_SERVICE_PORT"] = "443" };

        var access = AccessReader.Inside(machine, variables.GetValueOrDefault).Value;

        Assert.Equal(new Uri("https://[fd00::1]:443"), access.Server);
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount/token", access.User.TokenFile);
        Assert.Equal(FaultKind.Invalid, AccessReader.Inside(machine, _ => null).Fault!.Kind);
    }

    private static string Exec(string version, string command, string more = "") =>
        $"exec:\n      apiVersion: {version}\n      command: {command}\n      env: [{{name: TOKEN, value: {Secret}}}]{more}";

    private static string Document(string cluster = "", string user = "")
    {
        var server = cluster.StartsWith("server", StringComparison.Ordinal) ? "" : "server: https://10.0.0.1:6443";
        return $"""
            apiVersion: v1
            kind: Config
            current-context: one
            contexts:
            - name: one
              context: {"{"}cluster: first, user: fury-user, namespace: shops{"}"}
            - name: two
              context: {"{"}cluster: second, user: fury-user{"}"}
            clusters:
            - name: first
              cluster:
                {server}
                {cluster}
            - name: second
              cluster: {"{"}server: 'https://10.0.0.2:6443'{"}"}
            users:
            - name: fury-user
              user:
                {(user.Length == 0 ? $"token: {Secret}" : user)}
            """;
    }

    private static Outcome<KubeAccess> Read(
        string text, IReadOnlyDictionary<string, string>? files = null, string? context = null, bool isTrusted = true) =>
        Kubeconfig.Read(text, "/kube", context, Machine(files) with { IsTrusted = isTrusted });

    private static KubeconfigMachine Machine(IReadOnlyDictionary<string, string>? files) => new(
        path => files?.GetValueOrDefault(path) is { } text ? Encoding.UTF8.GetBytes(text) : null,
        program => program.Split('/')[^1] == "known" ? (program.StartsWith('/') ? program : $"/usr/bin/{program}") : null,
        Now);
}
