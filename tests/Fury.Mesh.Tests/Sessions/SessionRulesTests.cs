using Envoy.Service.Discovery.V3;
using Fury.Mesh.Xds;
using static Fury.Mesh.Tests.Sessions.SmallView;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>The rules of both sessions, one by one.</summary>
public sealed class SessionRulesTests
{
    private readonly SmallView _view = new();
    private readonly Rejections _rejections = new();
    private readonly DeltaSession _delta;
    private readonly WholeSession _whole;

    public SessionRulesTests() => (_delta, _whole) = (new(_view, _rejections, TimeProvider.System), NewWhole());

    [Fact]
    public void However_much_changes_while_a_response_is_under_way_it_costs_one_more()
    {
        var random = new Random(7);
        foreach (var type in Enum.GetValues<XdsType>())
        {
            _view.Set(_delta, type, "a", "0");
            _view.Set(_delta, type, "b", "0");
            Ask(type, "a", "b");
            var first = Delta(_delta.Next()!);
            for (var change = random.Next(1, 100); change > 0; change--)
            {
                _view.Set(_delta, type, random.Next(2) == 0 ? "a" : "b", $"{change}");
            }

            Assert.Null(_delta.Next());
            Answer(first);
            Answer(Delta(_delta.Next()!));
            Assert.Null(_delta.Next());
        }
    }

    [Fact]
    public void A_response_that_only_takes_away_cannot_be_refused()
    {
        _view.Set(_delta, XdsType.Cluster, "a", "1");
        Ask(XdsType.Cluster, "a");
        Answer(Delta(_delta.Next()!));
        _view.Set(_delta, XdsType.Cluster, "a", null);

        Answer(Delta(_delta.Next()!), "no");

        Assert.Null(_delta.Next());
    }

    [Fact]
    public void Who_asks_for_all_is_answered_once_also_when_that_is_nothing_but_not_when_it_comes_back()
    {
        _delta.Receive(new() { TypeUrl = XdsType.Cluster.Url() });
        var answer = Delta(_delta.Next()!);
        Answer(answer);
        Assert.Empty(answer.Resources);
        Assert.Null(_delta.Next());

        _view.Set(_delta, XdsType.Cluster, "a", "1");
        var version = Assert.Single(Delta(_delta.Next()!).Resources).Version;
        var again = new DeltaSession(_view, _rejections, TimeProvider.System);
        again.Receive(new() { TypeUrl = XdsType.Cluster.Url(), InitialResourceVersions = { ["a"] = version } });
        Assert.Null(again.Next());
    }

    [Fact]
    public void A_content_that_was_refused_is_not_sent_again_when_others_came_between()
    {
        foreach (var (content, isBad) in new[] { ("good", false), ("bad", true), ("worse", true), ("better", false) })
        {
            _view.Set(_delta, XdsType.Route, "a", content);
            Ask(XdsType.Route, "a");
            Answer(Delta(_delta.Next()!), isBad ? "no" : null);
            while (_delta.Next() is { } repeated)
            {
                Answer(Delta(repeated));
            }
        }

        _view.Set(_delta, XdsType.Route, "a", "bad");
        Assert.Null(_delta.Next());
        _view.Set(_delta, XdsType.Route, "a", "best");
        Assert.NotNull(_delta.Next());
    }

    [Fact]
    public void A_refused_cluster_keeps_no_other_from_arriving_and_its_last_good_one_stands_in_for_it_on_every_stream()
    {
        _view.Set(_whole, XdsType.Cluster, "a", "a1");
        _view.Set(_whole, XdsType.Cluster, "b", "b1");
        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url() });
        Assert.Equal("a1 b1", Take(_whole));
        _view.Set(_whole, XdsType.Cluster, "a", "a2");
        Assert.Equal("a2 b1", Take(_whole, "no"));
        Assert.Null(_whole.Next());

        _view.Set(_whole, XdsType.Cluster, "b", "b2");
        Assert.Equal("a1 b2", Take(_whole));

        var again = NewWhole();
        again.Receive(new() { TypeUrl = XdsType.Cluster.Url() });
        Assert.Equal("a1 b2", Take(again));
    }

    [Fact]
    public void What_came_with_a_refused_cluster_and_is_not_named_comes_again_without_it()
    {
        _view.Set(_whole, XdsType.Cluster, "shop/a", "a1");
        _view.Set(_whole, XdsType.Cluster, "shop/b", "b1");
        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url() });

        Assert.Equal("a1 b1", Take(_whole, "Error adding cluster(s) shop/b: it is odd"));
        Assert.Equal("a1", Take(_whole));
        Assert.Null(_whole.Next());
    }

    [Fact]
    public void What_was_taken_before_is_not_refused_with_what_came_later_unless_it_is_all_there_is()
    {
        _view.Set(_whole, XdsType.Cluster, "a", "a1");
        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url() });
        Take(_whole);
        _view.Set(_whole, XdsType.Cluster, "b", "b1");

        var again = NewWhole();
        again.Receive(new() { TypeUrl = XdsType.Cluster.Url() });
        Assert.Equal("a1 b1", Take(again, "no"));
        Assert.Equal("a1", Take(again, "not that either"));
        Assert.Null(again.Next());
    }

    [Fact]
    public void No_names_mean_all_until_something_was_named_be_it_all()
    {
        _view.Set(_whole, XdsType.Cluster, "a", "a1");
        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url(), ResourceNames = { "*" } });
        Assert.Equal("a1", Take(_whole, names: "*"));

        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url() });

        Assert.False(_whole[XdsType.Cluster].Wildcard);
    }

    [Fact]
    public void A_second_request_before_the_first_answer_changes_the_subscription_and_a_stale_nonce_acknowledges_nothing()
    {
        _view.Set(_whole, XdsType.Cluster, "green", "g");
        _view.Set(_whole, XdsType.Cluster, "blue", "b");
        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url(), ResourceNames = { "green" } });
        Assert.Equal("g", Words(Whole(_whole.Next()!).Resources));
        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url(), ResourceNames = { "green", "blue" } });
        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url(), ResourceNames = { "green", "blue" }, ResponseNonce = "stale" });
        Assert.Null(_whole.Next());

        _whole.Receive(new() { TypeUrl = XdsType.Cluster.Url(), ResourceNames = { "green", "blue" }, ResponseNonce = "1" });

        Assert.Equal("b g", Take(_whole));
        Assert.Equal(1, _whole.StaleNonces);
    }

    [Fact]
    public void Many_endpoints_are_sent_in_parts_in_both_protocols()
    {
        string[] names = [.. Enumerable.Range(0, 50).Select(number => $"pool-{number}")];
        foreach (var name in names)
        {
            _view.Set(_whole, XdsType.Endpoint, name, new string('e', 100_000));
        }

        Ask(XdsType.Endpoint, names);
        _whole.Receive(new() { TypeUrl = XdsType.Endpoint.Url(), ResourceNames = { names } });
        var (delta, whole) = (0, 0);
        while (_delta.Next() is { } response)
        {
            Assert.True(response.Chunks.Sum(chunk => chunk.Length) < 4 * 1024 * 1024);
            delta += Delta(response).Resources.Count;
            Answer(Delta(response));
        }

        while (_whole.Next() is { } response)
        {
            Assert.True(response.Chunks.Sum(chunk => chunk.Length) < 4 * 1024 * 1024);
            whole += Whole(response).Resources.Count;
            _whole.Receive(new() { TypeUrl = XdsType.Endpoint.Url(), ResourceNames = { names }, ResponseNonce = Whole(response).Nonce });
        }

        Assert.Equal((50, 50), (delta, whole));
    }

    [Fact]
    public void Refusals_are_remembered_within_bounds()
    {
        var words = new string('x', 1_000_000) + "\0";
        for (var number = 0; number < 3 * Rejections.Max; number++)
        {
            _view.Set(_delta, XdsType.Route, $"{number}", "1");
            _rejections.Add(XdsType.Route, _view.Find(XdsType.Route, $"{number}")!, words, DateTimeOffset.UnixEpoch.AddSeconds(number));
        }

        var kept = (from number in Enumerable.Range(0, 3 * Rejections.Max)
                    let rejection = _rejections.Find(XdsType.Route, _view.Find(XdsType.Route, $"{number}")!)
                    where rejection is not null
                    select rejection).ToList();
        Assert.Equal(Rejections.Max, kept.Count);
        Assert.All(kept, rejection => Assert.InRange(rejection.Error.Length, 1, Rejections.ErrorCharsMax + 3));
        Assert.DoesNotContain('\0', Said.Words("a\0b", 10));
    }

    private WholeSession NewWhole() => new(_view, _rejections, TimeProvider.System);

    private void Ask(XdsType type, params string[] names) => _delta.Receive(new() { TypeUrl = type.Url(), ResourceNamesSubscribe = { names } });

    private void Answer(DeltaDiscoveryResponse response, string? refusal = null) => _delta.Receive(new()
    {
        TypeUrl = response.TypeUrl,
        ResponseNonce = response.Nonce,
        ErrorDetail = refusal is null ? null : new() { Code = 3, Message = refusal },
    });

    private static string Take(WholeSession session, string? refusal = null, string? names = null)
    {
        var response = Whole(session.Next()!);
        var answer = new DiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce };
        answer.ErrorDetail = refusal is null ? null : new() { Code = 3, Message = refusal };
        answer.ResourceNames.Add(names is null ? session[XdsType.Cluster].Names : [names]);
        session.Receive(answer);
        return Words(response.Resources);
    }
}
