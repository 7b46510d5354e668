using System.Net;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster.Tests;

/// <summary>Objects are made, changed and deleted as a server of Kubernetes does it, and refused with the same words.</summary>
public sealed class EditTests : OnCluster
{
    [Fact]
    public async Task A_new_object_gets_what_the_server_gives()
    {
        var made = await Api.Post(Client.Pods, Client.Pod("one"));

        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(("Pod", "v1"), (made.Body.Text("kind"), made.Body.Text("apiVersion")));
        Assert.True(Guid.TryParse(made.Body.Text("metadata", "uid"), out _));
        Assert.NotNull(made.Body.Time("metadata", "creationTimestamp"));
        Assert.Equal("default", made.Body.Text("metadata", "namespace"));
        Assert.Equal("Pending", made.Body.Text("status", "phase"));
        Assert.Equal("Always", made.Body.Text("spec", "restartPolicy"));
        Assert.Equal(30, made.Body.Number("spec", "terminationGracePeriodSeconds"));
        Assert.Equal("Burstable", made.Body.Text("status", "qosClass"));
    }

    [Fact]
    public async Task A_generated_name_begins_with_its_prefix()
    {
        var made = await Api.Post(Client.Maps, """{"metadata":{"generateName":"some-"}}""");
        Assert.Matches("^some-[a-z0-9]{5}$", made.Body.Text("metadata", "name"));
    }

    [Theory]
    [InlineData("validatingwebhookconfigurations", "ValidatingWebhookConfiguration")]
    [InlineData("mutatingwebhookconfigurations", "MutatingWebhookConfiguration")]
    public async Task Webhooks_of_admission_are_kept_counted_and_not_called(string plural, string kind)
    {
        var path = $"apis/admissionregistration.k8s.io/v1/{plural}";
        var made = await Api.Post(path, """
            {"metadata":{"name":"guard"},"webhooks":[{"name":"a.example.org","clientConfig":{"url":"https://127.0.0.1:9/"},
             "rules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]}]}
            """);
        var changed = await Api.Patch($"{path}/guard", """{"webhooks":[{"name":"a.example.org","failurePolicy":"Ignore"}]}""", Patches.StrategicType);
        var pod = await Api.Post(Client.Pods, Client.Pod("not-asked-about"));

        Assert.Equal((HttpStatusCode.Created, kind, "Fail"), (made.Code, made.Body.Text("kind"), made.Body.Array("webhooks")![0].Text("failurePolicy")));
        Assert.Equal((1L, 2L), (made.Body.Number("metadata", "generation"), changed.Body.Number("metadata", "generation")));
        var kept = Assert.Single((await Api.Get(path)).Body.Array("items")!).Array("webhooks")![0];
        Assert.Equal(("https://127.0.0.1:9/", "Ignore"), (kept.Text("clientConfig", "url"), kept.Text("failurePolicy")));
        Assert.Equal(HttpStatusCode.Created, pod.Code);
    }

    [Fact]
    public async Task Every_change_has_a_greater_version_and_writing_the_same_is_no_change()
    {
        var one = await Api.Post(Client.Maps, Client.Map("a"));
        var two = await Api.Patch($"{Client.Maps}/a", """{"data":{"key":"w"}}""");
        var same = await Api.Put($"{Client.Maps}/a", two.Body);

        Assert.True(long.Parse(two.Version) > long.Parse(one.Version));
        Assert.Equal(two.Version, same.Version);
    }

    [Fact]
    public async Task Who_changes_an_older_state_is_refused()
    {
        var old = (await Api.Post(Client.Maps, Client.Map("a"))).Body;
        await Api.Patch($"{Client.Maps}/a", """{"data":{"key":"w"}}""");
        old["data"]!["key"] = "x";
        var refused = await Api.Put($"{Client.Maps}/a", old);

        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), (refused.Code, refused.Reason));
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again",
            refused.Message);
        Assert.Equal(("a", "configmaps"), (refused.Body.Text("details", "name"), refused.Body.Text("details", "kind")));
    }

    [Theory]
    [InlineData("GET", "api/v1/namespaces/default/pods/none", "", 404, "NotFound", "pods \"none\" not found")]
    [InlineData("GET", "apis/apps/v1/namespaces/default/replicasets/none", "", 404, "NotFound", "replicasets.apps \"none\" not found")]
    [InlineData("GET", "api/v1/namespaces/default/widgets", "", 404, "NotFound", "the server could not find the requested resource")]
    [InlineData("POST", "api/v1/namespaces/none/configmaps", """{"metadata":{"name":"a"}}""", 404, "NotFound", "namespaces \"none\" not found")]
    [InlineData("POST", Client.Maps, "not json", 400, "BadRequest", "no JSON object")]
    [InlineData("POST", Client.Maps, """{"kind":"Pod","metadata":{"name":"a"}}""", 400, "BadRequest", "kind: Invalid value: \"Pod\": must be ConfigMap")]
    [InlineData("POST", Client.Maps, """{"metadata":{"name":"a","namespace":"b"}}""", 400, "BadRequest", "does not match the namespace")]
    [InlineData("POST", Client.Maps, """{"metadata":{"name":"A_b"}}""", 422, "Invalid", "metadata.name: Invalid value: \"A_b\"")]
    [InlineData("POST", Client.Maps, """{"metadata":{}}""", 422, "Invalid", "metadata.name: Required value")]
    [InlineData("POST", Client.Maps, """{"metadata":{"name":"a","labels":{"k":"v w"}}}""", 422, "Invalid", "metadata.labels: Invalid value: \"v w\"")]
    [InlineData("POST", Client.Maps, """{"metadata":[]}""", 400, "BadRequest", "metadata: Invalid value")]
    [InlineData("POST", Client.Pods, """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}""", 422, "Invalid", "spec.containers[0].image")]
    [InlineData("POST", Client.Sets, """{"metadata":{"name":"a"},"spec":{"replicas":-1}}""", 422, "Invalid", "spec.replicas: Invalid value: \"-1\"")]
    [InlineData("GET", Client.Pods + "?labelSelector=a%20in%20b", "", 400, "BadRequest", "labelSelector")]
    [InlineData("GET", Client.Pods + "?fieldSelector=spec.image=b", "", 400, "BadRequest", "field label not supported: spec.image")]
    [InlineData("GET", Client.Pods + "?limit=many", "", 400, "BadRequest", "limit: Invalid value: \"many\"")]
    [InlineData("GET", Client.Pods + "?resourceVersion=999999", "", 504, "Timeout", "Too large resource version: 999999")]
    [InlineData("GET", Client.Pods + "?continue=what", "", 400, "BadRequest", "continue key is not valid")]
    [InlineData("DELETE", Client.Pods + "/a?propagationPolicy=Never", "", 400, "BadRequest", "propagationPolicy: Invalid value: \"Never\"")]
    [InlineData("PUT", Client.Pods, "{}", 405, "MethodNotAllowed", "does not allow this method")]
    public async Task What_is_bad_is_refused_with_its_status(string method, string path, string body, int code, string reason, string message)
    {
        var refused = await Api.Send(new(method), path, body.Length == 0 ? null : body);

        Assert.Equal((code, reason), ((int)refused.Code, refused.Reason));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(("Status", "Failure", code), (refused.Body.Text("kind"), refused.Body.Text("status"), (int)refused.Body.Number("code")!));
    }

    [Fact]
    public async Task An_invalid_object_is_told_all_its_causes()
    {
        var refused = await Api.Post(Client.Pods, """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"},{"image":"i"}]}}""");
        Assert.Equal(
            ["spec.containers[0].image", "spec.containers[1].name"],
            refused.Body.Array("details", "causes")!.Select(cause => cause.Text("field")));
    }

    [Fact]
    public async Task The_same_name_again_exists_already()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        var refused = await Api.Post(Client.Maps, Client.Map("a"));
        Assert.Equal((HttpStatusCode.Conflict, "AlreadyExists", "configmaps \"a\" already exists"), (refused.Code, refused.Reason, refused.Message));
    }

    [Fact]
    public async Task A_dry_run_leaves_nothing()
    {
        var made = await Api.Post(Client.Maps + "?dryRun=All", Client.Map("a"));
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(HttpStatusCode.NotFound, (await Api.Get($"{Client.Maps}/a")).Code);
    }

    [Fact]
    public async Task The_status_is_written_apart_from_the_object()
    {
        var made = await Api.Post(Client.Pods, Client.Pod("a"));
        await Api.Patch($"{Client.Pods}/a", """{"status":{"phase":"Running"},"metadata":{"labels":{"x":"y"}}}""");
        var labelled = await Api.Get($"{Client.Pods}/a");
        await Api.Patch($"{Client.Pods}/a/status", """{"status":{"phase":"Running"},"spec":{"nodeName":"n"}}""");
        var running = await Api.Get($"{Client.Pods}/a");

        Assert.Equal("Pending", made.Body.Text("status", "phase"));
        Assert.Equal(("Pending", "y"), (labelled.Body.Text("status", "phase"), labelled.Body.Text("metadata", "labels", "x")));
        Assert.Equal(("Running", null), (running.Body.Text("status", "phase"), running.Body.Text("spec", "nodeName")));
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_spec_only()
    {
        await Api.Post(Client.Sets, Client.Set("a", 0));
        await Api.Patch($"{Client.Sets}/a", """{"metadata":{"labels":{"x":"y"}}}""");
        var labelled = await Api.Get($"{Client.Sets}/a");
        await Api.Patch($"{Client.Sets}/a", """{"spec":{"minReadySeconds":1}}""");
        var changed = await Api.Get($"{Client.Sets}/a");
        Assert.Equal((1L, 2L), (labelled.Body.Number("metadata", "generation"), changed.Body.Number("metadata", "generation")));
    }

    [Fact]
    public async Task A_scale_changes_the_replicas()
    {
        await Api.Post(Client.Sets, Client.Set("a", 0));
        var scale = await Api.Get($"{Client.Sets}/a/scale");
        scale.Body["spec"]!["replicas"] = 3;
        var scaled = await Api.Put($"{Client.Sets}/a/scale", scale.Body);

        Assert.Equal(("Scale", "app=a"), (scale.Body.Text("kind"), scale.Body.Text("status", "selector")));
        Assert.Equal(3, scaled.Body.Number("spec", "replicas"));
        Assert.Equal(3, (await Api.Get($"{Client.Sets}/a")).Body.Number("spec", "replicas"));
    }

    [Fact]
    public async Task A_finalizer_holds_a_deleted_object()
    {
        await Api.Post(Client.Maps, """{"metadata":{"name":"a","finalizers":["test/hold"]}}""");
        var deleting = await Api.Delete($"{Client.Maps}/a");
        Assert.NotNull(deleting.Body.Text("metadata", "deletionTimestamp"));
        Assert.Equal(HttpStatusCode.OK, (await Api.Get($"{Client.Maps}/a")).Code);

        await Api.Patch($"{Client.Maps}/a", """{"metadata":{"finalizers":null}}""");
        Assert.Equal(HttpStatusCode.NotFound, (await Api.Get($"{Client.Maps}/a")).Code);
    }

    [Fact]
    public async Task A_pod_with_a_node_waits_for_its_grace_and_one_without_goes_at_once()
    {
        await Api.Post(Client.Pods, Client.Pod("bound"));
        await Api.Post($"{Client.Pods}/bound/binding", """{"target":{"name":"somewhere"}}""");
        await Api.Post(Client.Pods, Client.Pod("free"));
        var bound = await Api.Delete($"{Client.Pods}/bound", """{"gracePeriodSeconds":7}""");
        var free = await Api.Delete($"{Client.Pods}/free");

        Assert.Equal(7, bound.Body.Number("metadata", "deletionGracePeriodSeconds"));
        Assert.Equal("Success", free.Body.Text("status"));
        await Api.Delete($"{Client.Pods}/bound?gracePeriodSeconds=0");
        Assert.Equal(HttpStatusCode.NotFound, (await Api.Get($"{Client.Pods}/bound")).Code);
    }

    [Fact]
    public async Task A_deletion_with_another_uid_is_refused()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        var refused = await Api.Delete($"{Client.Maps}/a", """{"preconditions":{"uid":"00000000-0000-0000-0000-000000000001"}}""");
        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), (refused.Code, refused.Reason));
    }

    [Fact]
    public async Task A_collection_is_deleted_by_label()
    {
        await Api.Post(Client.Maps, Client.Map("a", labels: """{"x":"1"}"""));
        await Api.Post(Client.Maps, Client.Map("b", labels: """{"x":"2"}"""));
        await Api.Delete(Client.Maps + "?labelSelector=x%3D1");
        Assert.Equal(["b"], (await Api.Get(Client.Maps)).Names);
    }

    [Fact]
    public async Task Yaml_is_read_where_it_is_said()
    {
        var made = await Api.Send(HttpMethod.Post, Client.Maps, "metadata:\n  name: a\ndata:\n  number: \"1\"\n  plain: text\n", "application/yaml");
        Assert.Equal(("1", "text"), (made.Body.Text("data", "number"), made.Body.Text("data", "plain")));
        var refused = await Api.Send(HttpMethod.Post, Client.Maps, "x", "application/vnd.kubernetes.protobuf");
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType"), (refused.Code, refused.Reason));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        var refused = await Api.Post(Client.Maps, new JsonObject { ["data"] = new string('x', Bodies.BytesMax + 10) }.ToJsonString());
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge"), (refused.Code, refused.Reason));
    }

    [Fact]
    public async Task A_pod_is_bound_once()
    {
        await Api.Post(Client.Pods, Client.Pod("a"));
        await Api.Post($"{Client.Pods}/a/binding", """{"target":{"name":"one"}}""");
        var refused = await Api.Post($"{Client.Pods}/a/binding", """{"target":{"name":"two"}}""");
        Assert.Equal(HttpStatusCode.Conflict, refused.Code);
        Assert.Contains("already assigned to node \"one\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_pod_only_little_may_be_changed()
    {
        await Api.Post(Client.Pods, Client.Pod("a"));
        var image = await Api.Patch($"{Client.Pods}/a", """{"spec":{"containers":[{"name":"app","image":"app:2"}]}}""", Patches.StrategicType);
        var host = await Api.Patch($"{Client.Pods}/a", """{"spec":{"hostNetwork":true}}""");
        Assert.Equal("app:2", image.Body.Array("spec", "containers")![0].Text("image"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid"), (host.Code, host.Reason));
        Assert.Contains("`spec.hostNetwork` differs", host.Message, StringComparison.Ordinal);
    }
}
