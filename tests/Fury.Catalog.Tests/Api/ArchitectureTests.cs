using System.Buffers.Binary;
using System.Net;
using System.Text.Json;

namespace Fury.Catalog.Tests.Api;

/// <summary>What machines an artifact is for.</summary>
public sealed class ArchitectureTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    [Theory]
    [InlineData("amd", 62, "[\"amd64\"]")]
    [InlineData("arm", 183, "[\"arm64\"]")]
    [InlineData("other", 243, "[]")]
    [InlineData("script", 0, "[]")]
    public async Task It_follows_from_the_header_of_the_command(string name, ushort machine, string expected)
    {
        using var created = await Register($"{name}-shop", machine, null);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(expected, Architectures(await CatalogFixture.Json(created)));
    }

    [Fact]
    public async Task Who_registers_may_say_it_and_may_not_say_otherwise_than_the_header()
    {
        using var said = await Register("said-shop", 0, ["arm64", "amd64", "arm64"]);
        Assert.Equal("[\"amd64\",\"arm64\"]", Architectures(await CatalogFixture.Json(said)));
        using var again = await Register("said-shop", 0, ["amd64", "arm64"]);
        using var silent = await Register("said-shop", 0, null);
        using var less = await Register("said-shop", 0, ["arm64"]);
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict), (again.StatusCode, silent.StatusCode, less.StatusCode));

        using var lie = await Register("lie-shop", 62, ["arm64"]);
        Assert.Equal(HttpStatusCode.BadRequest, lie.StatusCode);
        Assert.Contains("artifact.architectures must be amd64", await lie.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var odd = await Register("odd-shop", 0, ["mips"]);
        Assert.Contains("one of amd64, arm64", await odd.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string Architectures(JsonElement version) => version.GetProperty("artifact").GetProperty("architectures").GetRawText();

    private async Task<HttpResponseMessage> Register(string application, ushort machine, string[]? architectures)
    {
        using var _ = await catalog.Put($"applications/{application}", new { team = "core" });
        var folder = catalog.ArtifactFolder(application);
        if (machine > 0)
        {
            var header = new byte[64];
            ((byte[])[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(header, 0);
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(18), machine);
            await File.WriteAllBytesAsync(Path.Combine(folder, "hello"), header);
        }

        object artifact = architectures is null ? new { path = folder, command = "hello" } : new { path = folder, command = "hello", architectures };
        return await catalog.Put($"applications/{application}/versions/1.0.0", new { artifact });
    }
}
