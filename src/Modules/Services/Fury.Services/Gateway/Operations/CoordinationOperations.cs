using Fury.Sdk.Drivers;

namespace Fury.Services.Gateway.Operations;

internal static class CoordinationOperations
{
    public static NamedOperation[] Locks =>
    [
        Lock("acquire", async (driver, call, stop) =>
        {
            var grant = await driver.TryAcquireAsync(call.Fields.Text(), call.Fields.Text(), call.Fields.Span(), stop);
            _ = grant is { } given ? call.Answer.Yes(true).Number(given.Counter).Time(given.ExpiresAt) : call.Answer.Yes(false);
        }),
        Lock("renew", async (driver, call, stop) => call.Answer.Time(
            await driver.RenewAsync(call.Fields.Text(), call.Fields.Text(), call.Fields.Span(), stop))),
        Lock("release", async (driver, call, stop) => await driver.ReleaseAsync(call.Fields.Text(), call.Fields.Text(), stop)),
        Lock("peek", async (driver, call, stop) => call.Answer.Time(await driver.PeekAsync(call.Fields.Text(), stop))),
        Lock("raise", async (driver, call, stop) => await driver.RaiseAsync(call.Fields.Text(), call.Fields.Number(), stop)),
    ];

    public static NamedOperation[] Sequences =>
    [
        Sequence("reserve", async (driver, call, stop) => call.Answer.Number(
            await driver.ReserveAsync(call.Fields.Text(), call.Fields.Number(), stop))),
        Sequence("peek", async (driver, call, stop) => call.Answer.Number(await driver.PeekAsync(call.Fields.Text(), stop))),
        Sequence("raise", async (driver, call, stop) => await driver.RaiseAsync(call.Fields.Text(), call.Fields.Number(), stop)),
    ];

    private static NamedOperation Lock(string name, Func<ILockDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<ILockDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));

    private static NamedOperation Sequence(string name, Func<ISequenceDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<ISequenceDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));
}
