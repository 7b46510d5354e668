using System.Net;

namespace Fury.LocalCluster.Tests;

/// <summary>Who asks, and what they may.</summary>
public sealed class AccessTests : OnCluster
{
    private protected override ClusterOptions Options => base.Options with { Token = "the-token-of-the-administrator" };

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Who_does_not_say_who_he_is_is_not_let_in(string? token)
    {
        var refused = await As(token).Get(Client.Pods);
        Assert.Equal((HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized"), (refused.Code, refused.Reason, refused.Message));
    }

    [Fact]
    public async Task A_refusal_names_user_verb_resource_and_place()
    {
        Cluster.Access.AddUser("reader", "token-of-the-reader");
        Cluster.Access.Allow("reader", new("get", "pods"));
        var api = As("token-of-the-reader");

        Assert.Equal(HttpStatusCode.NotFound, (await api.Get($"{Client.Pods}/a")).Code);
        var list = await api.Get(Client.Pods);
        Assert.Equal((HttpStatusCode.Forbidden, "Forbidden"), (list.Code, list.Reason));
        Assert.Equal("pods is forbidden: User \"reader\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", list.Message);
        Assert.Equal(
            "replicasets.apps is forbidden: User \"reader\" cannot list resource \"replicasets\" in API group \"apps\" at the cluster scope",
            (await api.Get("apis/apps/v1/replicasets")).Message);
        Assert.Equal(
            "pods \"a\" is forbidden: User \"reader\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"default\"",
            (await api.Get($"{Client.Pods}/a/log")).Message);
        Assert.Equal(HttpStatusCode.OK, (await As(Options.Token).Get(Client.Pods)).Code);
    }

    [Fact]
    public async Task Who_asks_what_he_may_is_told()
    {
        Cluster.Access.Deny(new("delete", "pods", "default"));
        async Task<bool?> May(string verb) => (await As(Options.Token).Post(
            "apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "{\"spec\":{\"resourceAttributes\":{\"namespace\":\"default\",\"verb\":\"VERB\",\"resource\":\"pods\"}}}".Replace("VERB", verb)))
            .Body.Flag("status", "allowed");
        Assert.Equal((true, false), (await May("list"), await May("delete")));
    }

    [Fact]
    public async Task A_client_certificate_is_as_good_as_a_token()
    {
        await using var cluster = await Cluster.Start(Options with { Tls = true, Token = null });
        using var kubectl = new Kubectl(cluster);
        Assert.Contains("default", await kubectl.Run("get namespaces"), StringComparison.Ordinal);
        using var nobody = new Client(cluster);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.Get(Client.Pods)).Code);
    }

    private Client As(string? token)
    {
        Api.Http.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
        return Api;
    }
}
