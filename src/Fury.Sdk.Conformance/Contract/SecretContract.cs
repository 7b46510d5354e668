using Fury.Sdk.Secrets;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class SecretContract
{
    private static readonly Section Secrets = new(ServiceKind.Secrets, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Secrets.Core("secrets: what was never added is absent", async run => True(await (await Open(run)).GetAsync("none") is null)),
        Secrets.With(SecretCapabilities.Write, "secrets: versions never change and the newest is given", async run =>
        {
            var vault = await Open(run);
            var first = await vault.AddVersionAsync("db", Bytes("one"));
            var second = await vault.AddVersionAsync("db", Bytes("two"));
            True(first != second);
            Equal("two", NotNull(await vault.GetAsync("db")).RevealText());
            Equal("one", NotNull(await vault.GetAsync("db", first)).RevealText());
            True(await vault.GetAsync("db", "no-such") is null);
        }),
        Secrets.With(SecretCapabilities.Write, "secrets: a secret does not show itself", async run =>
        {
            var vault = await Open(run);
            await vault.AddVersionAsync("db", Bytes("canary-7731"));
            True(!$"{NotNull(await vault.GetAsync("db"))}".Contains("canary-7731"));
        }),
        Secrets.With(SecretCapabilities.Write, "secrets: names are listed once in order", async run =>
        {
            var vault = await Open(run);
            foreach (var name in new[] { "b", "a/x", "a", "b" })
            {
                await vault.AddVersionAsync(name, Bytes("v"));
            }

            Sequence(["a", "a/x", "b"], await All(vault.ListNames()));
        }),
        Secrets.With(SecretCapabilities.Write, "secrets: a rotation reaches who watches", async run =>
        {
            var vault = await Open(run);
            await vault.AddVersionAsync("db", Bytes("one"));
            await using var versions = vault.WatchAsync("db").GetAsyncEnumerator();
            await versions.MoveNextAsync();
            Equal("one", versions.Current.RevealText());
            var next = versions.MoveNextAsync().AsTask();
            await vault.AddVersionAsync("db", Bytes("two"));
            await run.Advance(TimeSpan.FromSeconds(11));
            True(await next);
            Equal("two", versions.Current.RevealText());
        }),
        Secrets.With(SecretCapabilities.Encrypt, "secrets: only the same key and data decrypt", async run =>
        {
            var vault = await Open(run);
            var sealedBytes = await vault.EncryptAsync("k", Bytes("plain"), Bytes("for:a"));
            Equal("plain", Text(await vault.DecryptAsync("k", sealedBytes, Bytes("for:a"))));
            await Fails(FuryErrorCode.Corrupted, () => vault.DecryptAsync("k", sealedBytes, Bytes("for:b")).AsTask());
            await Fails(FuryErrorCode.Corrupted, () => vault.DecryptAsync("other", sealedBytes, Bytes("for:a")).AsTask());
            sealedBytes[^1] ^= 1;
            await Fails(FuryErrorCode.Corrupted, () => vault.DecryptAsync("k", sealedBytes, Bytes("for:a")).AsTask());
            await Fails(FuryErrorCode.Corrupted, () => vault.DecryptAsync("k", Bytes("short")).AsTask());
        }),
        Secrets.With(SecretCapabilities.Encrypt, "secrets: the same text is never the same ciphertext", async run =>
        {
            var vault = await Open(run);
            var first = await vault.EncryptAsync("k", Bytes("plain"));
            var second = await vault.EncryptAsync("k", Bytes("plain"));
            True(!first.AsSpan().SequenceEqual(second));
        }),
    ];

    private static Task<SecretVault> Open(ConformanceRun run) => run.Open(ServiceKind.Secrets, (fury, name) => fury.Secrets(name));
}

internal static class ConfigurationContract
{
    private static readonly Section Config = new(ServiceKind.Configuration, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Config.Core("configuration: what was never set is absent", async run =>
        {
            var configuration = await run.Open(ServiceKind.Configuration, (fury, name) => fury.Configuration(name));
            True(await configuration.GetAsync("none", SampleJson.Default.Sample) is null);
        }),
    ];
}
