using Fury.Kernel;

namespace Fury.ClusterApi.Http;

/// <summary>How long a replica may end its work, as it comes in a query.</summary>
internal static class GraceSeconds
{
    public const double Default = 30;

    public static Outcome<TimeSpan> Read(double graceSeconds) =>
        graceSeconds is >= 0 and <= 3600 ? TimeSpan.FromSeconds(graceSeconds) : Fault.Invalid("graceSeconds", graceSeconds, "0 to 3600");
}
