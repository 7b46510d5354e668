using System.Diagnostics;
using System.Text.Json.Nodes;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>The client of Kubernetes' own authors for JavaScript accepts a local cluster: its informers stay right through cuts, 410 and a restart.</summary>
public sealed class ClientNodeTests : IAsyncLifetime, IDisposable
{
    private const string Folder = "tests/Fury.LocalCluster.Tests/Node/client-node";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _kubeconfig = Path.GetTempFileName();
    private Cluster _cluster = null!;
    private Client _api = null!;

    public async Task InitializeAsync()
    {
        _cluster = await Cluster.Start(new() { Tls = true, Token = "a-token-of-the-test" });
        await File.WriteAllTextAsync(_kubeconfig, _cluster.Kubeconfig);
        _api = new(_cluster);
        _api.Http.DefaultRequestHeaders.Authorization = new("Bearer", "a-token-of-the-test");
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        File.Delete(_kubeconfig);
    }

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Typed_clients_do_their_work()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var scripts = await NodeScripts.Prepare(Folder, CancellationToken.None);
        var (code, output) = await scripts.Run("objects.js", [_kubeconfig], deadline.Token);
        Assert.True(code == 0, output);
        Assert.Equal("""{"target":80,"pods":3,"log":"","missing":404}""", output.Trim());
    }

    [Fact]
    public async Task An_informer_holds_what_is_there_whatever_happens_to_its_watch()
    {
        var scripts = await NodeScripts.Prepare(Folder, CancellationToken.None);
        await _api.Post(Client.Maps, Client.Map("a"));
        using var informer = scripts.Start("informer.js", _kubeconfig, "default");
        await Hear(informer, heard => heard is ("add", "a", "v"));

        await _api.Post(Client.Maps, Client.Map("b"));
        await Hear(informer, heard => heard is ("add", "b", _));
        await _api.Patch($"{Client.Maps}/b", """{"data":{"key":"w"}}""");
        await Hear(informer, heard => heard is ("update", "b", "w"));

        // A watch that is cut, with history left: it resumes, and misses nothing.
        _cluster.Faults.CutWatches();
        await _api.Delete($"{Client.Maps}/a");
        await Hear(informer, heard => heard is ("delete", "a", _));

        // A server that dies, and is back without history: it lists again, and finds what was deleted meanwhile.
        await _cluster.Kill();
        _cluster.Registry.Delete(AllKinds.ConfigMaps, "default", "b", DeleteOptions.Now);
        _cluster.ForgetHistory();
        await _cluster.Revive();
        await _api.Post(Client.Maps, Client.Map("c"));
        await Hear(informer, heard => heard is ("add", "c", _));

        await informer.StandardInput.WriteLineAsync();
        await informer.StandardInput.FlushAsync();
        Assert.Equal("c=v", (await Hear(informer, heard => heard.Type == "holds")).Name);
        informer.StandardInput.Close();
        await informer.WaitForExitAsync();
    }

    private static async Task<(string Type, string? Name, string? Value)> Hear(Process informer, Func<(string Type, string? Name, string? Value), bool> wanted)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var all = new List<string>();
        while (true)
        {
            string? line;
            try
            {
                line = await informer.StandardOutput.ReadLineAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"Not heard. Heard: {string.Join(" | ", all.TakeLast(20))}");
            }

            if (line is null)
            {
                throw new InvalidOperationException($"The informer has ended: {await informer.StandardError.ReadToEndAsync(deadline.Token)}");
            }

            all.Add(line);
            var news = JsonNode.Parse(line);
            var heard = (news.Text("type")!, news.Text("name"), news.Text("value"));
            if (wanted(heard))
            {
                return heard;
            }
        }
    }
}
