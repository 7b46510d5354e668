using Fury.Sdk.Drivers;

namespace Fury.Services.Gateway.Operations;

internal static class SecretOperations
{
    public static NamedOperation[] Secrets =>
    [
        Secret("get", async (driver, call, stop) =>
        {
            var found = await driver.GetAsync(call.Fields.Text(), call.Fields.TextOrNull(), stop);
            _ = found is null ? call.Answer.Yes(false) : call.Answer.Yes(true).Text(found.Version).Bytes(found.Value).Time(found.CreatedAt);
        }),
        Secret("add", async (driver, call, stop) => call.Answer.Text(await driver.AddVersionAsync(call.Fields.Text(), call.Fields.Bytes(), stop))),
        Secret("list", async (driver, call, stop) => call.Answer.List(
            await driver.ListAsync(call.Fields.TextOrNull(), call.Fields.Int(), stop), static (to, name) => to.Text(name))),
        Secret("encrypt", async (driver, call, stop) => call.Answer.Bytes(
            await driver.EncryptAsync(call.Fields.Text(), call.Fields.Bytes(), call.Fields.Bytes(), stop))),
        Secret("decrypt", async (driver, call, stop) =>
        {
            var plain = await driver.DecryptAsync(call.Fields.Text(), call.Fields.Bytes(), call.Fields.Bytes(), stop);
            _ = plain is null ? call.Answer.BytesOrNull(null) : call.Answer.Bytes(plain);
        }),
    ];

    public static NamedOperation[] Configuration =>
    [
        Config("get", async (driver, call, stop) =>
        {
            var document = await driver.GetAsync(stop);
            call.Answer.Number(document.Version).List(document.Sections, static (to, each) => to.Text(each.Key).Bytes(each.Value));
        }),
        Config("wait", async (driver, call, stop) => await driver.WaitAsync(call.Fields.Number(), call.Wait(), stop)),
    ];

    private static NamedOperation Secret(string name, Func<ISecretDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<ISecretDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));

    private static NamedOperation Config(string name, Func<IConfigurationDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<IConfigurationDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));
}
