using Fury.Sdk.Bindings;
using Fury.Sdk.Files;
using Fury.Sdk.Hosting;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Tests.Files;

/// <summary>Objects that are written from objects as they are read: hashed once, and still held against what was written first.</summary>
public sealed class ObjectCopyTests : IAsyncLifetime
{
    private const int Part = 8 * 1024 * 1024;
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-copy-").FullName;

    private FuryRuntime Fury { get; } = new(TimeProvider.System);

    private ObjectBucket Bucket => Fury.Objects("copies");

    public async Task InitializeAsync()
    {
        var need = new ServiceNeed(ServiceKind.Objects, "copies");
        Fury.Add(need, null);
        var route = new ServiceRoute(FilesProvider.Name, "direct", new Uri(_folder), "local", "copies");
        var binder = new Binder(FilesProvider.Factories, TimeProvider.System, TimeSpan.FromSeconds(1));
        await binder.Bind(
            Fury.Find(ServiceKind.Objects, "copies")!.Channel, need, new ServiceBinding("copies", ServiceKind.Objects, 1, route), CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await Fury.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Part)]
    [InlineData(Part + 1)]
    [InlineData((2 * Part) + 7)]
    public async Task A_copy_is_what_was_written_and_has_its_checksum(int length)
    {
        var content = Content(length);
        var written = await Bucket.WriteAsync("source", content);

        ObjectProperties copied;
        await using (var read = await Bucket.OpenReadAsync("source"))
        {
            copied = await Bucket.WriteAsync("target", read!.Content);
            Assert.Equal(0, await read.Content.ReadAsync(new byte[1]));
        }

        Assert.Equal(content, await Bucket.ReadBytesAsync("target"));
        Assert.Equal((written.Length, Convert.ToHexString(written.Sha256.Span)), (copied.Length, Convert.ToHexString(copied.Sha256.Span)));
    }

    [Theory]
    [InlineData(5000)]
    [InlineData((2 * Part) + 7)]
    public async Task What_was_damaged_where_it_lies_is_not_written_elsewhere(int length)
    {
        await Bucket.WriteAsync("source", Content(length));
        var file = new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories).OrderByDescending(each => each.Length).First().FullName;
        await using (var damaged = File.OpenWrite(file))
        {
            damaged.Position = 50;
            damaged.WriteByte(0);
            damaged.WriteByte(0);
        }

        await using var read = await Bucket.OpenReadAsync("source");
        var error = await Assert.ThrowsAsync<FuryException>(() => Bucket.WriteAsync("target", read!.Content));

        Assert.Equal(FuryErrorCode.Corrupted, error.Code);
        Assert.Null(await Bucket.GetPropertiesAsync("target"));
    }

    [Fact]
    public async Task What_was_read_in_part_before_is_written_as_far_as_it_goes()
    {
        await Bucket.WriteAsync("source", Content(100));
        await using var read = await Bucket.OpenReadAsync("source");
        await read!.Content.ReadExactlyAsync(new byte[40]);

        Assert.Equal(60, (await Bucket.WriteAsync("target", read.Content)).Length);
    }

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }
}
