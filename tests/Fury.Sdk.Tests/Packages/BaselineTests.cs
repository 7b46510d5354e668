using System.IO.Compression;
using System.Reflection;
using System.Reflection.Emit;
using Fury.Testing;

namespace Fury.Sdk.Tests.Packages;

/// <summary>
/// Packing holds a package against the one that was published before, where it is given (<c>FuryBaseline</c>, a folder). Nothing was published yet: the one
/// before is made here.
/// </summary>
public sealed class BaselineTests(PackedSdk packed) : IClassFixture<PackedSdk>
{
    private string Before => Path.Combine(packed.Folder, "before");

    [Fact]
    public async Task What_the_package_before_had_must_be_there()
    {
        MakeBefore();

        var said = await Pack();

        Assert.Contains("CP0001", said, StringComparison.Ordinal);
        Assert.Contains("Fury.Sdk.Gone", said, StringComparison.Ordinal);
    }

    /// <summary>The package of now, but its library has one type, which now is not there.</summary>
    private void MakeBefore()
    {
        Directory.CreateDirectory(Before);
        var package = Path.Combine(Before, "Fury.Sdk.0.0.1.nupkg");
        File.Copy(Path.Combine(packed.Feed, $"Fury.Sdk.{PackedSdk.Version}.nupkg"), package, overwrite: true);
        using var zip = ZipFile.Open(package, ZipArchiveMode.Update);
        zip.GetEntry("lib/net10.0/Fury.Sdk.dll")!.Delete();
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Fury.Sdk") { Version = new Version(0, 0, 1, 0) }, typeof(object).Assembly);
        assembly.DefineDynamicModule("Fury.Sdk").DefineType("Fury.Sdk.Gone", TypeAttributes.Public | TypeAttributes.Class).CreateType();
        using var library = zip.CreateEntry("lib/net10.0/Fury.Sdk.dll").Open();
        assembly.Save(library);
    }

    /// <summary>What it says when it refuses.</summary>
    private async Task<string> Pack()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PackedSdk.Dotnet(
            FuryProcess.Root, "pack", "src/Fury.Sdk", "-c", "Release", "--no-build", $"-p:PackageOutputPath={Path.Combine(packed.Folder, "refused")}",
            $"-p:PackageVersion={PackedSdk.Version}", $"-p:FuryBaseline={Before}", "-p:FuryBaselineVersion=0.0.1",
            $"-p:_ApiCompatValidatePackageSemaphoreFile={Path.Combine(packed.Folder, "done")}", "-v", "q", "--nologo"));
        return failure.Message;
    }
}
