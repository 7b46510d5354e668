namespace Fury.Deployments.Tests;

/// <summary>Tests that speak to the module over HTTP, all of a class to one house.</summary>
/// <param name="isIdle">The house's background work is not started.</param>
public abstract class OverHttp(House house, bool isIdle = false) : IClassFixture<House>, IAsyncLifetime
{
    private protected House House => house;

    private protected Api Http { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        await (isIdle ? Task.CompletedTask : house.Started());
        Http = await Api.Start(house.Services);
    }

    public async Task DisposeAsync() => await Http.DisposeAsync();
}
