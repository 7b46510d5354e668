using System.Reflection;
using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>Which version this agent is.</summary>
internal static class OwnVersion
{
    /// <summary>Null: the program does not know it.</summary>
    public static string? Text { get; } = Of(typeof(OwnVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    /// <summary>Without the build behind a +: two builds of a version are the same one. What the platform would not take is not told.</summary>
    /// <param name="built">E.g. <c>1.4.0-rc.1+3f2c9ab</c>.</param>
    internal static string? Of(string? built) => built?.Split('+')[0] is { } version && AgentReport.IsVersion(version) ? version : null;
}
