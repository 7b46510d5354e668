using Fury.Artifacts;
using Fury.Catalog.Artifacts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Catalog.Tests.Artifacts;

public sealed class ArtifactStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fury-artifacts-").FullName;
    private readonly string _source;
    private readonly FolderNode _node;

    public ArtifactStoreTests()
    {
        _source = Directory.CreateDirectory(Path.Combine(_root, "source")).FullName;
        _node = new FolderNode(Directory.CreateDirectory(Path.Combine(_root, "data")).FullName);
        Given.Script(In("hello"), "#!/bin/sh\necho hello\n");
    }

    private string Store => Path.Combine(_node.DataFolder, "artifacts");

    [Fact]
    public async Task Content_is_copied_read_only_under_its_hash()
    {
        Directory.CreateDirectory(In("lib"));
        await File.WriteAllTextAsync(In("lib/data.txt"), "data");
        File.CreateSymbolicLink(In("lib/link.txt"), "data.txt");

        var kept = (await Keep()).Value;

        var folder = new Uri(kept.Uri).LocalPath;
        Assert.Equal(Path.Combine(Store, kept.Digest.Replace(':', '-')), folder);
        Assert.Equal("data", await File.ReadAllTextAsync(Path.Combine(folder, "lib", "link.txt")));
        Assert.Equal("hello", kept.Command);
        Assert.True(File.GetUnixFileMode(Path.Combine(folder, "hello")).HasFlag(UnixFileMode.UserExecute));
        Assert.All(Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder),
            path => Assert.False(File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserWrite)));
    }

    [Fact]
    public async Task The_hash_is_the_same_for_ever()
    {
        Directory.CreateDirectory(In("lib"));
        await File.WriteAllTextAsync(In("lib/data.txt"), "data");
        File.CreateSymbolicLink(In("link"), "lib/data.txt");

        var kept = (await Keep()).Value;

        Assert.Equal("sha256:c3ecb87ff04de62bf267c0da295688482a623fa1ecfea293d6046558bc8317b8", kept.Digest);
    }

    [Fact]
    public async Task The_hash_follows_content_name_and_executable_bit_and_nothing_else()
    {
        await File.WriteAllTextAsync(In("data"), "1");
        var first = await Digest();

        File.SetLastWriteTimeUtc(In("data"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.SetUnixFileMode(In("data"), UnixFileMode.UserRead);
        Assert.Equal(first, await Digest());

        var seen = new HashSet<string> { first };
        File.SetUnixFileMode(In("data"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.True(seen.Add(await Digest()));
        await File.WriteAllTextAsync(In("data"), "2");
        Assert.True(seen.Add(await Digest()));
        File.Move(In("data"), In("datum"));
        Assert.True(seen.Add(await Digest()));
        Directory.CreateDirectory(In("empty"));
        Assert.True(seen.Add(await Digest()));
    }

    [Fact]
    public async Task The_same_content_is_kept_once_however_many_ask()
    {
        await File.WriteAllBytesAsync(In("large"), new byte[1_000_000]);

        using var store = Open(Given.Limits);

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Keep(store, new(_source, "hello", [])))));

        Assert.Single(all.Select(one => one.Value.Uri).Distinct());
        Assert.Equal([new Uri(all[0].Value.Uri).LocalPath], Directory.EnumerateFileSystemEntries(Store));
    }

    [Fact]
    public async Task One_file_is_an_artifact_too()
    {
        await File.WriteAllTextAsync(In("other"), "not part of it");

        var kept = (await Keep(new(In("hello"), null, ["--loud"]))).Value;

        Assert.Equal(("hello", "--loud"), (kept.Command, Assert.Single(kept.Arguments)));
        Assert.Equal(["hello"], Directory.EnumerateFiles(new Uri(kept.Uri).LocalPath).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("no-such", "a file inside the artifact")]
    [InlineData("lib", "a file inside the artifact")]
    [InlineData("plain", "a file that its owner may execute")]
    [InlineData("text", "an executable: ELF, Mach-O or a script")]
    [InlineData("empty", "an executable: ELF, Mach-O or a script")]
    public async Task A_command_that_cannot_be_started_is_refused(string command, string expected)
    {
        Directory.CreateDirectory(In("lib"));
        Given.Script(In("plain"), "#!/bin/sh\n", executable: false);
        Given.Script(In("text"), "hello\n");
        Given.Script(In("empty"), "");

        var refused = Assert.Single((await Keep(new(_source, command, []))).Fault!.Fields);

        Assert.Equal("artifact.command", refused.Field);
        Assert.StartsWith(expected, refused.Expected, StringComparison.Ordinal);
        AssertNothingKept();
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/hello")]
    [InlineData("../outside")]
    [InlineData("lib/../../outside")]
    [InlineData("nowhere")]
    [InlineData("loop")]
    [InlineData("up/outside")]
    public async Task A_link_that_leads_out_or_nowhere_is_refused(string target)
    {
        Given.Script(Path.Combine(_root, "outside"), "#!/bin/sh\n");
        Directory.CreateDirectory(In("lib"));
        File.CreateSymbolicLink(In("up"), "lib/..");
        File.CreateSymbolicLink(In("loop"), target == "loop" ? "loop" : "hello");
        File.CreateSymbolicLink(In("link"), target == "up/outside" ? "up/../outside" : target);

        var refused = Assert.Single((await Keep()).Fault!.Fields);

        Assert.Equal("artifact.path", refused.Field);
        Assert.Contains("leads out of the artifact or nowhere", refused.Expected, StringComparison.Ordinal);
        AssertNothingKept();
    }

    [Fact]
    public async Task A_command_may_be_a_link_inside_the_artifact()
    {
        Directory.CreateDirectory(In("bin"));
        File.CreateSymbolicLink(In("bin/start"), "../hello");

        Assert.True((await Keep(new(_source, "bin/start", []))).IsOk);
    }

    [Fact]
    public async Task A_path_that_is_not_there_or_is_Furys_own_is_refused()
    {
        foreach (var path in new[] { In("no-such"), _root, _node.DataFolder, Directory.CreateDirectory(Path.Combine(_node.DataFolder, "x")).FullName })
        {
            Assert.Equal("artifact.path", Assert.Single((await Keep(new(path, "hello", []))).Fault!.Fields).Field);
        }
    }

    [Fact]
    public async Task Limits_hold_and_leave_nothing_behind()
    {
        await File.WriteAllBytesAsync(In("large"), new byte[5000]);
        using var small = Open(new(4000, 100));
        using var few = Open(new(1_000_000, 1));

        Assert.Equal(FaultKind.Invalid, (await small.Identify(new(_source, "hello", []), default)).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, (await few.Identify(new(_source, "hello", []), default)).Fault?.Kind);
        AssertNothingKept();
    }

    [Fact]
    public async Task A_file_that_grows_beyond_the_limit_while_it_is_copied_leaves_nothing_behind()
    {
        using var store = Open(new(4000, 100));
        var identified = (await store.Identify(new(_source, "hello", []), default)).Value;
        await File.WriteAllBytesAsync(In("hello"), new byte[5000]);

        Assert.Equal(FaultKind.Invalid, (await store.Keep(identified, default)).Fault?.Kind);
        AssertNothingKept();
    }

    [Fact]
    public async Task The_digest_is_that_of_the_copy_when_the_source_changes_meanwhile()
    {
        using var store = Open(Given.Limits);
        var identified = (await store.Identify(new(_source, "hello", []), default)).Value;
        Given.Script(In("hello"), "#!/bin/sh\necho changed\n");

        var kept = (await store.Keep(identified, default)).Value;

        Assert.NotEqual(identified.Artifact.Digest, kept.Digest);
        Assert.Equal(await Digest(), kept.Digest);
    }

    [Fact]
    public async Task What_a_killed_host_left_unfinished_is_removed()
    {
        var left = Directory.CreateDirectory(Path.Combine(Store, ".unfinished-1", "inner")).FullName;
        File.SetUnixFileMode(left, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var kept = (await Keep()).Value;

        Assert.Equal([new Uri(kept.Uri).LocalPath], Directory.EnumerateFileSystemEntries(Store));
    }

    [Fact]
    public async Task A_pipe_does_not_make_the_store_wait()
    {
        using var make = System.Diagnostics.Process.Start("mkfifo", In("pipe"));
        await make.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));

        Assert.True((await Keep().WaitAsync(deadline.Token)).IsOk);
    }

    [Fact]
    public void Formats_of_executables_are_known_by_their_first_bytes()
    {
        Assert.True(Startable.HasKnownFormat([0x7f, (byte)'E', (byte)'L', (byte)'F']));
        Assert.True(Startable.HasKnownFormat([0xcf, 0xfa, 0xed, 0xfe]));
        Assert.True(Startable.HasKnownFormat("#!"u8));
        Assert.False(Startable.HasKnownFormat("MZ.."u8));
        Assert.False(Startable.HasKnownFormat([]));
    }

    public void Dispose()
    {
        foreach (var folder in Directory.EnumerateDirectories(_root, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(_root, recursive: true);
    }

    private string In(string path) => Path.Combine(_source, path);

    private ArtifactStore Open(ArtifactLimits limits) => new(_node, limits, NullLogger<ArtifactStore>.Instance);

    private Task<Outcome<Artifact>> Keep() => Keep(new(_source, "hello", []));

    private async Task<Outcome<Artifact>> Keep(ArtifactSource source)
    {
        using var store = Open(Given.Limits);
        return await Keep(store, source);
    }

    private static async Task<Outcome<Artifact>> Keep(ArtifactStore store, ArtifactSource source)
    {
        var identified = await store.Identify(source, default);
        return await identified.Then(found => store.Keep(found, default));
    }

    private async Task<string> Digest()
    {
        using var store = Open(Given.Limits);
        return (await store.Identify(new(_source, "hello", []), default)).Value.Artifact.Digest;
    }

    private void AssertNothingKept() =>
        Assert.True(!Directory.Exists(Store) || !Directory.EnumerateFileSystemEntries(Store).Any());

    private sealed record FolderNode(string DataFolder) : INode
    {
        public string Name => "test";

        public Guid Incarnation => Guid.Empty;
    }
}
