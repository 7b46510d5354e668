using Fury.Access.Contracts;

namespace Fury.Testing;

/// <summary>Everybody may do everything, for the tests of modules: who may see what is the business of Access, and is tested there and in the host.</summary>
public sealed class OpenAccess : IAccess
{
    private static readonly Decision Yes = new(true, "Everybody may do everything.");

    public Task<Decision> Decide(Caller caller, Permission permission, Target target, CancellationToken cancellation) => Task.FromResult(Yes);

    public Task<Decision> DecideAnywhere(Caller caller, Permission permission, CancellationToken cancellation) => Task.FromResult(Yes);

    public Task<IReadOnlyList<Permission>> Permissions(Caller caller, Target? target, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Permission>>(Enum.GetValues<Permission>());

    public Task<IReadOnlyList<Reach>> Reach(Caller caller, Permission permission, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Reach>>([new(true, [], [], [])]);

    public Task<Sight> Sight(Caller caller, Permission permission, CancellationToken cancellation) => Task.FromResult(Access.Contracts.Sight.Everything);
}
