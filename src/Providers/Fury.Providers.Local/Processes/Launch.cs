using System.Diagnostics;
using System.Globalization;
using Fury.Processes;

namespace Fury.Providers.Local;

/// <summary>How the process of an instance is started.</summary>
internal static class Launch
{
    public static ProcessStartInfo Of(InstanceRecord record, string executable, InstanceFolder folder) => Detached.Of(new(
        [executable, .. record.Request.Arguments],
        Environment(record),
        new Uri(record.Request.ArtifactUri).LocalPath,
        folder.Logs.Current,
        folder.Lock));

    private static IEnumerable<KeyValuePair<string, string>> Environment(InstanceRecord record) =>
    [
        .. Detached.Inherited,
        new("FURY_INSTANCE_ID", record.Id),
        .. record.Request.Environment,
        new("PORT", record.Port.ToString(CultureInfo.InvariantCulture)),
        new("FURY_ADDRESS", record.Address),
        new(InstanceMark.Variable, record.Id),
    ];
}
