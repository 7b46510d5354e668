using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Fury.Kernel;
using Fury.Processes;
using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Providers.Local.Tests;

/// <summary>What the machine's own process table says of local instances.</summary>
public sealed class LocalProcessTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly LocalHost _host = new();

    public Task InitializeAsync() => _host.InitializeAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_host_that_died_leaves_its_processes_and_the_next_one_adopts_them()
    {
        var instance = await Run("serve");
        var pid = Pid(instance.Id);

        await _host.DieAndStart();

        var seen = await Seen(instance.Id);
        Assert.Equal((ProviderInstanceState.Running, 0, instance.Address), (seen.State, seen.Restarts, seen.Address));
        Assert.Equal([pid], Pids(instance.Id));
        await _host.Instances.Terminate(instance.Id, Grace, default);
        await Eventually.True(() => Pids(instance.Id).Count == 0);
    }

    [Fact]
    public async Task A_host_that_died_before_it_recorded_the_process_finds_it_again()
    {
        var instance = await Run("serve");
        var pid = Pid(instance.Id);
        _host.Instances.Abandon();
        var record = JsonNode.Parse(await File.ReadAllTextAsync(_host.RecordOf(instance.Id)))!;
        record.AsObject().Remove("pid");
        await File.WriteAllTextAsync(_host.RecordOf(instance.Id), record.ToJsonString());

        await _host.Start();
        var again = await _host.Instances.Create(_host.Request("serve", instance.ClientToken), default);

        Assert.Equal(instance.Id, Assert.Single(again.Value).Id);
        Assert.Equal([pid], Pids(instance.Id));
    }

    [Fact]
    public async Task A_process_that_the_records_have_lost_is_not_started_a_second_time()
    {
        var instance = await Run("serve");
        var pid = Pid(instance.Id);

        // Two hosts at once on the same records, as no data folder should ever see: the lock that the process holds is what is left.
        _host.Instances.Abandon();
        var folder = new InstanceFolder(Path.GetDirectoryName(_host.RecordOf(instance.Id))!);
        var start = Launch.Of(folder.Read()!, "/bin/true", folder);
        using var second = Process.Start(start)!;
        await second.WaitForExitAsync();

        Assert.Equal(Detached.ExitLocked, second.ExitCode);
        Assert.Equal([pid], Pids(instance.Id));
        await _host.Start();
    }

    [Fact]
    public async Task A_process_of_this_data_folder_that_nobody_wants_is_ended()
    {
        var instance = await Run("serve");
        _host.Instances.Abandon();
        Directory.Delete(Path.GetDirectoryName(_host.RecordOf(instance.Id))!, recursive: true);

        await _host.Start();

        await Eventually.True(() => Pids(instance.Id).Count == 0);
    }

    [Fact]
    public async Task Instances_stop_with_the_host_and_start_with_it_again()
    {
        var instance = await Run("serve");
        var pid = Pid(instance.Id);

        await _host.Stop();
        Assert.Empty(Pids(instance.Id));
        await _host.Start();

        await Eventually.True(async () => (await Seen(instance.Id)).State == ProviderInstanceState.Running);
        var seen = await Seen(instance.Id);
        Assert.Equal((0, instance.Address), (seen.Restarts, seen.Address));
        await Eventually.True(() => Pids(instance.Id) is [var again] && again != pid);
    }

    [Fact]
    public async Task A_process_is_asked_to_end_first()
    {
        var instance = await Run("serve");

        await _host.Instances.Terminate(instance.Id, Grace, default);
        Assert.Equal(ProviderInstanceState.Stopping, (await Seen(instance.Id)).State);
        await Eventually.True(async () => (await Seen(instance.Id)).State == ProviderInstanceState.Stopped);

        Assert.Contains("ending", await Lines(instance.Id));
        Assert.Empty(Pids(instance.Id));
    }

    [Fact]
    public async Task A_process_that_will_not_end_is_killed_at_the_deadline()
    {
        var instance = await Run("stubborn");
        var watch = Stopwatch.StartNew();

        await _host.Instances.Terminate(instance.Id, TimeSpan.FromMilliseconds(400), default);
        await Eventually.True(async () => (await Seen(instance.Id)).State == ProviderInstanceState.Stopped);

        Assert.True(watch.ElapsedMilliseconds >= 400, "It was not given its time.");
        Assert.Empty(Pids(instance.Id));
    }

    [Fact]
    public async Task A_host_that_died_while_it_stopped_a_process_finishes_that()
    {
        var instance = await Run("stubborn");
        await _host.Instances.Terminate(instance.Id, TimeSpan.FromMilliseconds(500), default);

        await _host.DieAndStart();

        await Eventually.True(async () => (await Seen(instance.Id)).State == ProviderInstanceState.Stopped);
        Assert.Empty(Pids(instance.Id));
    }

    [Fact]
    public async Task A_process_that_crashes_is_started_again_and_its_restarts_are_counted()
    {
        var instance = (await _host.Instances.Create(_host.Request("crash", Token()), default)).Value[0];

        await Eventually.True(async () => (await Seen(instance.Id)).Restarts >= 2);

        await Eventually.True(async () => (await Seen(instance.Id)).State == ProviderInstanceState.Crashed);
        Assert.Contains("exit code 3", (await Seen(instance.Id)).Reason, StringComparison.Ordinal);
        Assert.True((await Lines(instance.Id)).Count(line => line == "crashing") >= 2);
    }

    [Fact]
    public async Task A_process_that_is_killed_is_seen_at_once_and_started_again()
    {
        var instance = await Run("serve");
        var pid = Pid(instance.Id);

        InstanceProcess.KillGroupOf(pid);

        await Eventually.True(async () => await Seen(instance.Id) is { State: ProviderInstanceState.Running, Restarts: 1 });
        await Eventually.True(() => Pids(instance.Id) is [var next] && next != pid);
    }

    [Fact]
    public async Task A_process_that_has_no_group_of_its_own_yet_is_ended_too()
    {
        // So is every one between its fork and its setsid, which no test can hold there.
        var process = InstanceProcess.Start(new("sleep", "600"));

        process.KillGroup();

        Assert.NotEqual(0, await process.Exited.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task The_environment_is_the_requests_and_nothing_of_the_hosts_secrets()
    {
        Environment.SetEnvironmentVariable("ConnectionStrings__Fury", "Password=secret");
        var instance = await Run("environment");

        await Eventually.True(async () => (await Lines(instance.Id)).Any(line => line.StartsWith("PORT=", StringComparison.Ordinal)));
        await Eventually.True(async () => (await Lines(instance.Id)).Contains("SCOPE=test-web"));

        var lines = await Lines(instance.Id);
        Assert.Contains($"FURY_ADDRESS={instance.Address}", lines);
        Assert.Contains($"PORT={instance.Port}", lines);
        Assert.DoesNotContain(lines, line => line.Contains("secret", StringComparison.Ordinal));
        string[] allowed =
        [
            "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "SCOPE", "PORT", "PWD",
            "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "FURY_INSTANCE_ID", "FURY_ADDRESS", "FURY_LOCAL_ID",
        ];
        Assert.Empty(lines.Select(line => line.Split('=')[0]).Except(allowed));
    }

    [Fact]
    public async Task Logs_are_rotated_bounded_and_followed()
    {
        using var enough = new CancellationTokenSource(Eventually.Deadline);
        var instance = await Run("chatter");
        var folder = Path.GetDirectoryName(_host.RecordOf(instance.Id))!;
        await Eventually.True(() => File.Exists(Path.Combine(folder, "output.2.log")));

        var followed = await _host.Instances.Logs(instance.Id, 5, follow: true, enough.Token).Take(50).ToListAsync();

        Assert.Equal(50, followed.Count);
        Assert.True(Directory.GetFiles(folder, "output*.log").Length <= 3);
    }

    [Fact]
    public async Task A_port_that_is_taken_on_every_address_is_named_with_the_process_that_has_it()
    {
        using var taker = new TcpListener(IPAddress.Any, 0);
        taker.Start();
        var port = ((IPEndPoint)taker.LocalEndpoint).Port;

        var refused = Addresses.Allocate("local-00000000-", port, new HashSet<string>());

        Assert.Equal(FaultKind.Exhausted, refused.Fault?.Kind);
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), refused.Fault!.Message, StringComparison.Ordinal);
        Assert.Contains($"pid {Environment.ProcessId}", refused.Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_children_of_a_process_use_counts_until_it_has_stopped()
    {
        var (idle, busy) = (await Run("serve"), await Run("busy"));

        await Eventually.True(async () => (await Used(busy.Id))?.CpuSeconds > 0.5);
        var used = (await _host.Instances.Usage([idle.Id, busy.Id], default)).Value.ToDictionary(usage => usage.Id);
        await _host.Instances.Terminate(busy.Id, Grace, default);

        Assert.True(used[busy.Id].CpuSeconds > used[idle.Id].CpuSeconds, $"{used[busy.Id]} and {used[idle.Id]}");
        Assert.All(used.Values, usage => Assert.True(usage.MemoryBytes > 100_000, $"{usage}"));
        await Eventually.True(async () => await Used(busy.Id) is null);

        async Task<InstanceUsage?> Used(string id) => (await _host.Instances.Usage([id], default)).Value.SingleOrDefault();
    }

    [Theory]
    [InlineData("missing", "no file")]
    [InlineData("not-executable", "no execute permission")]
    [InlineData("garbage", "neither a program")]
    [InlineData("../../../bin/sh", "within the artifact's folder")]
    public async Task An_artifact_that_is_no_executable_is_refused_with_the_reason(string command, string reason)
    {
        var refused = await _host.Instances.Create(_host.Request(command, Token()), default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Contains(reason, refused.Fault!.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_host.Root, "data", "local", "instances")));
    }

    [Fact]
    public async Task An_environment_that_the_system_refuses_is_a_clear_error_and_leaves_nothing_behind()
    {
        var request = _host.Request("serve", Token());
        var huge = new Dictionary<string, string> { ["HUGE"] = new('x', 1_000_000) };

        var refused = await _host.Instances.Create(request with { Environment = huge }, default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.True(refused.Fault!.Message.Length < 500);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_host.Root, "data", "local", "instances")));
    }

    private static string Token() => Guid.NewGuid().ToString("N");

    private static List<int> Pids(string id) => [.. InstanceMark.Find(id).Values];

    private static int Pid(string id) => Assert.Single(Pids(id));

    private async Task<ProviderInstance> Run(string command)
    {
        var created = await _host.Instances.Create(_host.Request(command, Token()), default);
        Assert.True(created.IsOk, created.Fault?.ToString());
        // Its first line says that the script itself runs, and no longer what starts it.
        await Eventually.True(async () => (await Lines(created.Value[0].Id)).Count > 0);
        return created.Value[0];
    }

    private async Task<ProviderInstance> Seen(string id) => (await _host.Instances.Describe([id], default)).Value.Single();

    private ValueTask<List<string>> Lines(string id) =>
        _host.Instances.Logs(id, 1000, follow: false, default).Select(line => line.Text).ToListAsync();
}
