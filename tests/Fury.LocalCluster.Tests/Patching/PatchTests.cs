using System.Text.Json.Nodes;

namespace Fury.LocalCluster.Tests;

/// <summary>The three kinds of patches against their rules, as tables: before, patch, after.</summary>
public sealed class PatchTests
{
    private const string Containers = """{"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1"}]}}""";

    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData(Containers, """{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"a"}]}}""")]
    public void Merge(string before, string patch, string after) => AssertPatch(Patches.MergeType, before, patch, after);

    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo"}""")]
    [InlineData("""{"foo":["a","b","c"]}""", """[{"op":"move","from":"/foo/0","path":"/foo/2"}]""", """{"foo":["b","c","a"]}""")]
    [InlineData("""{"foo":{"bar":"baz"},"qux":{}}""", """[{"op":"move","from":"/foo/bar","path":"/qux/x"}]""", """{"foo":{},"qux":{"x":"baz"}}""")]
    [InlineData("""{"foo":{"bar":1}}""", """[{"op":"copy","from":"/foo","path":"/qux"}]""", """{"foo":{"bar":1},"qux":{"bar":1}}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"remove","path":"/a~1b"},{"op":"test","path":"/m~0n","value":2}]""", """{"m~n":2}""")]
    [InlineData("""{"foo":null}""", """[{"op":"test","path":"/foo","value":null}]""", """{"foo":null}""")]
    public void Json(string before, string patch, string after) => AssertPatch(Patches.JsonType, before, patch, after);

    [Theory]
    [InlineData("""{"foo":1}""", """[{"op":"test","path":"/foo","value":2}]""", "/foo: the tested value differs")]
    [InlineData("""{"foo":1}""", """[{"op":"remove","path":"/bar"}]""", "/bar: there is nothing at this path")]
    [InlineData("""{"foo":1}""", """[{"op":"replace","path":"/bar/baz","value":2}]""", "nothing at this path")]
    [InlineData("""{"foo":[1]}""", """[{"op":"add","path":"/foo/2","value":2}]""", "no such place")]
    [InlineData("""{"foo":[1]}""", """[{"op":"add","path":"/foo/01","value":2}]""", "no such place")]
    [InlineData("""{"foo":1}""", """[{"op":"jump","path":"/foo"}]""", "op: Invalid value: \"jump\"")]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"foo","value":2}]""", "path: Invalid value: \"foo\"")]
    [InlineData("""{"foo":1}""", """{"op":"add"}""", "must be a list")]
    [InlineData("""{"foo":1}""", "[", "cannot be read")]
    public void A_json_patch_that_does_not_fit_is_refused(string before, string patch, string message)
    {
        var refusal = Assert.Throws<Refusal>(() => AssertPatch(Patches.JsonType, before, patch, "{}"));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Containers, """{"spec":{"containers":[{"name":"b","image":"b:2"},{"name":"c","image":"c:1"}]}}""",
        """{"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:2"},{"name":"c","image":"c:1"}]}}""")]
    [InlineData(Containers, """{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}""", """{"spec":{"containers":[{"name":"b","image":"b:1"}]}}""")]
    [InlineData(Containers, """{"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}}""", """{"spec":{"containers":[{"name":"c"}]}}""")]
    [InlineData(Containers, """{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b","image":"b:1"},{"name":"a","image":"a:1"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"3"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"},{"name":"Y","value":"3"}]}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"x"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"y"},{"containerPort":81}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"y"},{"containerPort":81}]}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","args":["x","y"]}]}}""", """{"spec":{"containers":[{"name":"a","args":["z"]}]}}""",
        """{"spec":{"containers":[{"name":"a","args":["z"]}]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["c"]}}""", """{"metadata":{"finalizers":["a","b","c"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}""",
        """{"metadata":{"finalizers":["b"]}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"2"}}}""", """{"metadata":{"labels":{"a":null,"c":"3"}}}""",
        """{"metadata":{"labels":{"b":"2","c":"3"}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"replace","b":"2"}}}""", """{"metadata":{"labels":{"b":"2"}}}""")]
    [InlineData("""{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""",
        """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""", """{"spec":{"strategy":{"type":"Recreate"}}}""")]
    [InlineData("""{"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"X","status":"True"}]}}""",
        """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""",
        """{"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"X","status":"True"}]}}""")]
    [InlineData("""{"metadata":{"ownerReferences":[{"uid":"1","name":"a"}]}}""", """{"metadata":{"ownerReferences":[{"uid":"2","name":"b"}]}}""",
        """{"metadata":{"ownerReferences":[{"uid":"1","name":"a"},{"uid":"2","name":"b"}]}}""")]
    public void Strategic(string before, string patch, string after) => AssertPatch(Patches.StrategicType, before, patch, after);

    [Fact]
    public void A_member_without_its_key_is_refused()
    {
        var refusal = Assert.Throws<Refusal>(() => AssertPatch(Patches.StrategicType, Containers, """{"spec":{"containers":[{"image":"x"}]}}""", "{}"));
        Assert.Contains("every member must have the merge key name", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_media_type_is_refused()
    {
        var refusal = Assert.Throws<Refusal>(() => Patches.Read("text/plain", "{}"u8.ToArray()));
        Assert.Equal(415, refusal.Code);
    }

    private static void AssertPatch(string type, string before, string patch, string after)
    {
        var result = Patches.Read(type, System.Text.Encoding.UTF8.GetBytes(patch))(JsonNode.Parse(before)!.AsObject());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(after), result), $"expected {after}, was {result.ToJsonString()}");
    }
}
