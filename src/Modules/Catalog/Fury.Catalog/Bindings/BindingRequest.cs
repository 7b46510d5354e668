using System.Text.Json.Serialization;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>What a caller wants behind a service of a scope.</summary>
/// <param name="Route">What is to stand behind it.</param>
/// <param name="Reason">Why, for those who read it later; at most 500 characters.</param>
/// <param name="By">Who says so; at most 100 characters.</param>
/// <param name="EvenIfBehind">
/// True: although instances have not taken the present epoch. For a switch between two ways to the same data that is harmless; otherwise they may write to
/// what is left behind.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BindingRequest(RouteRequest? Route, string? Reason, string? By, bool EvenIfBehind = false)
{
    private const int ReasonLengthMax = 500;
    private const int ByLengthMax = 100;

    public Outcome<BindingWish> Read(string? application, string? scope, string? kind, string? service)
    {
        var validation = new Validation();
        validation.Require(Route is not null, Route, "what is to stand behind the service, e.g. {\"driver\": \"redis\", \"endpoint\": \"redis://10.0.0.7\"}");
        var wish = new BindingWish(
            BoundService.Read(validation, application, scope, kind, service),
            Route is null ? null : Route.Read(validation, service ?? ""),
            validation.Note(Reason, ReasonLengthMax),
            validation.Note(By, ByLengthMax),
            EvenIfBehind);
        return validation.Fault is { } fault ? fault : wish;
    }

    /// <summary>The wish that nothing stands behind it any more, whatever instances have.</summary>
    public static Outcome<BindingWish> ReadRemoval(string? application, string? scope, string? kind, string? service, string? reason, string? by)
    {
        var validation = new Validation();
        var wish = new BindingWish(
            BoundService.Read(validation, application, scope, kind, service),
            null,
            validation.Note(reason, ReasonLengthMax),
            validation.Note(by, ByLengthMax),
            EvenIfBehind: true);
        return validation.Fault is { } fault ? fault : wish;
    }
}

/// <summary>A checked <see cref="BindingRequest"/>.</summary>
/// <param name="Route">Null: nothing is to stand behind it.</param>
internal sealed record BindingWish(BoundService Name, ServiceRoute? Route, string Reason, string By, bool EvenIfBehind);
