using System.Net;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Api;

public sealed class VersionTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    [Fact]
    public async Task A_version_is_registered_once_and_never_changes()
    {
        using var _ = await catalog.Put("applications/version-shop", new { team = "core" });
        var folder = catalog.ArtifactFolder("version-shop");
        var body = new { artifact = new { path = folder, command = "hello", arguments = new[] { "--loud" } }, environment = new { A = "1" } };

        using var created = await catalog.Put("applications/version-shop/versions/1.0.0", body);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using var repeated = await catalog.Put("applications/version-shop/versions/1.0.0", body);
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.Equal(await created.Content.ReadAsStringAsync(), await repeated.Content.ReadAsStringAsync());

        using var environment = await catalog.Put("applications/version-shop/versions/1.0.0", body with { environment = new { A = "2" } });
        Assert.Equal(HttpStatusCode.Conflict, environment.StatusCode);
        catalog.ArtifactFolder("version-shop", "#!/bin/sh\necho other\n");
        using var content = await catalog.Put("applications/version-shop/versions/1.0.0", body);
        Assert.Equal(HttpStatusCode.Conflict, content.StatusCode);

        var artifact = (await CatalogFixture.Json(created)).GetProperty("artifact");
        Assert.True(File.Exists(Path.Combine(new Uri(artifact.GetProperty("uri").GetString()!).LocalPath, "hello")));
    }

    [Fact]
    public async Task A_refused_version_leaves_no_copy()
    {
        using var _ = await catalog.Put("applications/clean-shop", new { team = "core" });
        var folder = catalog.ArtifactFolder("clean-shop");
        using var created = await catalog.Put("applications/clean-shop/versions/1.0.0", new { artifact = new { path = folder, command = "hello" } });
        var store = Path.GetDirectoryName(new Uri((await CatalogFixture.Json(created)).GetProperty("artifact").GetProperty("uri").GetString()!).LocalPath)!;
        var before = Directory.EnumerateFileSystemEntries(store).Count();

        catalog.ArtifactFolder("clean-shop", "#!/bin/sh\necho other\n");
        using var refused = await catalog.Put("applications/clean-shop/versions/1.0.0", new { artifact = new { path = folder, command = "hello" } });

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(store).Count());
    }

    [Fact]
    public async Task Freezing_is_idempotent_and_the_scope_wins()
    {
        var scope = ScopeRef.Parse("freeze-shop/test-web");
        var version = VersionName.Parse("1.0.0");
        using var application = await catalog.Put("applications/freeze-shop", new { team = "core" });
        var door = catalog.Get<ICatalog>();
        Assert.Equal("There is no scope 'freeze-shop/test-web'.", (await door.Freeze(scope, version, default)).Fault?.Message);
        using var one = await catalog.Put("applications/freeze-shop/scopes/test-web", new { environment = new { A = "scope" } });
        Assert.Equal(FaultKind.NotFound, (await door.Freeze(scope, version, default)).Fault?.Kind);
        using var two = await catalog.Put("applications/freeze-shop/versions/1.0.0", new
        {
            artifact = new { path = catalog.ArtifactFolder("freeze-shop"), command = "hello" },
            environment = new { A = "version", B = "version" },
        });

        var frozen = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => door.Freeze(scope, version, default)));

        var release = Assert.Single(frozen.Select(one => (one.Value.Id, one.Value.CreatedAt)).Distinct());
        Assert.Equal(("scope", "version"), (frozen[0].Value.Environment["A"], frozen[0].Value.Environment["B"]));
        Assert.Equal(release.Id, (await door.FindRelease(release.Id, default)).Value.Id);

        using var changed = await catalog.Put("applications/freeze-shop/scopes/test-web", new { environment = new { A = "new" } }, "\"1\"");
        var next = (await door.Freeze(scope, version, default)).Value;
        Assert.NotEqual(release.Id, next.Id);
        using var back = await catalog.Put("applications/freeze-shop/scopes/test-web", new { environment = new { A = "scope" } }, "\"2\"");
        Assert.Equal(release.Id, (await door.Freeze(scope, version, default)).Value.Id);

        var listed = (await CatalogFixture.Json(await catalog.Client.GetAsync("applications/freeze-shop/scopes/test-web/releases"))).GetProperty("items");
        Assert.Equal([next.Id.Value, release.Id.Value], listed.EnumerateArray().Select(item => item.GetProperty("id").GetString()));
    }
}
