using Fury.Sdk.Drivers;

namespace Fury.Sdk.Azure;

/// <summary>
/// Azure Blob Storage. A binding's resource is a container that is there; its credential is like <c>env:ACCOUNT_VARIABLE,KEY_VARIABLE</c>; without an
/// endpoint it is the account's own address. A page of a listing reads all names under its prefix, since Azure cannot begin after a name.
/// </summary>
public static class AzureBlobProvider
{
    /// <summary>As it is named in bindings.</summary>
    public const string Name = "azure-blob";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Objects, Name, (context, _) => ValueTask.FromResult<IDriver>(new AzureBlobs(new AzureBlobClient(context), context))),
    ];
}
