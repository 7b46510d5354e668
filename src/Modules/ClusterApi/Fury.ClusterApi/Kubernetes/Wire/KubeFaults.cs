using System.Globalization;
using System.Net;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>From what the API server refuses to a fault. Pure.</summary>
internal static class KubeFaults
{
    /// <summary>Facts by which the inside tells faults of one kind apart.</summary>
    public const string StatusFact = "status";
    public const string ReasonFact = "reason";

    /// <summary>How long the server asked to be left alone.</summary>
    public const string AfterFact = "retryAfterSeconds";

    private const int MessageLengthMax = 500;

    public static Fault Of(HttpStatusCode status, string body, KubeCall call)
    {
        var (reason, message, known) = Read(body);
        var code = (int)status;
        var fault = code switch
        {
            401 => new Fault(FaultKind.Unauthenticated, "The cluster does not accept Fury's credential: it has expired, or belongs to another cluster."),
            // A full quota is refused as 403 too, by the server's own admission.
            403 when message.Contains("exceeded quota", StringComparison.Ordinal) => new(FaultKind.Exhausted, $"A quota of the cluster is full: {message}"),
            403 => new Fault(FaultKind.Forbidden, $"The cluster does not let Fury {call.Verb} {call.Resource}: {message}")
                .With("verb", call.Verb).With("resource", call.Resource),
            404 => new(FaultKind.NotFound, known ? message : $"The cluster does not serve {call.Resource} at {PathOf(call)}."),
            409 => Fault.Conflict(message),
            429 => new(FaultKind.Throttled, "The cluster is asked too often now."),
            400 or 405 or 413 or 415 or 422 => Fault.Invalid($"The cluster refuses to {call.Verb} {call.Resource}: {message}"),
            410 => new(FaultKind.Stale, "The cluster does not remember so far back."),
            >= 500 => Fault.Unavailable($"The cluster could not {call.Verb} {call.Resource}: {message}"),
            _ => Fault.Unavailable($"The cluster answers {code} to {call.Verb} {call.Resource}."),
        };
        return fault.With(StatusFact, code).With(ReasonFact, reason);
    }

    public static bool IsStatus(this Fault? fault, HttpStatusCode status) => fault is not null
        && fault.Facts.TryGetValue(StatusFact, out var text)
        && text == ((int)status).ToString(CultureInfo.InvariantCulture);

    public static TimeSpan RetryAfter(this Fault? fault) =>
        fault is not null && fault.Facts.TryGetValue(AfterFact, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;

    /// <summary>Not that the object is missing, but that its whole kind is not served in this version.</summary>
    public static bool IsNotServed(this Fault? fault) => fault.IsStatus(HttpStatusCode.NotFound) && fault!.Facts[ReasonFact].Length == 0;

    /// <summary>Of an <c>ERROR</c> event in a watch, which carries the same object as a refusal.</summary>
    public static Fault OfEvent(JsonElement status, KubeCall call) =>
        Of((HttpStatusCode)status.Int("code", (int)HttpStatusCode.InternalServerError), status.GetRawText(), call);

    private static (string Reason, string Message, bool IsStatus) Read(string body)
    {
        try
        {
            // A refusal that an object is missing names it. One that does not is about the path, and as good as plain text.
            var status = JsonElement.Parse(body);
            if (status.Text("kind") == "Status" && (status.Int("code") != 404 || status.At("details").Text("name") is not null))
            {
                return (status.Text("reason") ?? "Unknown", Cut(status.Text("message") ?? "without a word"), true);
            }
        }
        catch (JsonException)
        {
            // Something on the way has answered, or a path that is not served: both do it in plain text.
        }

        return ("", Cut(body.ReplaceLineEndings(" ").Trim()), false);
    }

    private static string Cut(string text) => text.Length > MessageLengthMax ? $"{text[..MessageLengthMax]}…" : text;

    private static string PathOf(KubeCall call) => call.Path.Split('?')[0];
}
