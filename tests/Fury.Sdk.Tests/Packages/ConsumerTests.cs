using System.IO.Compression;
using System.Xml.Linq;

namespace Fury.Sdk.Tests.Packages;

/// <summary>An application of somebody else restores the package from a folder, with nothing of this house around it, builds and runs.</summary>
public sealed class ConsumerTests(PackedSdk packed) : IClassFixture<PackedSdk>
{
    private string App => Path.Combine(packed.Folder, "app");

    [Fact]
    public async Task It_restores_one_package_and_uses_a_store()
    {
        Directory.CreateDirectory(App);
        await File.WriteAllTextAsync(Path.Combine(App, "Directory.Build.props"), "<Project />");
        await File.WriteAllTextAsync(Path.Combine(App, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestoreAdditionalProjectSources>{packed.Feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Path.Combine(packed.Folder, "packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{CacheFolder}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Fury.Sdk" Version="[{PackedSdk.Version}]" />
                <FrameworkReference Include="Microsoft.AspNetCore.App" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(App, "Program.cs"), """
            using Fury.Sdk;
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;

            var services = new ServiceCollection();
            services.AddFury().AddKeyValue("carts");
            await using var provider = services.BuildServiceProvider();
            foreach (var hosted in provider.GetServices<IHostedService>())
            {
                await hosted.StartAsync(default);
            }

            var carts = provider.GetRequiredService<IFury>().KeyValue("carts");
            await carts.SetAsync("c1", "book"u8.ToArray());
            Console.WriteLine($"{carts.Binding.Provider} has {System.Text.Encoding.UTF8.GetString((await carts.GetAsync("c1"))!.Value.Span)}");
            """);

        var said = await PackedSdk.Dotnet(App, "run", "--project", "app.csproj", "-c", "Release");

        Assert.Equal("local has book", said.Trim().Split('\n')[^1]);
        var restored = Directory.GetFiles(Path.Combine(App, "obj"), "project.assets.json").Select(File.ReadAllText).Single();
        Assert.DoesNotContain("AWSSDK", restored, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Fury.Sdk")]
    [InlineData("Fury.Sdk.Testing")]
    [InlineData("Fury.Sdk.Conformance")]
    public async Task A_package_has_its_page_licence_docstrings_and_symbols_and_needs_only_what_is_promised(string name)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packed.Feed, $"{name}.{PackedSdk.Version}.nupkg"));
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains($"lib/net10.0/{name}.xml", files);
        Assert.True(File.Exists(Path.Combine(packed.Feed, $"{name}.{PackedSdk.Version}.snupkg")), "It has no symbols.");
        await using var nuspec = package.Entries.Single(entry => entry.FullName == $"{name}.nuspec").Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string? Of(string element) => metadata.Elements().SingleOrDefault(each => each.Name.LocalName == element)?.Value;
        Assert.Equal(("Apache-2.0", true), (Of("license"), Of("description") is { Length: > 20 }));
        Assert.Contains(Of("readme") ?? "none", files);
        var needs = metadata.Descendants().Where(each => each.Name.LocalName == "dependency").Select(each => each.Attribute("id")!.Value);
        Assert.All(needs, need => Assert.True(
            need == "Polly.Core" || need.StartsWith("Fury.Sdk", StringComparison.Ordinal) || need.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal),
            need));
    }

    /// <summary>What this machine has restored before; a fresh package of ours goes elsewhere, so that nobody finds it there tomorrow.</summary>
    private static string CacheFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
