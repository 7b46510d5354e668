using System.Diagnostics;

namespace Fury.Testing;

/// <summary>
/// A real S3 on loopback: Ceph's gateway over one monitor and one store in memory, of Debian's packages radosgw, ceph-mon and ceph-osd. It takes some
/// seconds to start.
/// </summary>
public sealed class CephServer : ServerProcess
{
    public const string AccessKey = "fury-test";
    public const string Secret = "fury-test-secret-canary";

    private const int StoresMax = 3;
    private const int AskedMax = 5;

    private static readonly TimeSpan EachWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(30);

    private readonly int _monitor = FreePort();

    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    private string Settings => Path.Combine(Folder, "ceph.conf");

    protected override async Task<Process> Start()
    {
        var (cluster, osd) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var (keyring, map) = (Path.Combine(Folder, "keyring"), Path.Combine(Folder, "monmap"));
        Directory.CreateDirectory(Path.Combine(Folder, "mon"));
        Directory.CreateDirectory(Path.Combine(Folder, "osd"));
        await File.WriteAllTextAsync(Settings, Configuration(cluster) + Environment.NewLine);
        await Ended("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
        await Ended("monmaptool", "--create", "--fsid", cluster, "--addv", "a", $"[v1:127.0.0.1:{_monitor}]", map);
        await Ended("ceph-mon", "--mkfs", "-i", "a", "--monmap", map, "--keyring", keyring);
        Own(Launch("ceph-mon", "-i", "a", "-f"));
        var id = await NewStore(osd);
        await Ended("ceph-osd", "-i", id, "--mkfs", "--osd-uuid", osd);
        // Whoever asks for a pool before there is a store may wait for ever.
        await StoreIsUp(id);
        return Launch("radosgw", "-n", "client.rgw", "-f");
    }

    /// <summary>A monitor that has just begun may refuse everything. Asked again for the same store, it gives the same number.</summary>
    private async Task<string> NewStore(string store)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (await Ended("ceph", "osd", "new", store)).Trim();
            }
            catch (InvalidOperationException) when (attempt < AskedMax)
            {
                // Each question is a program of its own, which takes longer than the monitor needs.
            }
        }
    }

    /// <summary>Where others start a dozen servers at the same time, a store may stay outside of its cluster; the next one does not.</summary>
    private async Task StoreIsUp(string id)
    {
        for (var attempt = 1; ; attempt++)
        {
            var store = Own(Launch("ceph-osd", "-i", id, "-f"));
            try
            {
                await Eventually.True(
                    async () => (await Ended("ceph", "osd", "stat")).Contains("1 up", StringComparison.Ordinal), StoreWithin, "the store is up");
                return;
            }
            catch (Exception) when (attempt < StoresMax)
            {
                store.Kill();
                await store.WaitForExitAsync();
            }
        }
    }

    protected override Task Prepare() => Ended(
        "radosgw-admin", "user", "create", "--uid", "fury", "--display-name", "fury", "--access-key", AccessKey, "--secret-key", Secret,
        "--max-buckets", "100000");

    /// <summary>It listens before it can serve.</summary>
    protected override async Task<bool> IsUp()
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(Endpoint);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Nothing is proven to anybody within the cluster, nothing is kept, nothing is done in the background.</summary>
    private string Configuration(string cluster) => $"""
        [global]
        fsid = {cluster}
        mon_host = v1:127.0.0.1:{_monitor}
        mon_initial_members = a
        public_network = 127.0.0.0/8
        cluster_network = 127.0.0.0/8
        auth_cluster_required = none
        auth_service_required = none
        auth_client_required = none
        ms_bind_msgr2 = false
        osd_pool_default_size = 1
        osd_pool_default_min_size = 1
        osd_pool_default_pg_num = 1
        osd_pool_default_pgp_num = 1
        osd_pool_default_pg_autoscale_mode = off
        mon_allow_pool_size_one = true
        osd_crush_chooseleaf_type = 0
        osd_objectstore = memstore
        memstore_device_bytes = 2147483648
        paxos_propose_interval = 0.05
        paxos_min_wait = 0.01
        run_dir = {Folder}
        pid_file =
        admin_socket =
        log_file = {Folder}/$name.log
        mon_cluster_log_file = {Folder}/cluster.log
        mon_data = {Folder}/mon
        osd_data = {Folder}/osd
        keyring = {Folder}/keyring
        rgw_frontends = beast endpoint=127.0.0.1:{Port}
        rgw_thread_pool_size = 64
        rgw_rados_pool_pg_num_min = 1
        rgw_enable_gc_threads = false
        rgw_enable_lc_threads = false
        rgw_run_sync_thread = false
        """;

    /// <summary>What a program has printed that has ended well.</summary>
    private async Task<string> Ended(string program, params string[] arguments)
    {
        using var process = Launch(program, arguments);
        using var deadline = new CancellationTokenSource(EachWithin);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' has not ended within {EachWithin}.");
        }

        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"'{program} {arguments[0]}' has ended with {process.ExitCode}: {await error}");
    }

    private Process Launch(string program, params string[] arguments)
    {
        var command = Command(program, arguments);
        command.Environment["CEPH_CONF"] = Settings;
        return Process.Start(command)!;
    }
}
