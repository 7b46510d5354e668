using System.Globalization;

namespace Fury.Hosting.Tests;

public sealed class NodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_second_host_on_the_same_folder_is_told_who_has_it()
    {
        using var first = new Node(_folder);
        var error = Assert.Throws<InvalidOperationException>(() => new Node(_folder));
        Assert.Contains(
            $"pid {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_stays_and_each_start_is_an_incarnation_of_its_own()
    {
        var first = new Node(_folder);
        first.Dispose();
        using var second = new Node(_folder);
        Assert.Equal(first.Name, second.Name);
        Assert.NotEqual(first.Incarnation, second.Incarnation);
    }
}
