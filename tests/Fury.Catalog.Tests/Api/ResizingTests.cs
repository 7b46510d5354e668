using System.Net;

namespace Fury.Catalog.Tests.Api;

public sealed class ResizingTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    [Fact]
    public async Task The_number_of_replicas_changes_and_nothing_else_does()
    {
        using var _ = await catalog.Put("applications/resized", new { team = "core" });
        using var made = await catalog.Put(
            "applications/resized/scopes/test-web", new { minReplicas = 2, maxReplicas = 3, healthPath = "/up", environment = new { A = "b" } });

        using var resized = await catalog.Put("applications/resized/scopes/test-web/replicas", new { minReplicas = 4 });
        var scope = await CatalogFixture.Json(resized);

        Assert.Equal(HttpStatusCode.OK, resized.StatusCode);
        Assert.Equal((4, 4), (scope.GetProperty("minReplicas").GetInt32(), scope.GetProperty("maxReplicas").GetInt32()));
        Assert.Equal(("/up", "b"), (scope.GetProperty("healthPath").GetString(), scope.GetProperty("environment").GetProperty("A").GetString()));
        Assert.Equal("\"2\"", resized.Headers.ETag?.Tag);
        using var stale = await catalog.Put("applications/resized/scopes/test-web/replicas", new { minReplicas = 5 }, "\"1\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
    }

    [Fact]
    public async Task A_bad_number_is_refused_and_so_is_a_scope_that_follows_the_clock_or_is_not_there()
    {
        using var _ = await catalog.Put("applications/clocked", new { team = "core" });
        using var made = await catalog.Put(
            "applications/clocked/scopes/test-web", new { minReplicas = 1, maxReplicas = 4, scaling = new { inFlightPerReplica = 20 } });
        foreach (var (scope, body, status) in new (string, object, HttpStatusCode)[]
        {
            ("test-web", new { minReplicas = 0 }, HttpStatusCode.BadRequest),
            ("test-web", new { }, HttpStatusCode.BadRequest),
            ("test-web", new { minReplicas = 3, maxReplicas = 2 }, HttpStatusCode.BadRequest),
            ("test-web", new { minReplicas = 3, environment = new { A = "b" } }, HttpStatusCode.BadRequest),
            ("test-web", new { minReplicas = 3 }, HttpStatusCode.Conflict),
            ("none-web", new { minReplicas = 3 }, HttpStatusCode.NotFound),
        })
        {
            using var answer = await catalog.Put($"applications/clocked/scopes/{scope}/replicas", body);
            Assert.Equal((body, status), (body, answer.StatusCode));
        }
    }
}
