using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;

namespace Fury.Services.Gateway.Operations;

internal static class QueueOperations
{
    public static NamedOperation[] All =>
    [
        On("send", async (driver, call, stop) => call.Answer.Yes(await driver.SendAsync(QueueWire.Message(call.Fields), stop))),
        On("receive", async (driver, call, stop) => call.Answer.List(
            await driver.ReceiveAsync(call.Fields.Choice<QueueSide>(), call.Fields.Int(), call.Fields.Span(), call.Wait(), stop),
            static (to, each) => QueueWire.Delivery(to, each))),
        On("complete", async (driver, call, stop) => await driver.CompleteAsync(call.Fields.Choice<QueueSide>(), call.Fields.Text(), stop)),
        On("abandon", async (driver, call, stop) =>
            await driver.AbandonAsync(call.Fields.Choice<QueueSide>(), call.Fields.Text(), call.Fields.Span(), stop)),
        On("dead-letter", async (driver, call, stop) => await driver.DeadLetterAsync(call.Fields.Text(), call.Fields.Text(), stop)),
        On("redrive", async (driver, call, stop) => await driver.RedriveAsync(call.Fields.Text(), stop)),
        On("renew", async (driver, call, stop) => call.Answer.Time(
            await driver.RenewAsync(call.Fields.Choice<QueueSide>(), call.Fields.Text(), call.Fields.Span(), stop))),
        On("depth", async (driver, call, stop) =>
        {
            var depth = await driver.GetDepthAsync(stop);
            call.Answer.Number(depth.Visible).Number(depth.Leased).Number(depth.Delayed).Number(depth.DeadLettered);
        }),
    ];

    public static NamedOperation[] Topics =>
    [
        NamedOperation.On<ITopicDriver>("publish", async (driver, call, stop) =>
            call.Answer.Yes(await driver.PublishAsync(QueueWire.Message(call.Fields), stop))),
    ];

    private static NamedOperation On(string name, Func<IQueueDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<IQueueDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));
}
