using Fury.Access.Deciding;
using Fury.Access.Grants;
using Fury.Kernel;

namespace Fury.Access.Tests;

internal static class Given
{
    public static Policy Policy(params (string To, string Role, string On)[] grants) =>
        new(Role.Standard, grants.Select(grant => Grant(grant.To, grant.Role, grant.On)));

    public static Grant Grant(string to, string role, string on)
    {
        var check = new Validation();
        var grant = new Grant(Guid.NewGuid(), role, AccessWords.Subject(check, to, "to")!, AccessWords.Level(check, on, "on")!);
        Assert.Null(check.Fault);
        return grant;
    }
}
