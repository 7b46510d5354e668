using System.Diagnostics;
using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Agent.Tests.Images;

/// <summary>Images, from a registry that speaks the distribution API, unpacked and run for real; what needs root is done only as root.</summary>
public sealed class ImageTests : IAsyncLifetime, IDisposable
{
    private static readonly LoadLimits Limits = new(256 << 20, 1000, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
    private static readonly string[] Programs = ["/bin/sh", "/bin/cat", "/bin/sleep", "/usr/bin/id"];

    private readonly HttpClient _http = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-image-").FullName;
    private FakePlatform _platform = null!;

    public async Task InitializeAsync() => _platform = await FakePlatform.Start();

    public void Dispose() => _http.Dispose();

    public async Task DisposeAsync()
    {
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_image_of_two_layers_runs_in_its_own_root_as_its_own_user()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        const string Script = """
            #!/bin/sh
            echo "greeting $GREETING level $LEVEL path $PATH home $HOME"
            pwd; id -u; id -G; cat ../etc/layer
            [ -e /etc/secret ] || echo 'the secret is gone'
            [ -e /data/below ] || echo 'what was below is gone'
            cat /data/above; cat /etc/linked
            [ -e /work ] || echo 'nothing else is seen'
            [ -c /dev/null ] && echo null >/dev/null && echo 'there is a null'
            [ -r /proc/self/stat ] && echo 'there are processes'
            trap 'echo ending; exit 0' TERM
            while :; do sleep 0.05; done
            """;
        var below = Base()
            .File("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1234:1235::/app:/bin/sh\n").File("etc/secret", "secret").File("etc/layer", "below\n")
            .Folder("data").File("data/below", "below").Folder("app").Folder("real").Link("linked", "/real");
        var above = new Tars().Script("app/run", Script).File("etc/.wh.secret", "").File("etc/layer", "above\n")
            .File("data/.wh..wh..opq", "").File("data/above", "from above\n").File("linked/file", "through the link\n").HardLink("etc/linked", "real/file");
        var (digest, _) = _platform.Registry.Push(
            new { User = "app", WorkingDir = "/app", Env = new[] { "PATH=/bin:/usr/bin", "LEVEL=image", "GREETING=image" }, Entrypoint = new[] { "/app/run" } },
            below.Bytes(),
            above.Bytes());
        await using var agent = new AgentUnderTest(_platform, Address(digest), "", command: "");
        agent.Start();
        await agent.Until(AgentPhase.Healthy);

        string[] expected =
        [
            "greeting hello level image path /bin:/usr/bin home /app", "/app", "1234", "1235", "above", "the secret is gone", "what was below is gone",
            "from above", "through the link", "nothing else is seen",
        ];
        await Fury.Testing.Eventually.True(async () => (await agent.Lines()).Length >= expected.Length, because: agent.Log);
        Assert.Equal(expected, (await agent.Lines()).Take(expected.Length));
        await agent.Stop();
        Assert.Contains("ending", await File.ReadAllLinesAsync(Path.Combine(agent.Config.Folder, "logs", "output.log")));
        Assert.Empty(agent.Pids());
        Assert.Contains("/token", _platform.Registry.Asked);
    }

    [Fact]
    public async Task A_layer_that_is_not_what_its_digest_says_is_never_unpacked()
    {
        var second = new Tars().File("two", "2").Bytes();
        var (digest, layers) = _platform.Registry.Push(new { Cmd = new[] { "/run" } }, new Tars().Script("run", "exit 0").Bytes(), second);
        _platform.Registry.Instead[layers[1]] = [.. second[..^1], (byte)(second[^1] ^ 1)];

        var fetched = await Load(Address(digest)).Fetch(default);

        Assert.Equal(FaultKind.Invalid, fetched.Fault?.Kind);
        Assert.Contains($"should have {layers[1]}", fetched.Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_fetched_once_needs_no_registry()
    {
        var (digest, layers) = _platform.Registry.Push(new { Cmd = new[] { "/run" } }, new Tars().Script("run", "exit 0").Bytes());
        Assert.True((await Load(Address(digest)).Fetch(default)).IsOk);
        var asked = _platform.Registry.Asked.Count;

        Assert.True((await Load(Address(digest)).Fetch(default)).IsOk);

        Assert.Equal(asked, _platform.Registry.Asked.Count);
        Assert.Single(layers);
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_its_digest_says_is_not_read()
    {
        var (digest, _) = _platform.Registry.Push(new { Cmd = new[] { "/run" } }, new Tars().Script("run", "exit 0").Bytes());
        _platform.Registry.Instead[digest] = "{\"manifests\":[]}"u8.ToArray();

        var fetched = await Load(Address(digest)).Fetch(default);

        Assert.Contains($"should have {digest}", fetched.Fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_or_not_for_this_machine_or_not_readable_is_said()
    {
        var missing = await Load(Address("sha256:" + new string('1', 64))).Fetch(default);
        Assert.Equal(FaultKind.NotFound, missing.Fault?.Kind);

        var other = """{"manifests":[{"mediaType":"m","digest":"d","size":1,"platform":{"os":"linux","architecture":"s390x"}}]}"""u8.ToArray();
        Assert.Contains("only for linux/s390x", Manifests.Choose(other, Architecture.Amd64).Fault?.Message, StringComparison.Ordinal);
        var zstd = """{"config":{},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"d","size":1}]}"""u8.ToArray();
        Assert.Contains("tar+zstd", Manifests.Manifest(zstd).Fault?.Message, StringComparison.Ordinal);
        var arm = """{"os":"linux","architecture":"arm64"}"""u8.ToArray();
        Assert.Contains("linux/arm64", Manifests.Config(arm, Architecture.Amd64).Fault?.Message, StringComparison.Ordinal);
        Assert.Equal(FaultKind.Invalid, Manifests.Manifest("[]"u8.ToArray()).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, Manifests.Manifest("""{"layers":[{"size":"many"}]}"""u8.ToArray()).Fault?.Kind);
    }

    [Theory]
    [InlineData("oci://registry.example/team/app@sha256:X", "https://registry.example/", "team/app")]
    [InlineData("oci://127.0.0.1:5000/app:1.2.3@sha256:X", "http://127.0.0.1:5000/", "app")]
    [InlineData("oci://registry.example/app", null, null)]
    [InlineData("oci://registry.example/App@sha256:X", null, null)]
    [InlineData("oci://registry.example/../app@sha256:X", null, null)]
    public void An_image_is_named_by_its_digest(string uri, string? registry, string? repository)
    {
        var parsed = ImageReference.Parse(new(uri.Replace("X", new string('a', 64), StringComparison.Ordinal), "", "", []));

        Assert.Equal(registry, parsed.IsOk ? parsed.Value.Registry.AbsoluteUri : null);
        Assert.Equal(repository, parsed.IsOk ? parsed.Value.Repository : null);
    }

    [Fact]
    public async Task Layers_are_laid_out_inside_of_the_root_whatever_their_links_say()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        var outside = Path.Combine(_folder, "outside");
        Directory.CreateDirectory(outside);
        var root = Directory.CreateDirectory(Path.Combine(_folder, "root")).FullName;
        var file = Path.Combine(_folder, "layer.tar");
        var odd = new Tars().Link("out", outside).File("out/a", "a").Link("up", "../../../..").File("up/b", "b").File("out/.wh.a", "");
        await File.WriteAllBytesAsync(file, odd.Bytes());

        await new Layer(root, Limits, new Budget(Limits)).Unpack(file, default);

        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.True(File.Exists(Path.Combine(root, "b")));
        Assert.False(File.Exists(root + outside + "/a"));
        await Refuses("leads out of the image", new Tars().File("../x", "x"));
        await Refuses("lead in circles", new Tars().Link("one", "two").Link("two", "one").File("one/x", "x"));
        await Refuses("not there", new Tars().HardLink("x", "/etc/hostname-of-nobody"));

        async Task Refuses(string because, Tars tar)
        {
            await File.WriteAllBytesAsync(file, tar.Bytes());
            var refused = await Assert.ThrowsAsync<BadArchive>(() => new Layer(root, Limits, new Budget(Limits)).Unpack(file, default));
            Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_root_an_image_is_refused_and_says_why()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        var (digest, _) = _platform.Registry.Push(new { Cmd = new[] { "/run" } }, new Tars().Script("run", "exit 0").Bytes());
        await using var agent = new AgentUnderTest(_platform, Address(digest), "", command: "");
        agent.Start("sh", "-c", """
            chown -R 65534:65534 "$(dirname "$2")"
            exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$1" "$2"
            """);

        await agent.Until(AgentPhase.Failed);

        Assert.Contains("only root may give it", agent.Told!.Status.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(_platform.Registry.Asked, path => path.Contains("/blobs/", StringComparison.Ordinal));
    }

    /// <summary>A shell and what it needs, as this machine has them.</summary>
    private static Tars Base()
    {
        var tar = Programs.Aggregate(new Tars(), (all, program) => all.Copy(program));
        return Programs.SelectMany(Linked).Distinct().Order(StringComparer.Ordinal).Aggregate(tar, (all, library) => all.Copy(library));
    }

    private static IEnumerable<string> Linked(string program)
    {
        using var ldd = Process.Start(new ProcessStartInfo("ldd", [program]) { RedirectStandardOutput = true })!;
        var words = ldd.StandardOutput.ReadToEnd().Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words.Where(word => word.StartsWith('/') && !word.EndsWith(':'));
    }

    private string Address(string digest) => $"oci://{_platform.Address.Authority}/{_platform.Registry.Repository}@{digest}";

    private ImageLoad Load(string uri)
    {
        var artifact = new AgentArtifact(uri, "", "", []);
        return new(artifact, ImageReference.Parse(artifact).Value, new(_http, Limits, _folder, TimeProvider.System));
    }
}
