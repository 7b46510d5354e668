using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

public sealed class ApplyTests : IDisposable
{
    private const string Manifest = """
        # fury.yaml
        applications:
          shop:
            team: checkout
            criticality: high
            services:
              key-value: [carts]
            scopes:
              production-web:
                minReplicas: 2
                maxReplicas: 6
                environment: {LOG_LEVEL: info, PORT: 8080}
                routing: {requestTimeoutMs: 3000}
                dependencies: [stock/production-api]
                bindings:
                  key-value:
                    carts: {driver: redis, endpoint: "redis://10.0.0.7:6379"}
                schedules:
                  nightly: {cron: 30 2 * * *, job: {version: 1.0.0}}
          stock:
            team: stock
            scopes:
              production-api:
        freezes:
          weekend:
            reason: nobody is there
            covers: {applications: [shop]}
            recurs: {cron: 0 18 * * 5, timeZone: Europe/Madrid, minutes: 3720}
        """;

    private const string Scope = "applications/shop/scopes/production-web";
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task What_is_missing_is_made_in_the_right_order_and_then_there_is_nothing_to_do()
    {
        await using var host = await FakeManifestHost.Start();

        var before = await Run(host, "diff", Manifest);
        var json = await Run(host, "diff", Manifest, "-o", "json");
        var apply = await Run(host, "apply", Manifest);
        var after = await Run(host, "diff", Manifest);
        var again = await Run(host, "apply", Manifest);

        Assert.Equal((ExitCode.Failed, ExitCode.Ok, ExitCode.Ok, ExitCode.Ok), (before.ExitCode, apply.ExitCode, after.ExitCode, again.ExitCode));
        Assert.Contains("+ scope shop/production-web\n    minReplicas: 2\n    maxReplicas: 6\n", before.Out, StringComparison.Ordinal);
        Assert.EndsWith("10 to create.\n", before.Out, StringComparison.Ordinal);
        Assert.Contains(
            """{"move":"create","thing":"scope","name":"shop/production-web","fields":[{"field":"minReplicas","new":"2"},""",
            json.Out,
            StringComparison.Ordinal);
        Assert.Equal("Nothing to do: 10 as they are.\n", after.Out);
        Assert.Equal(
            [
                "PUT applications/shop", "PUT applications/stock", "PUT applications/shop/services/key-value/carts", $"PUT {Scope}",
                "PUT applications/stock/scopes/production-api", $"PUT {Scope}/traffic-policy", $"PUT {Scope}/dependencies",
                $"PUT {Scope}/bindings/key-value/carts", $"PUT {Scope}/schedules/nightly", "PUT freezes/weekend",
            ],
            host.Changes);
        Assert.Equal("8080", host[Scope]["environment"]!["PORT"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_differs_is_told_field_by_field_and_what_the_file_does_not_say_stays()
    {
        await using var host = await FakeManifestHost.Start();
        await Run(host, "apply", Manifest);
        host.Set(Scope, "healthPath", "/ready");
        host.Changes.Clear();

        var changed = Manifest.Replace("minReplicas: 2", "minReplicas: 3", StringComparison.Ordinal).Replace("info", "debug", StringComparison.Ordinal);
        var diff = await Run(host, "diff", changed);
        var json = await Run(host, "diff", changed, "-o", "json");
        var apply = await Run(host, "apply", changed);

        Assert.Equal(
            "~ scope shop/production-web\n    minReplicas: 2 -> 3\n    environment.LOG_LEVEL: info -> debug\n1 to change, 9 as they are.\n", diff.Out);
        Assert.Contains("""{"field":"minReplicas","old":"2","new":"3"}""", json.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, "/ready"), (apply.ExitCode, host[Scope]["healthPath"]!.GetValue<string>()));
        Assert.Equal([$"PUT {Scope}"], host.Changes);
    }

    [Fact]
    public async Task Null_takes_away_and_another_driver_takes_nothing_of_the_old_one()
    {
        await using var host = await FakeManifestHost.Start();
        await Run(host, "apply", Manifest);

        var apply = await Run(
            host,
            "apply",
            Manifest.Replace("requestTimeoutMs: 3000", "requestTimeoutMs: null", StringComparison.Ordinal)
                .Replace("driver: redis, endpoint: \"redis://10.0.0.7:6379\"", "driver: local", StringComparison.Ordinal));

        Assert.Equal(ExitCode.Ok, apply.ExitCode);
        Assert.False(host[$"{Scope}/traffic-policy"].ContainsKey("requestTimeoutMs"));
        Assert.Equal("local", host[$"{Scope}/bindings/key-value/carts"]["driver"]!.GetValue<string>());
        Assert.Null(host[$"{Scope}/bindings/key-value/carts"]["endpoint"]);
    }

    [Fact]
    public async Task The_time_zone_of_a_freeze_that_is_left_out_is_the_usual_one_again()
    {
        await using var host = await FakeManifestHost.Start();
        await Run(host, "apply", Manifest);

        var diff = await Run(host, "diff", Manifest.Replace("timeZone: Europe/Madrid, ", "", StringComparison.Ordinal));

        Assert.Equal("~ freeze weekend\n    recurs.timeZone: Europe/Madrid -> Etc/UTC\n1 to change, 9 as they are.\n", diff.Out);
    }

    [Fact]
    public async Task The_secret_of_a_webhook_is_read_beside_the_file_and_before_anything_is_changed()
    {
        await using var host = await FakeManifestHost.Start();
        var folder = Directory.CreateTempSubdirectory("fury-cli-").FullName;
        var manifest = Path.Combine(folder, "fury.yaml");
        await File.WriteAllTextAsync(
            manifest,
            """
            applications: {shop: {team: checkout}}
            webhooks: {chat: {url: "https://chat.example.com/hooks/7", secretFile: chat.secret}}
            """);

        var missing = await InProcess.Run(host.Api, "apply", "--file", manifest);
        Assert.Equal(ExitCode.Usage, missing.ExitCode);
        Assert.Empty(host.Changes);
        await File.WriteAllTextAsync(Path.Combine(folder, "chat.secret"), "a-secret\nanother line\n");
        var apply = await InProcess.Run(host.Api, "apply", "--file", manifest);
        Directory.Delete(folder, recursive: true);

        Assert.Equal((ExitCode.Ok, ""), (apply.ExitCode, apply.Error));
        Assert.Equal(["PUT applications/shop", "PUT webhooks/chat"], host.Changes);
        Assert.Contains("\"secret\":\"a-secret\"", host.Sent, StringComparison.Ordinal);
        Assert.DoesNotContain("secretFile", host.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_seen_is_for_nobody_else_even_in_a_file_that_others_could_read()
    {
        await using var host = await FakeManifestHost.Start();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var seen = Path.GetTempFileName();
        File.SetUnixFileMode(seen, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await Run(host, "diff", Manifest, "--save", seen);
        var (mode, text) = (File.GetUnixFileMode(seen), await File.ReadAllTextAsync(seen));
        File.Delete(seen);

        Assert.Equal((UnixFileMode.UserRead | UnixFileMode.UserWrite, "[]\n"), (mode, text));
    }

    [Fact]
    public async Task A_change_between_looking_and_doing_is_refused_and_named()
    {
        await using var host = await FakeManifestHost.Start();
        await Run(host, "apply", Manifest);
        var seen = Path.GetTempFileName();
        var wish = Manifest.Replace("maxReplicas: 6", "maxReplicas: 9", StringComparison.Ordinal);
        await Run(host, "diff", wish, "--save", seen);
        host.Set(Scope, "minReplicas", 4);
        host.Changes.Clear();

        var apply = await Run(host, "apply", wish, "--seen", seen);
        File.Delete(seen);

        Assert.Equal(ExitCode.Failed, apply.ExitCode);
        Assert.Contains("scope shop/production-web: minReplicas: 2 -> 4", apply.Error, StringComparison.Ordinal);
        Assert.Empty(host.Changes);
    }

    [Fact]
    public async Task A_change_while_it_is_done_is_refused_by_its_etag()
    {
        await using var host = await FakeManifestHost.Start();
        await Run(host, "apply", Manifest);
        host.Before = path =>
        {
            host.Before = null;
            host.Set(path, "minReplicas", 5);
        };

        var apply = await Run(host, "apply", Manifest.Replace("maxReplicas: 6", "maxReplicas: 9", StringComparison.Ordinal));

        Assert.Equal(ExitCode.Failed, apply.ExitCode);
        Assert.Contains("Somebody has changed scope shop/production-web: minReplicas: 2 -> 5", apply.Error, StringComparison.Ordinal);
        Assert.Equal(5, host[Scope]["minReplicas"]!.GetValue<int>());
    }

    [Fact]
    public async Task After_a_failure_it_says_what_is_done_and_the_next_one_does_the_rest()
    {
        await using var host = await FakeManifestHost.Start();
        host.Refused = $"{Scope}/schedules/nightly";

        var failed = await Run(host, "apply", Manifest);
        host.Refused = null;
        host.Changes.Clear();
        var rest = await Run(host, "apply", Manifest);

        Assert.Equal((ExitCode.Failed, ExitCode.Ok), (failed.ExitCode, rest.ExitCode));
        Assert.Contains("Could not create schedule shop/production-web nightly: It is refused.", failed.Error, StringComparison.Ordinal);
        Assert.Contains("Done before: create application shop, create application stock,", failed.Error, StringComparison.Ordinal);
        Assert.Contains("Not done: create schedule shop/production-web nightly, create freeze weekend.", failed.Error, StringComparison.Ordinal);
        Assert.Equal([$"PUT {Scope}/schedules/nightly", "PUT freezes/weekend"], host.Changes);
    }

    [Fact]
    public async Task What_the_file_does_not_name_is_removed_only_when_that_is_said()
    {
        await using var host = await FakeManifestHost.Start();
        await Run(host, "apply", Manifest);
        host.Put($"{Scope}/bindings/queue/orders", """{"driver":"local"}""");
        host.Put($"{Scope}/schedules/hourly", """{"cron":"0 * * * *"}""");
        host.Put("freezes/ours", """{"reason":"r","covers":{"applications":["shop"]}}""");
        host.Put("freezes/everybodys", """{"reason":"r","covers":{"applications":[]}}""");
        host.Put("freezes/theirs", """{"reason":"r","covers":{"applications":["shop","bank"]}}""");
        host.Changes.Clear();

        var diff = await Run(host, "diff", Manifest);
        var apply = await Run(host, "apply", Manifest);
        Assert.Empty(host.Changes);
        var pruned = await Run(host, "apply", Manifest, "--prune");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok, ExitCode.Ok), (diff.ExitCode, apply.ExitCode, pruned.ExitCode));
        Assert.Contains("? binding shop/production-web queue orders is not in fury.yaml; with --prune it is removed", diff.Out, StringComparison.Ordinal);
        Assert.Equal(["POST freezes/ours/remove", $"DELETE {Scope}/schedules/hourly", $"DELETE {Scope}/bindings/queue/orders"], host.Changes);
    }

    [Fact]
    public async Task Where_the_host_does_not_say_it_is_another_exit_code_than_a_difference()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/applications/shop", """{"title":"No.","status":403}""", 403);
        await File.WriteAllTextAsync(_file, "applications: {shop: {team: checkout}}");

        var refused = await InProcess.Run(api, "diff", "--file", _file);
        var away = await InProcess.Run("--host", "http://127.0.0.1:1", "diff", "--file", _file);
        var wrong = await InProcess.Run("diff", "--file", "/none/fury.yaml");

        Assert.Equal((ExitCode.Unknown, ExitCode.Unreachable, ExitCode.Usage), (refused.ExitCode, away.ExitCode, wrong.ExitCode));
    }

    private async Task<Ended> Run(FakeManifestHost host, string command, string manifest, params string[] options)
    {
        await File.WriteAllTextAsync(_file, manifest);
        return await InProcess.Run(host.Api, [command, "--file", _file, .. options]);
    }
}
