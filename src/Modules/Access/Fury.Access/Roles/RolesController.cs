using System.Text.Json.Serialization;
using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Access.Roles;

/// <param name="Permissions">At least one, of the closed list.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RoleRequest(IReadOnlyList<string?>? Permissions);

/// <param name="BuiltIn">It is always there, and never changes.</param>
internal sealed record RoleView(string Name, IReadOnlyList<Permission> Permissions, bool BuiltIn)
{
    public static RoleView Of(Role role) => new(role.Name, role.Permissions, role.BuiltIn);
}

/// <summary>What permissions are given together.</summary>
[ApiController]
[Route("api/v1/access/roles")]
[Tags("Access")]
[Produces("application/json")]
internal sealed class RolesController(PolicyStore store, PolicyBook book, TimeProvider clock) : ControllerBase
{
    /// <summary>All roles, the built-in ones first.</summary>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<IReadOnlyList<RoleView>> List(CancellationToken cancellation) => [.. (await store.Roles(cancellation)).Select(RoleView.Of)];

    /// <summary>Makes a role, or gives it these permissions. A built-in one is a 409.</summary>
    [HttpPut("{role}")]
    [Needs(Permission.Administer)]
    public async Task<ActionResult<RoleView>> Put(string role, [FromBody] RoleRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        check.Require(ApplicationName.TryParse(role, out _), role, ApplicationName.Expected);
        var words = request.Permissions ?? [];
        var permissions = words.Select(word => word is null ? null : Word.Find<Permission>(word)).ToList();
        check.Require(
            words.Count is > 0 and <= 50 && permissions.All(one => one is not null),
            string.Join(", ", words.Take(50)), $"some of {string.Join(", ", Word.All<Permission>())}", "permissions");
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var before = (await store.Roles(cancellation)).FirstOrDefault(one => one.Name == role);
        if (before is { BuiltIn: true })
        {
            return Answers.Problem(Fault.Conflict($"The role '{role}' is built in. Make one of another name."));
        }

        var put = await store.PutRole(new(role, [.. permissions.Select(one => one!.Value).Distinct().Order()], false), clock.GetUtcNow(), cancellation);
        book.Forget();
        HttpContext.Changes(before is null ? null : RoleView.Of(before), put.IsOk ? RoleView.Of(put.Value) : null);
        return put.Then<RoleView>(made => RoleView.Of(made)).Answer();
    }

    /// <summary>Removes a role that no grant names; else a 409.</summary>
    [HttpDelete("{role}")]
    [Needs(Permission.Administer)]
    public async Task<IActionResult> Remove(string role, CancellationToken cancellation)
    {
        if (Role.Standard.Any(one => one.Name == role))
        {
            return Answers.Problem(Fault.Conflict($"The role '{role}' is built in."));
        }

        var removed = await store.RemoveRole(role, cancellation);
        book.Forget();
        return removed.IsOk ? NoContent() : Answers.Problem(removed.Fault);
    }
}
