using Fury.Sdk.Drivers;

namespace Fury.Sdk.Files;

/// <summary>
/// Objects in a folder of this machine, for development and single servers: they survive a restart, and several processes may share them. A listing
/// looks at the names of all objects, so a bucket should have thousands of them, not millions.
/// </summary>
public static class FilesProvider
{
    /// <summary>As it is named in bindings, whose endpoint is like <c>file:///var/lib/shop</c> and whose resource is a folder in it.</summary>
    public const string Name = "files";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Objects, Name, (context, _) => ValueTask.FromResult<IDriver>(new FileObjects(Folder(context), context.Clock))),
    ];

    private static BucketFolder Folder(DriverContext context) => context.Route.Endpoint is { IsFile: true, LocalPath: var path }
        ? new BucketFolder(Path.Combine(path, FileNames.Encode(context.Route.Resource)))
        : throw Failure.Invalid($"The binding of '{context.Service}' to files has no folder as its endpoint; one like file:///var/lib/shop is right.");
}
