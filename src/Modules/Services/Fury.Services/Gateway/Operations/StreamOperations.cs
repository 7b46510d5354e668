using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;

namespace Fury.Services.Gateway.Operations;

internal static class StreamOperations
{
    public static NamedOperation[] All =>
    [
        On("partitions", async (driver, call, stop) => call.Answer.List(await driver.GetPartitionsAsync(stop), static (to, name) => to.Text(name))),
        On("append", async (driver, call, stop) =>
            StreamWire.Position(call.Answer, await driver.AppendAsync(StreamWire.Append(call.Fields), stop))),
        On("read", async (driver, call, stop) => call.Answer.List(
            await driver.ReadAsync(call.Fields.Text(), StreamWire.Position(call.Fields), call.Fields.Int(), call.Wait(), stop),
            static (to, record) => StreamWire.Record(to, record))),
        On("claim", async (driver, call, stop) =>
        {
            var claim = await driver.ClaimAsync(call.Fields.Text(), call.Fields.Text(), call.Fields.Text(), call.Fields.Span(), stop);
            _ = claim is { } taken ? StreamWire.Position(call.Answer.Yes(true).Number(taken.Generation), taken.Checkpoint) : call.Answer.Yes(false);
        }),
        On("release", async (driver, call, stop) => await driver.ReleaseAsync(call.Fields.Text(), call.Fields.Text(), call.Fields.Text(), stop)),
        On("checkpoint", async (driver, call, stop) => call.Answer.Yes(await driver.CheckpointAsync(
            call.Fields.Text(), call.Fields.Text(), call.Fields.Number(), StreamWire.Position(call.Fields), stop))),
    ];

    private static NamedOperation On(string name, Func<IStreamDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<IStreamDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));
}
