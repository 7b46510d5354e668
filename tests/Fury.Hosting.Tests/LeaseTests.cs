using Dapper;
using Fury.LittleMonster.Testing;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Fury.Hosting.Tests;

public sealed class LeaseTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly LeaseOptions Short = new(TimeSpan.FromSeconds(1));

    private readonly string _name = $"lease-{Guid.NewGuid():n}";

    [Fact]
    public async Task Only_one_host_holds_a_lease_and_the_next_gets_a_higher_token()
    {
        await using var one = Host();
        await using var two = Host();
        var first = await Take(one);
        Assert.NotNull(first);
        Assert.Null(await Take(two));
        Assert.Null(await Take(one));

        await first.DisposeAsync();
        Assert.True(first.Lost.IsCancellationRequested);
        await using var second = await Take(two);
        Assert.True(second!.Token > first.Token);
    }

    [Fact]
    public async Task A_lease_is_renewed_past_its_time_to_live()
    {
        // Long enough for a machine that is busy with other tests.
        var options = new LeaseOptions(TimeSpan.FromSeconds(3));
        await using var one = Host(options: options);
        await using var two = Host(options: options);
        await using var lease = await Take(one);
        var before = await ExpiresAt();
        await Eventually.True(async () => await ExpiresAt() > before + options.Ttl);
        Assert.True(lease!.IsHeld);
        Assert.Null(await Take(two));
    }

    [Fact]
    public async Task A_lease_is_renewed_while_others_have_every_connection()
    {
        var options = new LeaseOptions(TimeSpan.FromSeconds(3));
        await using var one = Host(options: options);
        await using var lease = await Take(one);
        var before = await ExpiresAt();
        await Eventually.True(async () => await ExpiresAt() > before);

        var source = one.GetRequiredService<IDatabase>().Source;
        var taken = new List<NpgsqlConnection>();
        try
        {
            using var full = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            while (true)
            {
                taken.Add(await source.OpenConnectionAsync(full.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The pool has no more.
        }

        var then = await Expires();
        await Eventually.True(async () => await Expires() > then + options.Ttl);
        Assert.True(lease!.IsHeld);
        foreach (var connection in taken)
        {
            await connection.DisposeAsync();
        }

        Task<DateTime> Expires() =>
            taken[0].ExecuteScalarAsync<DateTime>("select expires_at from hosting.lease where name = @_name", new { _name });
    }

    [Fact]
    public async Task A_host_that_stands_still_has_lost_its_lease_before_another_can_take_it()
    {
        // The clock of the first host does not move, so it renews nothing, as in a pause of the process.
        var clock = new TestClock();
        await using var paused = Host(clock);
        await using var two = Host();
        await using var lease = await Take(paused);
        Assert.True(lease!.IsHeld);
        ILease? taken = null;
        await Eventually.True(async () => (taken = await Take(two)) is not null);
        await using var _ = taken;

        // It wakes as late as the other could take it, and knows at once.
        clock.Advance(Short.Ttl - Short.Margin);
        Assert.False(lease.IsHeld);
        await Eventually.True(() => lease.Lost.IsCancellationRequested);
        Assert.True(taken!.Token > lease.Token);
    }

    [Fact]
    public async Task A_lease_is_lost_by_the_local_clock_while_the_database_does_not_answer()
    {
        await using var one = Host();
        await using var lease = await Take(one);
        await using var blocker = await database.Database.Source.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await blocker.ExecuteAsync("lock table hosting.lease");

        await Eventually.True(() => lease!.Lost.IsCancellationRequested, TimeSpan.FromSeconds(5));
        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task A_lease_that_another_took_by_force_is_lost_at_the_next_renewal()
    {
        await using var one = Host();
        await using var lease = await Take(one);
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("update hosting.lease set token = nextval('hosting.fence') where name = @_name", new { _name });
        await Eventually.True(() => lease!.Lost.IsCancellationRequested, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_node_that_starts_again_takes_its_own_leases_at_once()
    {
        await using var one = Host();
        await using var lease = await Take(one);
        var successor = new FakeNode(one.GetRequiredService<INode>().Name);
        await using var next = database.BuildServices(services => services.Replace(ServiceDescriptor.Singleton<INode>(successor)));
        await using var taken = await Take(next);
        Assert.True(taken!.Token > lease!.Token);
    }

    [Fact]
    public async Task Hosts_that_fight_for_a_lease_never_hold_it_together_and_tokens_only_grow()
    {
        ServiceProvider[] hosts = [Host(), Host(), Host(), Host()];
        var holders = 0;
        var together = 0;
        var tokens = new System.Collections.Concurrent.ConcurrentQueue<long>();
        await Task.WhenAll(hosts.Select(host => Task.Run(async () =>
        {
            for (var attempt = 0; attempt < 200; attempt++)
            {
                if (await Take(host) is { } lease)
                {
                    together = Math.Max(together, Interlocked.Increment(ref holders));
                    tokens.Enqueue(lease.Token);
                    await Task.Yield();
                    Interlocked.Decrement(ref holders);
                    await lease.DisposeAsync();
                }
            }
        })));

        Assert.Equal(1, together);
        Assert.Equal(tokens.Distinct().Order(), tokens);
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    private ServiceProvider Host(TimeProvider? clock = null, LeaseOptions? options = null) => database.BuildServices(services =>
    {
        services.Replace(ServiceDescriptor.Singleton(options ?? Short));
        services.Replace(ServiceDescriptor.Singleton(clock ?? TimeProvider.System));
    });

    private Task<ILease?> Take(ServiceProvider host) => host.GetRequiredService<ILeases>().TryAcquire(_name, CancellationToken.None);

    private async Task<DateTime> ExpiresAt()
    {
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<DateTime>("select expires_at from hosting.lease where name = @_name", new { _name });
    }

    private sealed record FakeNode(string Name) : INode
    {
        public Guid Incarnation { get; } = Guid.NewGuid();

        public string DataFolder => "/nonexistent";
    }
}
