using System.Net;
using System.Text.Json.Nodes;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>Pods as processes of this machine.</summary>
public sealed class ProcessTests : OnCluster
{
    private const string Server = """
        import http.server, os, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: (print("ending", flush=True), sys.exit(0)))
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                ready = os.path.exists(os.environ["READY"])
                if self.path == "/crash": os._exit(3)
                self.send_response(200 if ready or self.path == "/" else 503)
                self.end_headers()
                self.wfile.write(os.environ["WHO"].encode())
            def log_message(self, *_): print(self.path, flush=True)
        print("listening", flush=True)
        http.server.HTTPServer((os.environ["FURY_ADDRESS"], int(os.environ["PORT"])), Answer).serve_forever()
        """;

    private readonly string _image = Directory.CreateTempSubdirectory("fury-image-").FullName;

    private string ReadyFile => Path.Combine(_image, "ready");

    private protected override ClusterOptions Options => new()
    {
        Kubelet = KubeletMode.Process,
        Nodes = 1,
        HeartbeatInterval = TimeSpan.FromMilliseconds(50),
        NodeLostAfter = TimeSpan.FromMilliseconds(500),
        RestartPause = TimeSpan.FromMilliseconds(300),
    };

    public override Task InitializeAsync()
    {
        Write("server", "#!/usr/bin/env python3\n" + Server);
        Write("crash", "#!/bin/sh\necho crashing; exit 2\n");
        Write("once", "#!/bin/sh\necho working in $SCOPE; exit 0\n");
        Write("stubborn", "#!/bin/sh\ntrap '' TERM; echo staying; while :; do sleep 0.05; done\n");
        return base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_image, recursive: true);
    }

    [Fact]
    public async Task A_pod_serves_at_its_own_address_and_is_ready_when_its_probe_says_so()
    {
        await Api.Post("api/v1/namespaces/default/secrets", """{"metadata":{"name":"who"},"stringData":{"name":"somebody"}}""");
        await Api.Post(Client.Pods, Pod("web", "server", probe: """, "readinessProbe":{"httpGet":{"path":"/ready","port":8080},"periodSeconds":1}"""));
        await Until("web", pod => pod.Text("status", "phase") == "Running");
        var pod = (await Api.Get($"{Client.Pods}/web")).Body;
        var address = pod.Text("status", "podIP")!;
        Assert.StartsWith("127.", address, StringComparison.Ordinal);
        Assert.NotEqual("127.0.0.1", address);

        using var http = new HttpClient();
        await Eventually.True(async () => await Answers(http, $"http://{address}:8080/") == "somebody");
        Assert.Equal("False", Ready((await Api.Get($"{Client.Pods}/web")).Body));
        await File.WriteAllTextAsync(ReadyFile, "");
        await Until("web", value => Ready(value) == "True");
        File.Delete(ReadyFile);
        await Until("web", value => Ready(value) == "False", "an unready pod again");
    }

    [Fact]
    public async Task A_container_that_fails_is_restarted_with_a_growing_pause()
    {
        await Api.Post(Client.Pods, Pod("bad", "crash"));
        var pod = await Until("bad", value => Waiting(value) == "CrashLoopBackOff");
        var status = pod.Array("status", "containerStatuses")![0];
        var last = status.Object("lastState", "terminated");
        Assert.Equal((1L, 2L, "Error"), (status.Number("restartCount"), last.Number("exitCode"), last.Text("reason")));
        Assert.Equal("Running", pod.Text("status", "phase"));
        pod = await Until("bad", value => (value.Array("status", "containerStatuses")![0].Number("restartCount") ?? 0) >= 2);
        Assert.NotEmpty((await Api.Get("api/v1/namespaces/default/events?fieldSelector=reason=BackOff,involvedObject.name=bad")).Body.Array("items")!);
    }

    [Theory]
    [InlineData("registry.example/none:1", "ImagePullBackOff")]
    [InlineData("file:///no/such/folder", "ImagePullBackOff")]
    public async Task An_image_that_is_not_there_is_waited_for_with_its_reason(string image, string reason)
    {
        await Api.Post(Client.Pods, Pod("none", "server").Replace(new Uri(_image).AbsoluteUri, image, StringComparison.Ordinal));
        var pod = await Until("none", value => Waiting(value) == reason);
        Assert.Equal("Pending", pod.Text("status", "phase"));
        Assert.Contains(image, pod.Array("status", "containerStatuses")![0].Text("state", "waiting", "message"), StringComparison.Ordinal);
        var log = await Api.Get($"{Client.Pods}/none/log");
        Assert.Contains("is waiting to start: ImagePullBackOff", log.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_configuration_lacks_is_named()
    {
        await Api.Post(Client.Pods, Pod("web", "server"));
        var pod = await Until("web", value => Waiting(value) == "CreateContainerConfigError");
        Assert.Equal("secret \"who\" not found", pod.Array("status", "containerStatuses")![0].Text("state", "waiting", "message"));
    }

    [Fact]
    public async Task A_job_succeeds_and_what_it_wrote_can_be_read()
    {
        await Api.Post("apis/batch/v1/namespaces/default/jobs", """
            {"metadata":{"name":"work"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[
             {"name":"app","image":"IMAGE","command":["once"],"env":[{"name":"SCOPE","value":"test-worker"}]}]}}}}
            """.Replace("IMAGE", new Uri(_image).AbsoluteUri, StringComparison.Ordinal));
        await Eventually.True(async () => (await Api.Get("apis/batch/v1/namespaces/default/jobs/work")).Body.Number("status", "succeeded") == 1);
        var name = (await Api.Get(Client.Pods)).Names.Single();
        Assert.Equal("working in test-worker\n", (await Api.Get($"{Client.Pods}/{name}/log")).Body.Text());
    }

    [Theory]
    [InlineData("once", "Succeeded", "PodCompleted")]
    [InlineData("crash", "Failed", "ContainersNotReady")]
    public async Task A_pod_begins_with_its_init_containers(string first, string phase, string reason)
    {
        await Api.Post(Client.Pods, """
            {"metadata":{"name":"two"},"spec":{"restartPolicy":"Never","initContainers":[{"name":"first","image":"IMAGE","command":["FIRST"]}],
             "containers":[{"name":"app","image":"IMAGE","command":["once"]}]}}
            """.Replace("IMAGE", new Uri(_image).AbsoluteUri, StringComparison.Ordinal).Replace("FIRST", first, StringComparison.Ordinal));
        var pod = await Until("two", value => value.Text("status", "phase") == phase);
        Assert.Equal(reason, pod.Array("status", "conditions")!.Single(item => item.Text("type") == "Ready").Text("reason"));
        Assert.Equal(first == "once" ? 0 : 2, pod.Array("status", "initContainerStatuses")![0].Number("state", "terminated", "exitCode"));
        Assert.Equal(first == "crash", pod.Array("status", "containerStatuses")![0].Object("state", "waiting") is not null);
    }

    [Fact]
    public async Task A_log_is_followed_until_its_container_ends()
    {
        await Api.Post(Client.Pods, Pod("web", "stubborn"));
        await Until("web", value => value.Text("status", "phase") == "Running");
        using var response = await Api.Http.GetAsync($"{Client.Pods}/web/log?follow=true&tailLines=1", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("staying", await reader.ReadLineAsync());

        // It does not listen to SIGTERM, so its grace has to end it.
        await Api.Delete($"{Client.Pods}/web", """{"gracePeriodSeconds":1}""");
        Assert.Null(await reader.ReadLineAsync());
        await Eventually.True(async () => (await Api.Get($"{Client.Pods}/web")).Code == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_pod_that_is_deleted_may_end_by_itself_and_its_process_is_gone()
    {
        using var http = new HttpClient();
        var url = await Serve(http);
        var deleting = await Api.Delete($"{Client.Pods}/web");
        Assert.Equal(30, deleting.Body.Number("metadata", "deletionGracePeriodSeconds"));
        await Eventually.True(async () => (await Api.Get($"{Client.Pods}/web")).Code == HttpStatusCode.NotFound);
        Assert.Null(await Answers(http, url));
    }

    [Fact]
    public async Task A_lost_node_says_nothing_while_its_processes_run_on()
    {
        using var http = new HttpClient();
        var url = await Serve(http);
        Cluster.LoseNode("local-node-1");
        await Until("web", value => Ready(value) == "False");
        Assert.Equal("somebody", await Answers(http, url));
        Cluster.ReturnNode("local-node-1");
        await Until("web", value => Ready(value) == "True");
    }

    /// <summary>The address of a pod that answers there.</summary>
    private async Task<string> Serve(HttpClient http)
    {
        await Api.Post("api/v1/namespaces/default/secrets", """{"metadata":{"name":"who"},"stringData":{"name":"somebody"}}""");
        await Api.Post(Client.Pods, Pod("web", "server"));
        var pod = await Until("web", value => Ready(value) == "True");
        var url = $"http://{pod.Text("status", "podIP")}:8080/";
        await Eventually.True(async () => await Answers(http, url) == "somebody");
        return url;
    }

    private async Task<JsonNode> Until(string name, Func<JsonNode, bool> holds, string? because = null)
    {
        JsonNode? last = null;
        await Eventually.True(
            async () =>
            {
                last = (await Api.Get($"{Client.Pods}/{name}")).Body;
                return holds(last);
            },
            because: because ?? $"pod {name}");
        return last!;
    }

    private static async Task<string?> Answers(HttpClient http, string url)
    {
        try
        {
            return await http.GetStringAsync(new Uri(url));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string? Ready(JsonNode pod) =>
        (pod.Array("status", "conditions") ?? []).FirstOrDefault(item => item.Text("type") == "Ready").Text("status");

    private static string? Waiting(JsonNode pod) =>
        (pod.Array("status", "containerStatuses") ?? []).FirstOrDefault().Text("state", "waiting", "reason");

    private string Pod(string name, string command, string probe = "") =>
        """
        {"metadata":{"name":"NAME"},"spec":{"containers":[{"name":"app","image":"IMAGE","command":["COMMAND"],"ports":[{"containerPort":8080}],
         "env":[{"name":"READY","value":"FILE"}WHO]PROBE}]}}
        """.Replace("NAME", name, StringComparison.Ordinal)
            .Replace("WHO", command == "server" ? """,{"name":"WHO","valueFrom":{"secretKeyRef":{"name":"who","key":"name"}}}""" : "", StringComparison.Ordinal)
            .Replace("IMAGE", new Uri(_image).AbsoluteUri, StringComparison.Ordinal)
            .Replace("COMMAND", command, StringComparison.Ordinal)
            .Replace("FILE", ReadyFile, StringComparison.Ordinal)
            .Replace("PROBE", probe, StringComparison.Ordinal);

    private void Write(string name, string text)
    {
        var path = Path.Combine(_image, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
