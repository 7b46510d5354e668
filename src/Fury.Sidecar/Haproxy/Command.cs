using System.Net;
using System.Net.Sockets;

namespace Fury.Sidecar.Haproxy;

/// <summary>What HAProxy can be told to change while it runs: a closed list. Each is atomic for the requests that it carries.</summary>
/// <seealso href="https://docs.haproxy.org/2.6/management.html#9.3"/>
internal abstract record Command
{
    private Command()
    {
    }

    /// <summary>One line of its runtime API.</summary>
    public abstract string Text { get; }

    /// <summary>What it answers when it has done so; anything else is a failure.</summary>
    public virtual string Done => "";

    /// <summary>What HAProxy has when it was done.</summary>
    public abstract HaproxyState After(HaproxyState state);

    /// <summary>A line that a map does not have yet.</summary>
    internal sealed record AddEntry(MapEntry Entry, string Value) : Command
    {
        public override string Text => $"add map {HaproxyConfig.FileOf(Entry.Map)} {Entry.Key} {Value}";

        public override HaproxyState After(HaproxyState state) => state with { Entries = state.Entries.SetItem(Entry, Value) };
    }

    internal sealed record SetEntry(MapEntry Entry, string Value) : Command
    {
        public override string Text => $"set map {HaproxyConfig.FileOf(Entry.Map)} {Entry.Key} {Value}";

        public override HaproxyState After(HaproxyState state) => state with { Entries = state.Entries.SetItem(Entry, Value) };
    }

    internal sealed record RemoveEntry(MapEntry Entry) : Command
    {
        public override string Text => $"del map {HaproxyConfig.FileOf(Entry.Map)} {Entry.Key}";

        public override HaproxyState After(HaproxyState state) => state with { Entries = state.Entries.Remove(Entry) };
    }

    /// <summary>A new server; it takes no requests before it is started.</summary>
    internal sealed record AddServer(ServerAt Server) : Command
    {
        // As every server has them that a configuration names. One that is added has none of them, and with that a connection for each request.
        private const string KeptConnections = "pool-max-conn -1 pool-purge-delay 5s";

        public override string Text => $"add server {Server.Path} {Address}:{Server.Endpoint.Port} {KeptConnections}";

        public override string Done => "New server registered.";

        public override HaproxyState After(HaproxyState state) => state with { Servers = state.Servers.SetItem(Server, false) };

        private string Address => IPAddress.Parse(Server.Endpoint.Address) is { AddressFamily: AddressFamily.InterNetworkV6 } six
            ? $"[{six}]"
            : Server.Endpoint.Address;
    }

    internal sealed record StartServer(ServerAt Server) : Command
    {
        public override string Text => $"set server {Server.Path} state ready";

        public override HaproxyState After(HaproxyState state) => state with { Servers = state.Servers.SetItem(Server, true) };
    }

    /// <summary>It gets no new requests; those that it has end where they began.</summary>
    internal sealed record StopServer(ServerAt Server) : Command
    {
        public override string Text => $"set server {Server.Path} state maint";

        public override HaproxyState After(HaproxyState state) => state with { Servers = state.Servers.SetItem(Server, false) };
    }

    /// <summary>Takes away a server that was stopped. HAProxy refuses that while it has a connection to it.</summary>
    internal sealed record RemoveServer(ServerAt Server) : Command
    {
        public override string Text => $"del server {Server.Path}";

        public override string Done => "Server deleted.";

        public override HaproxyState After(HaproxyState state) => state with { Servers = state.Servers.Remove(Server) };
    }

    /// <summary>
    /// Returns when every request that may have looked at the maps as they were is counted at its backend: HAProxy takes a server away only while
    /// all of its threads pause between two pieces of work, looking a backend up and counting the request there is one piece, and it finds out
    /// that there is no such server only then.
    /// </summary>
    internal sealed record Pause : Command
    {
        public override string Text => $"del server {Backends.NameOf(0)}/none";

        public override string Done => "No such server.";

        public override HaproxyState After(HaproxyState state) => state;
    }
}
