using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>What an instance asks, and says of itself with it.</summary>
/// <param name="Instance">Its own name, at most 100 characters.</param>
/// <param name="After">The revision that it knows; null at first.</param>
/// <param name="WaitSeconds">How long the answer may wait for a change; 0 to 30.</param>
/// <param name="IsNews">False: it has said the same before.</param>
/// <param name="IsLeaving">It stops.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RuntimeQuestion(
    string? Instance, long? After, int WaitSeconds, IReadOnlyList<RuntimeQuestion.RuntimeHeld>? Holds, bool IsNews = true, bool IsLeaving = false)
{
    private const int WaitSecondsMax = 30;
    private const int HoldsMax = 200;
    private const int RefusedLengthMax = 500;

    public Outcome<Holding> Read(ScopeRef scope)
    {
        var validation = new Validation();
        validation.Require(Instance is { Length: >= 1 and <= 100 } && !Instance.Any(char.IsControl), Instance, "1 to 100 characters");
        validation.Require(After is not < 0, After, "0 or more");
        validation.Require(WaitSeconds is >= 0 and <= WaitSecondsMax, WaitSeconds, $"0 to {WaitSecondsMax}");
        validation.Require(Holds is not { Count: > HoldsMax }, Holds?.Count, $"at most {HoldsMax}", "holds");
        var holds = (Holds ?? []).Take(HoldsMax).Select((held, index) => held.Read(validation, index)).ToList();
        return validation.Fault is { } fault ? fault : new Holding(scope, Instance!, holds, IsNews, IsLeaving);
    }

    /// <param name="Epoch">Which is in force; 0 when none is.</param>
    /// <param name="Refused">Why it does not take the newest.</param>
    internal sealed record RuntimeHeld(string? Kind, string? Service, long Epoch, string? Refused)
    {
        public Held Read(Validation validation, int index)
        {
            var kind = validation.Choice(Kind, ServiceKind.Objects, $"holds[{index}].kind");
            var service = validation.Name<ServiceName>(Service, $"holds[{index}].service");
            validation.Require(Epoch >= 0, Epoch, "0 or more", $"holds[{index}].epoch");
            var refused = Refused is null ? null : new string([.. Refused.Take(RefusedLengthMax).Select(each => char.IsControl(each) ? ' ' : each)]);
            return new(kind, service, Epoch, refused);
        }
    }
}

/// <param name="Revision">To ask after.</param>
/// <param name="Bindings">All of the scope; none when the revision is the one that was known.</param>
internal sealed record RuntimeAnswer(long Revision, IReadOnlyList<SealedBinding> Bindings);

/// <param name="Document">A <see cref="BindingDocument"/> as JSON, byte by byte what was sealed.</param>
/// <param name="Seal"><see cref="WorkloadIdentity.Seal"/> of its UTF-8, in hexadecimal digits.</param>
internal sealed record SealedBinding(string Document, string Seal)
{
    public static SealedBinding Of(ServiceBinding binding, string token, Attestation? attested = null)
    {
        var document = JsonSerializer.Serialize(
            new BindingDocument(
                binding.Scope.Application.Value,
                binding.Scope.Scope.Value,
                binding.At,
                // Of two resources at once nobody has probed anything.
                BindingDocument.Entry.Of(binding) with { Attested = binding.Move is null ? BindingDocument.Shown.Of(attested) : null }),
            FuryJson.Options);
        return new(document, WorkloadIdentity.Seal(token, Encoding.UTF8.GetBytes(document)));
    }
}

/// <summary>What is sealed: for whom it is, and a binding as files of bindings have it.</summary>
internal sealed record BindingDocument(string Application, string Scope, DateTimeOffset IssuedAt, BindingDocument.Entry Binding)
{
    /// <param name="State"><c>moving</c> with routes and a phase; null with a route.</param>
    internal sealed record Entry(
        string Service, string Kind, long Epoch, ServiceRoute? Route, string? State, Entry.Both? Routes, string? Phase, long? TokenEpoch)
    {
        /// <summary>Null: nobody has probed the resource.</summary>
        public Shown? Attested { get; init; }

        public static Entry Of(ServiceBinding binding)
        {
            var (service, kind, move) = (binding.Service.Value, Word.Of(binding.Kind), binding.Move);
            // By the gateway it is the host that works on both routes.
            return move is null || binding.Route!.Transport == ServiceRoute.Gateway
                ? new(service, kind, binding.Epoch, Known(binding.Route!, service), null, null, null, binding.TokenEpoch)
                : new(service, kind, binding.Epoch, null, "moving", new(binding.Route!, move.Target), Word.Of(move.Phase), binding.TokenEpoch);
        }

        /// <summary>What an instance may know: by the gateway neither who the provider is nor where, nor what opens it.</summary>
        private static ServiceRoute Known(ServiceRoute route, string service) => route.Transport != ServiceRoute.Gateway
            ? route
            : new(ServiceRoute.Gateway, ServiceRoute.Gateway, null, route.Region, service, null);

        internal sealed record Both(ServiceRoute Source, ServiceRoute Target);
    }

    internal sealed record Shown(DateTimeOffset At, IReadOnlyDictionary<string, string> Capabilities, IReadOnlyDictionary<string, long> Limits)
    {
        public static Shown? Of(Attestation? attested) => attested is null ? null : new(attested.At, attested.Capabilities, attested.Limits);
    }
}
