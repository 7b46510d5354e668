using Fury.Sdk.Moving;
using Microsoft.Extensions.Configuration;

namespace Fury.Services.Moves;

/// <summary>Settings under <c>Services:Moves</c>.</summary>
internal sealed record MoveSettings
{
    /// <summary>
    /// A phase lasts so long at least: as long as a call may take that is under way, and as an instance that has just asked for its bindings needs to be known.
    /// </summary>
    public TimeSpan PhaseMin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The last phase of locks lasts as long as the longest lease that an application takes.</summary>
    public TimeSpan LeaseMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An instance that was silent for longer is gone. Until then the move waits for it.</summary>
    public TimeSpan SilentMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>So often it is looked whether what is waited for has come, and whether somebody wants the move to turn round.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>So long a gate waits for a provider's answer.</summary>
    public TimeSpan GateTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public CopierOptions Copier { get; init; } = new();

    public static MoveSettings Read(IConfiguration settings)
    {
        var (section, standard) = (settings.GetSection("Services:Moves"), new MoveSettings());
        return standard with
        {
            PhaseMin = section.GetValue("PhaseMin", standard.PhaseMin),
            LeaseMax = section.GetValue("LeaseMax", standard.LeaseMax),
            SilentMax = section.GetValue("SilentMax", standard.SilentMax),
        };
    }
}
