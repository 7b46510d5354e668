using System.Globalization;
using System.Net;

namespace Hello;

/// <summary>
/// How this copy behaves, all of it from the environment, so that one artifact makes good and bad releases. HELLO_FAULTS_FILE names a file that changes it
/// while it runs: see <see cref="Faults"/>.
/// </summary>
/// <param name="Address">FURY_ADDRESS: where to listen; 127.0.0.1 by default.</param>
/// <param name="Port">PORT: 8080 by default.</param>
/// <param name="Version">HELLO_VERSION, else FURY_VERSION: told in every answer.</param>
/// <param name="Scope">SCOPE: told in every answer.</param>
/// <param name="Instance">FURY_INSTANCE_ID: told in every answer.</param>
/// <param name="Startup">HELLO_STARTUP_MS: how long it says 503 before it can serve.</param>
/// <param name="ErrorRate">HELLO_ERROR_RATE: the share of requests answered with 500, 0 to 1, evenly spread.</param>
/// <param name="Latency">HELLO_LATENCY_MS: how long each answer takes at least.</param>
/// <param name="CrashAfterRequests">HELLO_CRASH_AFTER_REQUESTS: the process dies in the request after so many; 0 means never.</param>
/// <param name="Unhealthy">HELLO_UNHEALTHY=1: it is never healthy.</param>
/// <param name="Crash">HELLO_CRASH=1: the process dies in the next request or health check; for <see cref="Faults"/>.</param>
internal sealed record Settings(
    IPAddress Address,
    int Port,
    string Version,
    string Scope,
    string Instance,
    TimeSpan Startup,
    double ErrorRate,
    TimeSpan Latency,
    long CrashAfterRequests,
    bool Unhealthy,
    bool Crash)
{
    /// <param name="read">The value of a name; null where it has none.</param>
    public static Settings From(Func<string, string?> read)
    {
        return new(
            IPAddress.Parse(Text("FURY_ADDRESS", "127.0.0.1")),
            (int)Number("PORT", 8080),
            Text("HELLO_VERSION", Text("FURY_VERSION", "0.0.0")),
            Text("SCOPE", ""),
            Text("FURY_INSTANCE_ID", ""),
            TimeSpan.FromMilliseconds(Number("HELLO_STARTUP_MS", 0)),
            Number("HELLO_ERROR_RATE", 0),
            TimeSpan.FromMilliseconds(Number("HELLO_LATENCY_MS", 0)),
            (long)Number("HELLO_CRASH_AFTER_REQUESTS", 0),
            Text("HELLO_UNHEALTHY", "") == "1",
            Text("HELLO_CRASH", "") == "1");

        string Text(string name, string otherwise) => read(name) is { Length: > 0 } value ? value : otherwise;

        double Number(string name, double otherwise) =>
            double.TryParse(read(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
    }
}
