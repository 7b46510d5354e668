using System.Text.Json.Serialization;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Applications;

/// <summary>What a caller says of an application.</summary>
/// <param name="Team">The owning team, 1 to 60 characters.</param>
/// <param name="Criticality">low (when absent), medium, high or critical.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ApplicationRequest(string? Team, string? Criticality)
{
    public const int TeamLengthMax = 60;

    /// <summary>The application it describes, of revision 1, or a fault with every bad field.</summary>
    public Outcome<Application> Read(string? application, DateTimeOffset now)
    {
        var validation = new Validation();
        var name = validation.Name<ApplicationName>(application);
        var criticality = validation.Choice(Criticality, Kernel.Criticality.Low);
        validation.Require(Team is { Length: >= 1 and <= TeamLengthMax } && !string.IsNullOrWhiteSpace(Team) && !Team.Any(char.IsControl), Team,
            $"1 to {TeamLengthMax} characters");
        return validation.Fault is { } fault ? fault : new Application(name, Team!, criticality, 1, now);
    }
}
