using System.Net;
using System.Text;
using Fury.Xds;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// The configuration that HAProxy is started with, once: nothing in it names a scope, a pool or an endpoint. Those come over its runtime API, so it
/// is never loaded anew.
/// </summary>
/// <seealso href="https://docs.haproxy.org/2.6/configuration.html"/>
internal static class HaproxyConfig
{
    public const string File = "haproxy.cfg";

    public const string Frontend = "sidecar";

    /// <summary>How the map is called, and the file that it is read from at the start, which is empty.</summary>
    public static string FileOf(HaproxyMap map) => map switch
    {
        HaproxyMap.Pools => "pools.map",
        HaproxyMap.Timeouts => "timeouts.map",
        HaproxyMap.Slots => "slots.map",
        HaproxyMap.Previews => "previews.map",
        _ => "hosts.map",
    };

    /// <param name="socket">Of the runtime API, in a folder that nobody else may read.</param>
    /// <param name="drainMax">How long requests may take to end when it stops.</param>
    public static string Render(IPEndPoint listen, string socket, int backends, TimeSpan drainMax) => $$"""
        global
          stats socket {{socket}} mode 600 level admin
          stats timeout 1m
          hard-stop-after {{(long)drainMax.TotalMilliseconds}}ms

        defaults all
          mode http
          timeout client 5m
          timeout connect 1s
          timeout http-keep-alive 5m
          timeout http-request 30s
          timeout queue 1s
          timeout server 5m
          timeout tunnel 5m
          {{Error(400, "bad-request", "The request ended early or cannot be passed on.")}}
          {{Error(408, "bad-request", "The request ended early or cannot be passed on.")}}
          {{Error(502, "connection-broken", "The instance broke the connection before its answer.")}}
          {{Error(503, "connect-failed", "No instance could be connected to.")}}
          {{Error(504, "timed-out", "The instance did not answer in time.")}}

        # A request whose connection could not be made, or that a kept connection swallowed, goes to another server of its pool; the second only where
        # HTTP says that repeating it is harmless (RFC 9110, 9.2.2).
        defaults pools from all
          balance leastconn
          retries 3
          retry-on conn-failure empty-response
          option redispatch 1
          option abortonclose
          http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE PUT DELETE }
          http-request set-timeout server var(txn.timeout) if { var(txn.timeout) -m found }
          http-response set-header {{MeshProtocol.PoolHeader}} %[be_name,map_str({{FileOf(HaproxyMap.Pools)}})]

        frontend {{Frontend}} from all
          bind {{listen}}
          http-request set-var(txn.host) req.hdr(host),field(1,:),lower
          http-request set-var(txn.scope) var(txn.host),map_str({{FileOf(HaproxyMap.Hosts)}})
          {{Return(503, "routes-not-loaded", "The sidecar has not received its routes yet.", NotLoaded)}}
          {{Return(404, "unknown-host", "No scope is reached by the host name '%[var(txn.host),json(utf8s)]'.", "if !{ var(txn.scope) -m found }")}}
          http-request set-var(txn.timeout) var(txn.scope),map_str_int({{FileOf(HaproxyMap.Timeouts)}})
          {{Preview($"req.hdr({MeshProtocol.PoolHeader})")}}
          {{Preview($"req.cook({MeshProtocol.PoolCookie})")}}
          http-request set-var-fmt(txn.slot) "%[var(txn.scope)]#%[rand({{Slots.Count}})]" if !{ var(txn.pool) -m found }
          http-request set-var(txn.pool) var(txn.slot),map_str({{FileOf(HaproxyMap.Slots)}}) if !{ var(txn.pool) -m found }
          {{Unserved(HaproxyPlan.NoPool, "Nothing serves %[var(txn.scope)]: no version of it has traffic.")}}
          {{Unserved(HaproxyPlan.NoEndpoint, "No instance of %[var(txn.scope)] is ready.")}}
          http-request del-header keep-alive
          http-request del-header x-forwarded-prefix
          http-request set-header x-forwarded-for %[src]
          http-request set-header x-forwarded-proto http
          http-request set-header x-forwarded-host %[req.hdr(host)]
          use_backend %[var(txn.pool)]

        {{Pools(backends)}}
        """;

    private static string NotLoaded =>
        $"if !{{ var(txn.scope) -m found }} !{{ str({HaproxyPlan.Loaded}),map_str({FileOf(HaproxyMap.Hosts)}) -m found }}";

    private static string Pools(int backends)
    {
        var text = new StringBuilder();
        for (var backend = 0; backend < backends; backend++)
        {
            text.Append("backend ").Append(Backends.NameOf(backend)).Append(" from pools\n");
        }

        return text.ToString();
    }

    /// <summary>A pool that the request chooses, where the scope's rules let it.</summary>
    private static string Preview(string from)
    {
        var when = $"if !{{ var(txn.pool) -m found }} {{ {from} -m found }}";
        return $"""
            http-request set-var-fmt(txn.wish) "%[var(txn.scope)]#%[{from},lower]" {when}
              http-request set-var(txn.pool) var(txn.wish),map_str({FileOf(HaproxyMap.Previews)}) {when}
            """;
    }

    private static string Unserved(string pool, string title) => Return(503, pool[1..], title, $"if {{ var(txn.pool) -m str {pool} }}");

    private static string Return(int status, string code, string title, string when) =>
        $"http-request return status {status} {Problem("lf-string", status, code, title)} {when}";

    private static string Error(int status, string code, string title) => $"http-error status {status} {Problem("string", status, code, title)}";

    /// <summary>As the .NET data plane writes it: problem details, and the header that tells them from the application's.</summary>
    private static string Problem(string kind, int status, string code, string title)
    {
        var json = $$"""{"type":"urn:fury:sidecar:{{code}}","title":"{{title}}","status":{{status}}}""";
        var quoted = json.Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"""content-type application/problem+json hdr {Forwarding.Refusal.Header} {code} {kind} "{quoted}" """.TrimEnd();
    }
}
