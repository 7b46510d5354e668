using Fury.Access.Contracts;
using Microsoft.AspNetCore.Http;

namespace Fury.Hosting.Tests;

public sealed class CallingTests
{
    private readonly DefaultHttpContext _context = new();

    [Fact]
    public void A_person_and_her_tokens_are_one_who_cannot_approve_what_she_has_asked_for()
    {
        var ann = new Caller("ann", CallerKind.User);

        _context.SetCaller(ann);
        Assert.Equal("ann", _context.NameOf("bob"));
        _context.SetCaller(new Caller("ann-ci", CallerKind.Token) { Owner = ann });
        Assert.Equal("ann", _context.NameOf("bob"));
    }

    [Fact]
    public void A_token_that_nobody_owns_has_its_own_name_and_who_is_local_says_one()
    {
        _context.SetCaller(new Caller("ci", CallerKind.Token));
        Assert.Equal("ci", _context.NameOf("bob"));
        _context.SetCaller(Caller.Local);
        Assert.Equal("bob", _context.NameOf("bob"));
    }
}
