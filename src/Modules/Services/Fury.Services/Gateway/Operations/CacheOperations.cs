using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;

namespace Fury.Services.Gateway.Operations;

internal static class CacheOperations
{
    public static NamedOperation[] All =>
    [
        On("get", async (driver, call, stop) => call.Answer.BytesOrNull(await driver.GetAsync(call.Fields.Text(), stop))),
        On("set", async (driver, call, stop) => await driver.SetAsync(
            call.Fields.Text(), call.Fields.Bytes(), call.Fields.Span(), call.Fields.List(static from => from.Text()), stop)),
        On("remove", async (driver, call, stop) => await driver.RemoveAsync(call.Fields.Text(), stop)),
        On("remove-by-tag", async (driver, call, stop) => await driver.RemoveByTagAsync(call.Fields.Text(), stop)),
        On("increment", async (driver, call, stop) => call.Answer.Number(
            await driver.IncrementAsync(call.Fields.Text(), call.Fields.Number(), call.Fields.Span(), stop))),
        NamedOperation.On<LoggedCache>("watch", async (driver, call, stop) =>
            CacheWire.News(call.Answer, await driver.After(CacheWire.Known(call.Fields), call.Wait(), stop))),
    ];

    private static NamedOperation On(string name, Func<ICacheDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<ICacheDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));
}
