using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Testing;

namespace Fury.Mesh.Tests;

/// <summary>What a host tells the others of its proxies: nothing too early, nothing twice, and no more of it than there is to tell.</summary>
public sealed class AttentionTests
{
    private static readonly DateTimeOffset Then = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ManualClock _clock = new();
    private readonly Dictionary<string, List<BehindNote>> _behind = [];
    private readonly List<string> _looked = [];
    private readonly Attention _attention;

    public AttentionTests() => _attention = new(
        scope =>
        {
            _looked.Add(scope);
            return _behind.GetValueOrDefault(scope, []);
        },
        _clock);

    [Fact]
    public void What_changes_with_a_revision_is_looked_at_when_that_is_in_force()
    {
        _attention.Look(1);
        _attention.Raise(["a"], 2);
        _behind["a"] = [];
        Assert.Empty(_attention.Look(1));

        _behind["a"] = [Note("a", "p")];
        var news = Assert.Single(_attention.Look(2));

        Assert.Equal(("a", "p"), (news.Scope, BehindNote.Read(news.Notes).Single().Proxy.Proxy));
        Assert.Empty(_attention.Look(2));
    }

    [Fact]
    public void What_is_about_to_change_again_is_looked_at_for_the_change_before_too()
    {
        _attention.Raise(["a"], 2);
        _attention.Raise(["a"], 3);
        _behind["a"] = [Note("a", "p")];
        Assert.Single(_attention.Look(2));

        _behind["a"] = [Note("a", "q")];
        Assert.Single(_attention.Look(3));
    }

    [Fact]
    public void That_nobody_is_behind_any_more_is_told_once()
    {
        _behind["a"] = [Note("a", "p")];
        _attention.Raise(["a"], 1);
        _attention.Look(1);
        _behind.Clear();
        _clock.Advance(Attention.TurnPeriod);

        Assert.Equal([new ScopeNews("a", null)], _attention.Look(1));
        _clock.Advance(Attention.TurnPeriod);
        Assert.Empty(_attention.Look(1));
    }

    [Fact]
    public void However_many_are_looked_at_a_look_costs_the_same_and_each_has_its_turn()
    {
        var scopes = Enumerable.Range(0, 3 * Attention.TurnMax).Select(number => $"s{number}").ToList();
        _attention.Raise(scopes, 1);
        _attention.Look(1);
        _looked.Clear();
        for (var look = 0; look < 3; look++)
        {
            _clock.Advance(Attention.TurnPeriod);
            _attention.Look(1);
            _attention.Look(1);
            Assert.Equal((look + 1) * Attention.TurnMax, _looked.Count);
        }

        Assert.Equal(scopes.Order(), _looked.Order());
    }

    [Fact]
    public void Who_comes_is_looked_at_without_waiting_for_a_turn_where_routes_have_changed_lately()
    {
        _attention.Raise(["a"], 1);
        _attention.Look(1);
        _looked.Clear();
        _attention.LookAgain(["a", "b"]);
        _attention.Look(1);

        Assert.Equal(["a"], _looked);
    }

    [Fact]
    public void A_scope_is_let_go_of_when_nobody_is_behind_and_its_routes_have_not_changed_for_long()
    {
        _attention.Raise(["a", "b"], 1);
        _behind["b"] = [Note("b", "p")];
        _attention.Look(1);
        _clock.Advance(Attention.KeptFor + Attention.TurnPeriod);
        _attention.Look(1);
        _looked.Clear();
        _clock.Advance(Attention.TurnPeriod);
        _attention.Look(1);

        Assert.Equal(["b"], _looked);
    }

    [Fact]
    public void What_could_not_be_told_is_told_again()
    {
        _behind["a"] = [Note("a", "p")];
        _attention.Raise(["a", "b"], 1);
        var news = _attention.Look(1);
        _attention.GiveBack(news);
        Assert.Equal(news, _attention.Look(1));

        _behind.Clear();
        _clock.Advance(Attention.TurnPeriod);
        var settled = _attention.Look(1);
        _attention.GiveBack(settled);
        Assert.Equal([new ScopeNews("a", null)], _attention.Look(1));
    }

    [Fact]
    public void Of_very_many_the_rest_is_told_of_as_one_who_holds_up_as_much_as_any()
    {
        _behind["a"] =
        [
            .. Enumerable.Range(0, Attention.NotesMax + 3).Select(number => Note("a", $"p{number}", ProxyStage.Busy)),
            Note("a", "late", ProxyStage.Waiting),
        ];
        _attention.Raise(["a"], 1);
        var notes = BehindNote.Read(Assert.Single(_attention.Look(1)).Notes);

        Assert.Equal(Attention.NotesMax + 1, notes.Count);
        Assert.Equal(("4 more", ProxyStage.Waiting), (notes[^1].Proxy.Proxy, notes[^1].Proxy.Stage));
    }

    private static BehindNote Note(string scope, string proxy, ProxyStage stage = ProxyStage.Waiting) => new(scope, new(proxy, stage, Then, ""), null);
}
