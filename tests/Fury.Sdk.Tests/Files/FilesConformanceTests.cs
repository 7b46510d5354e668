using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Files;
using Fury.Sdk.Tests.Matrix;

namespace Fury.Sdk.Tests.Files;

/// <summary>A folder on disk keeps what its driver says.</summary>
[RunsAgainst(FilesProvider.Name, "itself, on disk")]
public sealed class FilesConformanceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-files-").FullName;

    public static TheoryData<string> Names =>
        [.. ConformanceSuite.Tests.Where(test => test.Kind == ServiceKind.Objects).Select(test => test.Name)];

    private Uri Endpoint => new(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_folder_keeps(string name)
    {
        var result = await ConformanceSuite.RunAsync(new Target(Endpoint), ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart_and_what_was_begun_goes_on()
    {
        string upload;
        await using (var before = await Open())
        {
            await Put(before, "invoices/../1", "paid");
            upload = await before.BeginUploadAsync("big", Headers, default);
            await before.UploadPartAsync("big", upload, 1, "lost"u8.ToArray(), default);
        }

        await using var after = await Open();
        var tag = await after.UploadPartAsync("big", upload, 1, "whole"u8.ToArray(), default);
        await after.CommitUploadAsync("big", upload, [tag], default, default, default);

        Assert.Equal("paid", await Read(after, "invoices/../1"));
        Assert.Equal("whole", await Read(after, "big"));
        Assert.Equal(["big", "invoices/../1"], (await after.ListAsync("", null, null, 10, default)).Select(item => item.Key));
    }

    [Fact]
    public async Task An_upload_that_was_committed_cannot_be_aborted()
    {
        await using var driver = await Open();
        var upload = await driver.BeginUploadAsync("a", Headers, default);
        var tag = await driver.UploadPartAsync("a", upload, 1, "whole"u8.ToArray(), default);
        await driver.CommitUploadAsync("a", upload, [tag], default, default, default);

        await driver.AbortUploadAsync("a", upload, default);

        Assert.Equal("whole", await Read(driver, "a"));
    }

    [Fact]
    public async Task Nothing_is_left_on_disk_of_what_was_replaced_deleted_refused_or_aborted()
    {
        await using var driver = await Open();
        await Put(driver, "a", "1");
        await Put(driver, "a", "2");
        await driver.PutAsync("a", new byte[9], Headers, default, WriteCondition.IfAbsent, default);
        await driver.CopyAsync("a", "b", default, default);
        await driver.CopyAsync("a", "b", WriteCondition.IfAbsent, default);
        foreach (var commit in new[] { true, false })
        {
            var upload = await driver.BeginUploadAsync("c", Headers, default);
            var tag = await driver.UploadPartAsync("c", upload, 1, new byte[9], default);
            _ = commit ? (object)await driver.CommitUploadAsync("c", upload, [tag], default, default, default) : null;
            await driver.AbortUploadAsync("c", upload, default);
        }

        foreach (var key in new[] { "a", "b", "c" })
        {
            Assert.True(await driver.DeleteAsync(key, default, default));
        }

        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories)
            .Where(path => File.Exists(path) || path.Contains("/data/", StringComparison.Ordinal)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Readers_see_an_old_object_or_a_new_one_while_it_is_replaced()
    {
        await using var driver = await Open();
        await Put(driver, "a", "0000");
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Single((await Read(driver, "a"))!.Distinct());
            }
        })).ToList();
        for (var round = 0; round < 100; round++)
        {
            await Put(driver, "a", new string((char)('a' + (round % 26)), 4 + (round * 100)));
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Nothing_leaves_the_folder()
    {
        await using var driver = await Open("../../escape");
        await Put(driver, "../../../../escape", "x");
        await Put(driver, "/" + _folder + "/escape", "x");

        Assert.All(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories), file => Assert.Contains("%2f", file, StringComparison.Ordinal));
        Assert.Single(Directory.EnumerateDirectories(_folder));
    }

    [Fact]
    public async Task A_binding_without_a_folder_says_what_would_be_right()
    {
        var route = new ServiceRoute(FilesProvider.Name, "direct", new Uri("http://127.0.0.1"), "local", "x");
        var error = await Assert.ThrowsAsync<FuryException>(async () =>
            await FilesProvider.Factories[0].OpenAsync(new DriverContext("invoices", route, TimeProvider.System), default));

        Assert.Equal("The binding of 'invoices' to files has no folder as its endpoint; one like file:///var/lib/shop is right.", error.Message);
    }

    private static ObjectHeaders Headers { get; } = new("text/plain", new Dictionary<string, string>());

    private async Task<IObjectDriver> Open(string resource = "invoices") => (IObjectDriver)await FilesProvider.Factories[0].OpenAsync(
        new DriverContext("invoices", new Target(Endpoint).Route(ServiceKind.Objects, resource), TimeProvider.System), default);

    private static async Task Put(IObjectDriver driver, string key, string text) =>
        Assert.True((await driver.PutAsync(key, System.Text.Encoding.UTF8.GetBytes(text), Headers, default, default, default)).Applied);

    private static async Task<string?> Read(IObjectDriver driver, string key)
    {
        await using var opened = await driver.OpenAsync(key, 0, null, default);
        return opened is null ? null : await new StreamReader(opened.Content).ReadToEndAsync();
    }

    private sealed class Target(Uri folder) : ConformanceTarget
    {
        public override string Name => "files";

        public override IReadOnlyList<IDriverFactory> Factories => FilesProvider.Factories;

        public override ServiceRoute Route(ServiceKind kind, string resource) => new(FilesProvider.Name, "direct", folder, "local", resource);
    }
}
