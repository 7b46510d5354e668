using System.Collections.Concurrent;
using System.Net;
using Fury.Sdk.Azure;
using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.Azure;

/// <summary>Azurite, which stands in for Azure's blobs, keeps what the driver says.</summary>
[RunsAgainst(AzureBlobProvider.Name, "the emulator Azurite", NeverAsked = "Azure Blob Storage", Also = "objects.access-url")]
[Collection(ObjectServers.Name)]
public sealed class AzuriteConformanceTests(AzuriteServer azurite)
{
    private readonly Target _target = new(azurite.Endpoint);

    public static TheoryData<string> Names =>
        [.. ConformanceSuite.Tests.Where(test => test.Kind == ServiceKind.Objects).Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Azurite_keeps(string name)
    {
        var result = await ConformanceSuite.RunAsync(_target, ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    [Fact]
    public async Task An_address_reads_and_writes_one_blob_and_a_changed_one_nothing()
    {
        await using var driver = (IObjectDriver)await _target.Factories[0].OpenAsync(
            new DriverContext("invoices", _target.Route(ServiceKind.Objects, $"urls-{Guid.NewGuid():n}"), TimeProvider.System), default);

        await AccessUrls.ReadAndWriteOne(driver, HttpStatusCode.Created, "sp=r&", "sp=rw&");
    }

    [Fact]
    public async Task A_container_that_is_not_there_and_a_key_that_is_wrong_are_told_without_the_key()
    {
        var route = _target.Route(ServiceKind.Objects, "nowhere");
        await using var absent = await AzureBlobProvider.Factories[0].OpenAsync(new DriverContext("invoices", route, TimeProvider.System), default);
        var error = await Assert.ThrowsAsync<FuryException>(async () => await absent.ProbeAsync(default));
        Assert.Equal((FuryErrorCode.NotFound, "ContainerNotFound", false), (error.Code, error.ProviderCode, error.OutcomeUnknown));

        Environment.SetEnvironmentVariable("FURY_TEST_AZURE_WRONG", "Y2FuYXJ5Y2FuYXJ5");
        var wrong = route with { Credential = "env:FURY_TEST_AZURE_ACCOUNT,FURY_TEST_AZURE_WRONG" };
        await using var refused = await AzureBlobProvider.Factories[0].OpenAsync(new DriverContext("invoices", wrong, TimeProvider.System), default);
        error = await Assert.ThrowsAsync<FuryException>(async () => await refused.ProbeAsync(default));
        Assert.Contains(error.Code, new[] { FuryErrorCode.Unauthenticated, FuryErrorCode.PermissionDenied });
        Assert.DoesNotContain("Y2FuYXJ5", error.ToString(), StringComparison.Ordinal);
    }

    private sealed class Target(Uri endpoint) : ConformanceTarget
    {
        /// <summary>What all emulators of Azure's storage have; no secret.</summary>
        private const string Account = "devstoreaccount1";
        private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

        private static readonly ConcurrentDictionary<string, bool> Made = new();

        public override string Name => "azurite";

        public override TimeSpan Patience => TimeSpan.FromSeconds(25);

        public override IReadOnlyList<IDriverFactory> Factories => [new DriverFactory(ServiceKind.Objects, AzureBlobProvider.Name, Open)];

        public override ServiceRoute Route(ServiceKind kind, string resource)
        {
            Environment.SetEnvironmentVariable("FURY_TEST_AZURE_ACCOUNT", Account);
            Environment.SetEnvironmentVariable("FURY_TEST_AZURE_KEY", Key);
            return new ServiceRoute(AzureBlobProvider.Name, "direct", new Uri(endpoint, Account), "local", resource)
            {
                Credential = "env:FURY_TEST_AZURE_ACCOUNT,FURY_TEST_AZURE_KEY",
            };
        }

        private static async ValueTask<IDriver> Open(DriverContext context, CancellationToken cancellation)
        {
            var container = context.Route.Resource;
            if (!container.EndsWith("-declared", StringComparison.Ordinal) && Made.TryAdd(container, true))
            {
                using var client = new AzureBlobClient(context);
                using var made = await client.Send(HttpMethod.Put, null, [("restype", "container")], [], ReadOnlyMemory<byte>.Empty, cancellation);
                Assert.True(made.IsSuccessStatusCode, $"{container}: {made.StatusCode} {await made.Content.ReadAsStringAsync(cancellation)}");
            }

            return await AzureBlobProvider.Factories[0].OpenAsync(context, cancellation);
        }
    }
}
