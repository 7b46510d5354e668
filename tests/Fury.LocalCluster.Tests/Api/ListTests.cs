using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster.Tests;

/// <summary>Lists: what they select, and that all parts of one list are of one moment.</summary>
public sealed class ListTests : OnCluster
{
    private protected override ClusterOptions Options => base.Options with { HistoryMax = 50 };

    [Fact]
    public async Task The_parts_of_a_list_are_of_one_moment_whatever_is_written_meanwhile()
    {
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
        {
            await Api.Post(Client.Maps, Client.Map(name));
        }

        var first = await Api.Get(Client.Maps + "?limit=2");
        await Api.Post(Client.Maps, Client.Map("bb"));
        await Api.Delete($"{Client.Maps}/c");
        await Api.Patch($"{Client.Maps}/d", """{"data":{"key":"later"}}""");
        var second = await Api.Get($"{Client.Maps}?limit=2&continue={first.Body.Text("metadata", "continue")}");
        var third = await Api.Get($"{Client.Maps}?limit=2&continue={second.Body.Text("metadata", "continue")}");

        Assert.Equal(["a", "b", "c", "d", "e"], first.Names.Concat(second.Names).Concat(third.Names));
        Assert.Equal("v", second.Body.Array("items")![1].Text("data", "key"));
        Assert.Equal((3L, 1L), (first.Body.Number("metadata", "remainingItemCount"), second.Body.Number("metadata", "remainingItemCount")));
        Assert.Equal((first.Version, first.Version, null), (second.Version, third.Version, third.Body.Text("metadata", "continue")));
        Assert.Equal(["a", "b", "bb", "d", "e"], (await Api.Get(Client.Maps)).Names);
    }

    [Fact]
    public async Task A_list_that_takes_too_long_is_gone()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        await Api.Post(Client.Maps, Client.Map("b"));
        var first = await Api.Get(Client.Maps + "?limit=1");
        for (var change = 0; change < 60; change++)
        {
            await Api.Patch($"{Client.Maps}/a", $$$"""{"data":{"key":"{{{change}}}"}}""");
        }

        var second = await Api.Get($"{Client.Maps}?limit=1&continue={first.Body.Text("metadata", "continue")}");
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (second.Code, second.Reason));
    }

    [Fact]
    public async Task An_exact_version_is_the_state_of_then()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        var then = (await Api.Get(Client.Maps)).Version;
        await Api.Post(Client.Maps, Client.Map("b"));
        Assert.Equal(["a"], (await Api.Get($"{Client.Maps}?resourceVersion={then}&resourceVersionMatch=Exact")).Names);
        Assert.Equal(["a", "b"], (await Api.Get($"{Client.Maps}?resourceVersion={then}")).Names);
    }

    [Theory]
    [InlineData("app=web", "a b")]
    [InlineData("app==web,tier=1", "a")]
    [InlineData("app!=web", "c d")]
    [InlineData("tier in (1,3)", "a c")]
    [InlineData("tier notin (1,3)", "b d")]
    [InlineData("app", "a b c")]
    [InlineData("!app", "d")]
    [InlineData("app,tier notin (2)", "a c")]
    public async Task Labels_select(string selector, string names)
    {
        await Api.Post(Client.Maps, Client.Map("a", labels: """{"app":"web","tier":"1"}"""));
        await Api.Post(Client.Maps, Client.Map("b", labels: """{"app":"web","tier":"2"}"""));
        await Api.Post(Client.Maps, Client.Map("c", labels: """{"app":"job","tier":"3"}"""));
        await Api.Post(Client.Maps, Client.Map("d"));
        Assert.Equal(names, string.Join(' ', (await Api.Get($"{Client.Maps}?labelSelector={Uri.EscapeDataString(selector)}")).Names));
    }

    [Theory]
    [InlineData("metadata.name=a", "a")]
    [InlineData("metadata.name!=a", "b c")]
    [InlineData("spec.nodeName=n", "b")]
    [InlineData("spec.nodeName=", "a c")]
    [InlineData("status.phase=Running,spec.nodeName!=n", "c")]
    [InlineData("spec.restartPolicy=Always,metadata.namespace=default", "a b c")]
    public async Task Fields_select(string selector, string names)
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            await Api.Post(Client.Pods, Client.Pod(name));
        }

        await Api.Post($"{Client.Pods}/b/binding", """{"target":{"name":"n"}}""");
        await Api.Patch($"{Client.Pods}/c/status", """{"status":{"phase":"Running"}}""");
        Assert.Equal(names, string.Join(' ', (await Api.Get($"api/v1/pods?fieldSelector={Uri.EscapeDataString(selector)}")).Names));
    }

    [Fact]
    public async Task Members_of_a_list_do_not_repeat_its_kind()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        var list = await Api.Get(Client.Maps);
        Assert.Equal(("ConfigMapList", "v1"), (list.Body.Text("kind"), list.Body.Text("apiVersion")));
        Assert.Null(list.Body.Array("items")![0].Text("kind"));
    }

    [Fact]
    public async Task A_large_list_is_compressed_for_who_takes_it()
    {
        var large = new string('x', 60_000);
        foreach (var name in (string[])["a", "b", "c"])
        {
            await Api.Post(Client.Maps, Client.Map(name, large));
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, Client.Maps);
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await Api.Http.SendAsync(request);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.True(bytes.Length < large.Length, $"{bytes.Length} bytes");
        await using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        await gzip.CopyToAsync(whole);
        Assert.Equal(["a", "b", "c"], JsonText.Parse(whole.ToArray()).Array("items")!.Select(item => item.Text("metadata", "name")));
    }

    [Theory]
    [InlineData("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "PartialObjectMetadataList")]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", "ConfigMapList")]
    [InlineData("application/json;as=Picture;v=v1;g=meta.k8s.io,*/*", "ConfigMapList")]
    public async Task The_first_form_that_is_accepted_and_known_is_sent(string accept, string kind)
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        var (code, list) = await Accepting(accept);
        Assert.Equal((HttpStatusCode.OK, kind), (code, list.Text("kind")));
        Assert.Equal(kind == "ConfigMapList", list.Array("items")![0].Node("data") is not null);
    }

    [Fact]
    public async Task Who_accepts_nothing_that_there_is_gets_nothing()
    {
        var (code, status) = await Accepting("application/vnd.kubernetes.protobuf");
        Assert.Equal((HttpStatusCode.NotAcceptable, "NotAcceptable"), (code, status.Text("reason")));
    }

    private async Task<(HttpStatusCode Code, JsonObject Body)> Accepting(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Client.Maps);
        request.Headers.Accept.ParseAdd(accept);
        using var response = await Api.Http.SendAsync(request);
        return (response.StatusCode, JsonText.Parse(await response.Content.ReadAsByteArrayAsync()));
    }

    [Fact]
    public async Task A_table_has_a_row_for_each()
    {
        await Api.Post(Client.Pods, Client.Pod("a"));
        using var request = new HttpRequestMessage(HttpMethod.Get, Client.Pods);
        request.Headers.Accept.ParseAdd("application/json;as=Table;v=v1;g=meta.k8s.io");
        using var response = await Api.Http.SendAsync(request);
        var table = JsonText.Parse(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("Table", table.Text("kind"));
        Assert.Equal(["a", "0/1", "Pending"], table.Array("rows")![0].Array("cells")!.Take(3).Select(cell => cell.Text()));
    }
}
