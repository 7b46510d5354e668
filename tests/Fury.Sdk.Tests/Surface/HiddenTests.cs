using Fury.Sdk.Etcd;
using Fury.Sdk.Nats;
using Fury.Sdk.Platform;

namespace Fury.Sdk.Tests.Surface;

/// <summary>What is printed by accident shows no secret.</summary>
public sealed class HiddenTests
{
    public static TheoryData<string> Printed =>
    [
        $"{new NatsHello("ana", "canary")}", $"{new EtcdSignIn("ana", "canary")}", $"{new EtcdSignedIn("canary")}",
        $"{new PlatformSecret(1, "canary", default)}",
    ];

    [Theory]
    [MemberData(nameof(Printed))]
    public void What_is_secret_is_not_shown(string printed) => Assert.DoesNotContain("canary", printed, StringComparison.Ordinal);
}
