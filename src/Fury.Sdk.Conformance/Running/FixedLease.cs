using Fury.Sdk.Coordination;

namespace Fury.Sdk.Conformance;

/// <summary>A fence with a token of the test's choice.</summary>
internal sealed class FixedLease(long token) : LockLease
{
    public override string Resource => "test";

    public override long FencingToken => token;

    public override DateTimeOffset ExpiresAt => DateTimeOffset.MaxValue;

    public override CancellationToken Lost => CancellationToken.None;

    public override Task RenewAsync(TimeSpan lease, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
