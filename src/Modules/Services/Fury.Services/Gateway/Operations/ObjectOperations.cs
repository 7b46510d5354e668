using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Sdk.Objects;

namespace Fury.Services.Gateway.Operations;

internal static class ObjectOperations
{
    public static NamedOperation[] All =>
    [
        On("head", async (driver, call, stop) => ObjectWire.PropertiesOrNull(call.Answer, await driver.HeadAsync(call.Fields.Text(), stop))),
        On("open", async (driver, call, stop) =>
        {
            var (key, offset, length) = (call.Fields.Text(), call.Fields.Number(), call.Fields.NumberOrNull());
            call.Open(await driver.OpenAsync(key, offset, length, stop), offset, length);
            ObjectWire.PropertiesOrNull(call.Answer, call.Content?.Properties);
        }),
        On("put", async (driver, call, stop) =>
        {
            var (key, headers, sha256) = (call.Fields.Text(), ObjectWire.Headers(call.Fields), call.Fields.Bytes());
            ObjectWire.Put(call.Answer, await driver.PutAsync(key, call.Bytes, headers, sha256, ObjectWire.Condition(call.Fields), stop));
        }),
        On("begin-upload", async (driver, call, stop) =>
            call.Answer.Text(await driver.BeginUploadAsync(call.Fields.Text(), ObjectWire.Headers(call.Fields), stop))),
        On("upload-part", async (driver, call, stop) =>
            call.Answer.Text(await driver.UploadPartAsync(call.Fields.Text(), call.Fields.Text(), call.Fields.Int(), call.Bytes, stop))),
        On("commit-upload", async (driver, call, stop) =>
        {
            var (key, upload, tags, sha256) = (call.Fields.Text(), call.Fields.Text(), call.Fields.List(static from => from.Text()), call.Fields.Bytes());
            ObjectWire.Put(call.Answer, await driver.CommitUploadAsync(key, upload, tags, sha256, ObjectWire.Condition(call.Fields), stop));
        }),
        On("abort-upload", async (driver, call, stop) => await driver.AbortUploadAsync(call.Fields.Text(), call.Fields.Text(), stop)),
        On("delete", async (driver, call, stop) =>
        {
            var deleted = await driver.DeleteAsync(call.Fields.Text(), ObjectWire.Condition(call.Fields), stop);
            call.Answer.Yes(deleted is not null).Yes(deleted ?? false);
        }),
        On("copy", async (driver, call, stop) => ObjectWire.Put(
            call.Answer, await driver.CopyAsync(call.Fields.Text(), call.Fields.Text(), ObjectWire.Condition(call.Fields), stop))),
        On("list", async (driver, call, stop) => call.Answer.List(
            await driver.ListAsync(
                call.Fields.Text(),
                call.Fields.NumberOrNull() is { } delimiter ? (char)delimiter : null,
                call.Fields.TextOrNull(),
                call.Fields.Int(),
                stop),
            static (to, item) => ObjectWire.Item(to, item))),
        On("access-url", async (driver, call, stop) =>
        {
            var (key, access, lifetime) = (call.Fields.Text(), call.Fields.Choice<UrlAccess>(), call.Fields.Span());
            var url = await driver.CreateAccessUrlAsync(key, new AccessUrlOptions(access, lifetime) { ContentType = call.Fields.TextOrNull() }, stop);
            call.Answer.Text(url.Uri.AbsoluteUri).Text(url.Method).Map(url.RequiredHeaders).Time(url.ExpiresAt);
        }),
    ];

    private static NamedOperation On(string name, Func<IObjectDriver, GatewayCall, CancellationToken, Task> run) =>
        NamedOperation.On<IObjectDriver>(name, (driver, call, stop) => new ValueTask(run(driver, call, stop)));
}
