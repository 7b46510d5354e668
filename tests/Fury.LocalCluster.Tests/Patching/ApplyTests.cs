using System.Net;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster.Tests;

/// <summary>Server-side apply: who owns what, who conflicts, and what goes when nobody wants it any more.</summary>
public sealed class ApplyTests : OnCluster
{
    private const string Path = $"{Client.Sets}/web";
    private const string MapPath = $"{Client.Maps}/map";

    [Fact]
    public async Task What_is_not_there_is_created_and_owned_by_who_applied_it()
    {
        var made = await Api.Apply(MapPath, Map("a: '1'"), "one");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(["one Apply {\"f:data\":{\"f:a\":{}}}"], Shares(made));
        Assert.Equal(HttpStatusCode.OK, (await Api.Apply(MapPath, Map("a: '1'"), "one")).Code);
    }

    [Fact]
    public async Task Applying_the_same_again_changes_nothing()
    {
        var first = await Api.Apply(MapPath, Map("a: '1'"), "one");
        var again = await Api.Apply(MapPath, Map("a: '1'"), "one");
        Assert.Equal(first.Version, again.Version);
    }

    [Fact]
    public async Task A_field_of_another_manager_with_another_value_is_a_conflict()
    {
        await Api.Apply(MapPath, Map("a: '1', b: '2'"), "one");
        var refused = await Api.Apply(MapPath, Map("a: '9'"), "two");

        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), (refused.Code, refused.Reason));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\" using v1: .data.a", refused.Message);
        var cause = Assert.Single(refused.Body.Array("details", "causes")!);
        Assert.Equal(("FieldManagerConflict", ".data.a"), (cause.Text("reason"), cause.Text("field")));
        Assert.Equal("1", (await Api.Get(MapPath)).Body.Text("data", "a"));
    }

    [Fact]
    public async Task With_force_the_field_changes_hands()
    {
        await Api.Apply(MapPath, Map("a: '1', b: '2'"), "one");
        var taken = await Api.Apply(MapPath, Map("a: '9'"), "two", force: true);
        Assert.Equal("9", taken.Body.Text("data", "a"));
        Assert.Equal(["one Apply {\"f:data\":{\"f:b\":{}}}", "two Apply {\"f:data\":{\"f:a\":{}}}"], Shares(taken));
    }

    [Fact]
    public async Task The_same_value_is_shared_and_stays_until_the_last_one_lets_it_go()
    {
        await Api.Apply(MapPath, Map("a: '1'"), "one");
        await Api.Apply(MapPath, Map("a: '1', b: '2'"), "two");
        var one = await Api.Apply(MapPath, Map(""), "one");
        Assert.Equal("1", one.Body.Text("data", "a"));
        var two = await Api.Apply(MapPath, Map("b: '2'"), "two");
        Assert.Null(two.Body.Node("data", "a"));
        Assert.Equal("2", two.Body.Text("data", "b"));
    }

    [Fact]
    public async Task What_is_not_applied_any_more_is_removed_and_what_others_set_stays()
    {
        await Api.Apply(MapPath, Map("a: '1', b: '2'"), "one");
        await Api.Patch(MapPath, """{"data":{"c":"3"}}""");
        var applied = await Api.Apply(MapPath, Map("a: '1'"), "one");
        Assert.Equal("""{"a":"1","c":"3"}""", applied.Body["data"]!.ToJsonString());
    }

    [Fact]
    public async Task An_update_takes_what_it_changes()
    {
        await Api.Apply(MapPath, Map("a: '1', b: '2'"), "one");
        var patched = await Api.Patch($"{MapPath}?fieldManager=editor", """{"data":{"a":"9"}}""");
        Assert.Equal(["one Apply {\"f:data\":{\"f:b\":{}}}", "editor Update {\"f:data\":{\"f:a\":{}}}"], Shares(patched));
        var refused = await Api.Apply(MapPath, Map("a: '1', b: '2'"), "one");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.a", refused.Message);
    }

    [Fact]
    public async Task Members_of_a_list_are_owned_by_their_keys()
    {
        await Api.Apply(Path, Set("containers: [{name: app, image: 'app:1', ports: [{containerPort: 80}]}]"), "one");
        const string Side = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\n"
            + "spec: {template: {spec: {containers: [{name: side, image: 'side:1'}]}}}";
        await Api.Apply(Path, Side, "two");
        var changed = await Api.Apply(Path, Set("containers: [{name: app, image: 'app:2'}]"), "one");

        var containers = changed.Body.Array("spec", "template", "spec", "containers")!;
        Assert.Equal(["app app:2", "side side:1"], containers.Select(container => $"{container.Text("name")} {container.Text("image")}"));
        Assert.Null(containers[0].Node("ports"));
        var two = changed.Body.Array("metadata", "managedFields")!.Single(item => item.Text("manager") == "two");
        var members = two.Object("fieldsV1", "f:spec", "f:template", "f:spec", "f:containers")!;
        Assert.Equal("{\"name\":\"side\"}", Assert.Single(members).Key[2..]);
        Assert.Equal([".", "f:image", "f:name"], Assert.Single(members).Value!.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task A_member_that_is_given_up_goes()
    {
        await Api.Apply(Path, Set("containers: [{name: app, image: 'app:1', env: [{name: A, value: '1'}, {name: B, value: '2'}]}]"), "one");
        var changed = await Api.Apply(Path, Set("containers: [{name: app, image: 'app:1', env: [{name: B, value: '2'}]}]"), "one");
        Assert.Equal(["B"], changed.Body.Array("spec", "template", "spec", "containers")![0].Array("env")!.Select(item => item.Text("name")));
    }

    [Fact]
    public async Task A_conflict_in_a_list_names_its_member()
    {
        await Api.Apply(Path, Set("containers: [{name: app, image: 'app:1'}]"), "one");
        var refused = await Api.Apply(
            Path, "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: app, image: 'x:1'}]}}}", "two");
        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"one\" using apps/v1: .spec.template.spec.containers[name=\"app\"].image", refused.Message);
    }

    [Fact]
    public async Task The_replicas_of_a_scaled_set_are_left_alone_by_who_does_not_apply_them()
    {
        await Api.Apply(Path, Set("containers: [{name: app, image: 'app:1'}]"), "one");
        await Api.Patch($"{Path}/scale?fieldManager=scaler", """{"spec":{"replicas":7}}""");
        var applied = await Api.Apply(Path, Set("containers: [{name: app, image: 'app:2'}]"), "one");
        Assert.Equal(7, applied.Body.Number("spec", "replicas"));
        Assert.Contains(Shares(applied), share => share.StartsWith("scaler Update {\"f:spec\":{\"f:replicas\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_status_is_applied_apart()
    {
        await Api.Apply(Path, Set("containers: [{name: app, image: 'app:1'}]"), "one");
        var body = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\nstatus: {replicas: 0, conditions: [{type: X, status: 'True'}]}";
        var applied = await Api.Apply($"{Path}/status", body, "watcher");
        var share = applied.Body.Array("metadata", "managedFields")!.Single(item => item.Text("manager") == "watcher");
        Assert.Equal("status", share.Text("subresource"));
        Assert.Null(share.Node("fieldsV1", "f:spec"));
    }

    [Theory]
    [InlineData("kind: ConfigMap\nmetadata: {name: map}", "one", "must name its apiVersion and kind")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}", "one", "metadata.name: Invalid value: \"other\"")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {managedFields: [{manager: x}]}", "one", "managedFields must be nil")]
    [InlineData("apiVersion: v1\nkind: Secret\nmetadata: {name: map}", "one", "kind: Invalid value: \"Secret\"")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}", "", "fieldManager: Required value")]
    [InlineData("a: [", "one", "no YAML")]
    public async Task What_cannot_be_applied_is_refused(string body, string manager, string message)
    {
        var refused = await Api.Apply(MapPath, body, manager);
        Assert.Equal(HttpStatusCode.BadRequest, refused.Code);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    private static string Map(string data) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: map}}\ndata: {{{data}}}";

    private static string Set(string podSpec) =>
        "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\nspec: {selector: {matchLabels: {app: web}}, "
        + $"template: {{metadata: {{labels: {{app: web}}}}, spec: {{{podSpec}}}}}}}";

    private static IEnumerable<string> Shares(Answer answer) =>
        (answer.Body.Array("metadata", "managedFields") ?? new JsonArray())
        .Select(item => $"{item.Text("manager")} {item.Text("operation")} {System.Text.Encoding.UTF8.GetString(JsonText.Write(item!["fieldsV1"]!))}");
}
