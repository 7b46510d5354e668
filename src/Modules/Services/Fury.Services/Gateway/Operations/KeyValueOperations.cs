using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;

namespace Fury.Services.Gateway.Operations;

internal static class KeyValueOperations
{
    public static NamedOperation[] All =>
    [
        On("get", async (driver, call, stop) =>
            KvWire.ItemOrNull(call.Answer, await driver.GetAsync(KvWire.Key(call.Fields), call.Fields.Choice<ReadConsistency>(), stop))),
        On("get-many", async (driver, call, stop) => call.Answer.List(
            await driver.GetManyAsync(call.Fields.List(KvWire.Key), call.Fields.Choice<ReadConsistency>(), stop),
            static (to, item) => KvWire.ItemOrNull(to, item))),
        On("write", async (driver, call, stop) =>
        {
            var written = await driver.WriteAsync(KvWire.Step(call.Fields), stop);
            call.Answer.Yes(written.Applied).Text(written.Revision);
        }),
        On("transact", async (driver, call, stop) =>
        {
            var revisions = await driver.TransactAsync(call.Fields.List(KvWire.Step), stop);
            call.Answer.Yes(revisions is not null).List(revisions ?? [], static (to, revision) => to.Text(revision));
        }),
        On("scan", async (driver, call, stop) => call.Answer.List(
            await driver.ScanAsync(call.Fields.Text(), call.Fields.Text(), call.Fields.TextOrNull(), call.Fields.Int(), stop),
            static (to, item) => KvWire.Item(to, item))),
        On("keys", async (driver, call, stop) =>
        {
            var page = await driver.KeysAsync(call.Fields.TextOrNull(), call.Fields.Int(), stop);
            call.Answer.List(page.Keys, static (to, key) => KvWire.Key(to, key)).Text(page.Next);
        }),
    ];

    private static NamedOperation On(string name, Func<IKeyValueDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<IKeyValueDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));
}
