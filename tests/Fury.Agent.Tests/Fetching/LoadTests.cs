using Fury.Agent.Wire;
using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Agent.Tests.Fetching;

/// <summary>Artifacts on their way here, without an agent around them.</summary>
public sealed class LoadTests : IAsyncLifetime, IDisposable
{
    private static readonly LoadLimits Limits = new(4 << 20, 100, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));

    private readonly HttpClient _http = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-load-").FullName;
    private FakePlatform _platform = null!;

    public async Task InitializeAsync() => _platform = await FakePlatform.Start();

    public async Task DisposeAsync()
    {
        await _platform.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task What_broke_off_goes_on_where_it_ended()
    {
        var bytes = new Tars().Script("run", "exit 0").File("noise", Noise(300_000)).Bytes();
        var load = Load(_platform.Serve("app.tar.gz", bytes), Tars.Digest(bytes));
        _platform.BreakAfter["/files/app.tar.gz"] = 100_000;

        var first = await load.Fetch(default);
        var second = await load.Fetch(default);
        var startable = await load.Verify(default);

        Assert.Equal(FaultKind.Unavailable, first.Fault?.Kind);
        Assert.True(second.IsOk && startable.IsOk, $"{second.Fault} {startable.Fault}");
        var ranges = _platform.Asked.Select(asked => asked.Range).ToList();
        Assert.Null(ranges[0]);
        Assert.Matches("^bytes=[1-9][0-9]*-$", ranges[1]);
    }

    [Fact]
    public async Task Parts_of_two_different_files_are_fetched_anew_and_not_started()
    {
        var (old, right) = (new Tars().File("noise", Noise(300_000)).Bytes(), new Tars().Script("run", "exit 0").File("noise", Noise(400_000)).Bytes());
        var load = Load(_platform.Serve("app.tar.gz", old), Tars.Digest(right));
        _platform.BreakAfter["/files/app.tar.gz"] = 100_000;
        Assert.False((await load.Fetch(default)).IsOk);
        _platform.Serve("app.tar.gz", right);
        Assert.True((await load.Fetch(default)).IsOk);

        var mixed = await load.Verify(default);
        var again = await load.Fetch(default);

        Assert.Equal(FaultKind.Unavailable, mixed.Fault?.Kind);
        Assert.True(again.IsOk && (await load.Verify(default)).IsOk);
        Assert.Null(_platform.Asked.Last().Range);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_final_and_a_server_that_is_not_there_is_not()
    {
        var missing = await Load(new Uri(_platform.Address, "files/none").AbsoluteUri, Tars.Digest([])).Fetch(default);
        var silent = await Load("http://127.0.0.1:1/app.tar.gz", Tars.Digest([])).Fetch(default);

        Assert.Equal((FaultKind.NotFound, FaultKind.Unavailable), (missing.Fault?.Kind, silent.Fault?.Kind));
    }

    [Fact]
    public async Task More_than_the_limit_is_neither_fetched_nor_unpacked()
    {
        var large = new Tars().Script("run", "exit 0").File("noise", Noise(6 << 20)).Bytes();
        var bomb = new Tars().Script("run", "exit 0").File("zeros", new string('0', 6 << 20)).Bytes();
        Assert.True(bomb.Length < 100_000);

        var fetched = await Load(_platform.Serve("large.tar.gz", large), Tars.Digest(large)).Fetch(default);
        Assert.Contains("4194304 bytes", fetched.Fault?.Message, StringComparison.Ordinal);
        await Refused(bomb, "larger than");
    }

    [Fact]
    public async Task A_kept_tree_is_fetched_with_the_lots_signature_and_compared_as_a_tree()
    {
        var source = Directory.CreateDirectory(Path.Combine(_folder, "kept")).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "run"), "#!/bin/sh\nexit 0\n");
        File.SetUnixFileMode(Path.Combine(source, "run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Combine(source, "data", "empty"));
        File.CreateSymbolicLink(Path.Combine(source, "again"), "run");
        _platform.Kept = ArtifactTree.Read(source, null, ArtifactLimits.Default).Value;
        var digest = $"sha256:{(await ArtifactCopy.Digest(_platform.Kept, ArtifactLimits.Default, default)).Value}";

        var right = Load(AgentPaths.ArtifactAt(_platform.Address, digest).AbsoluteUri, digest, "again");
        var fetched = await right.Fetch(default);
        Assert.True(fetched.IsOk, $"{fetched.Fault}");
        var startable = await right.Verify(default);
        Assert.True(startable.IsOk, $"{startable.Fault}");

        await File.WriteAllTextAsync(Path.Combine(source, "more"), "more");
        _platform.Kept = ArtifactTree.Read(source, null, ArtifactLimits.Default).Value;
        Directory.Delete(Path.Combine(_folder, "artifact"), recursive: true);
        var wrong = Load(AgentPaths.ArtifactAt(_platform.Address, digest).AbsoluteUri, digest);
        Assert.True((await wrong.Fetch(default)).IsOk);
        Assert.Contains("should be", (await wrong.Verify(default)).Fault?.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "artifact")));
    }

    [Fact]
    public async Task Hostile_archives_are_refused_and_write_nothing_elsewhere()
    {
        var outside = Path.Combine(Path.GetDirectoryName(_folder)!, "fury-escaped");
        await Refused(Evil().File("../fury-escaped", "x"), "leads out of the artifact");
        await Refused(Evil().File(outside, "x"), "leads out of the artifact");
        await Refused(Evil().File("a/../../fury-escaped", "x"), "leads out of the artifact");
        await Refused(Evil().Link("out", "..").File("out/fury-escaped", "x"), "leads through 'out'");
        await Refused(Evil().Link("here", ".").Link("out", "here/..").File("out/fury-escaped", "x"), "leads through 'out'");
        await Refused(Evil().Link("out", "/etc/passwd"), "leads out of the artifact or nowhere");
        await Refused(Evil().Link("out", "../../etc/passwd"), "leads out of the artifact or nowhere");
        await Refused(Evil().Link("nowhere", "missing"), "leads out of the artifact or nowhere");
        await Refused(Evil().HardLink("out", "../../../../etc/passwd"), "no file of the artifact");
        await Refused(Evil().Link("out", "/etc/passwd").HardLink("in", "out"), "no file of the artifact");
        await Refused(Evil().Special("device", System.Formats.Tar.TarEntryType.CharacterDevice), "is a device");
        await Refused(Evil().Special("pipe", System.Formats.Tar.TarEntryType.Fifo), "is a pipe");
        await Refused(Enumerable.Range(0, 101).Aggregate(Evil(), (tar, number) => tar.File($"f{number}", "x")), "more than 100");
        await Refused("this is no tar at all, whatever its name says"u8.ToArray(), "no tar");
        await Refused(Evil().Bytes()[..^40], "");
        await Refused(new Tars().File("run", "no program", executable: true), "not executable");
        await Refused(new Tars().Script("other", "exit 0"), "no file 'run'");
        Assert.False(File.Exists(outside));
    }

    private static Tars Evil() => new Tars().Script("run", "exit 0");

    private static string Noise(int length)
    {
        var random = new Random(7);
        return string.Create(length, random, (text, chance) =>
        {
            for (var place = 0; place < text.Length; place++)
            {
                text[place] = (char)chance.Next(33, 127);
            }
        });
    }

    private Task Refused(Tars tar, string because) => Refused(tar.Bytes(), because);

    private async Task Refused(byte[] bytes, string because)
    {
        var load = Load(_platform.Serve("evil.tar.gz", bytes), Tars.Digest(bytes));
        var fetched = await load.Fetch(default);
        Assert.True(fetched.IsOk, $"{fetched.Fault}");
        var refused = await load.Verify(default);
        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Contains(because, refused.Fault!.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "artifact")), because);
        File.Delete(Path.Combine(_folder, "artifact.tar"));
    }

    private ILoad Load(string uri, string digest, string command = "run")
    {
        var config = new AgentConfig(
            _platform.Address, FakePlatform.Lot, FakePlatform.Secret, new(AgentCloud.None, "i"), new(uri, digest, command, []),
            new Dictionary<string, string>(), 1, null, TimeSpan.Zero, _folder, new Uri("http://127.0.0.1:1"));
        return Loads.Of(config, new(_http, Limits, _folder, TimeProvider.System)).Value;
    }
}
