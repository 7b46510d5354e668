using Fury.Catalog.Contracts;

namespace Fury.Services.Moves;

/// <summary>What is left out when a provider is left at once, and what that may cost.</summary>
/// <param name="Skipped">Names of the gates and steps of a move that are skipped.</param>
/// <param name="MayBeLost">For whoever decides it.</param>
internal sealed record EvacuationTerms(IReadOnlyList<string> Skipped, string MayBeLost)
{
    private static readonly string[] OfAll = ["source-is-reachable", "limits-of-source", "copy", "verify", "way-back", "clean"];

    public static EvacuationTerms Of(ServiceKind kind) => kind switch
    {
        ServiceKind.KeyValue or ServiceKind.Objects => new(
            [.. OfAll, "target-is-empty"],
            "All that is not in the target already: what was written since it was filled. What an instance that is cut off from the platform writes to the "
            + "source is not in the target either; revoke the source's credential first. The source is left as it is."),
        ServiceKind.Queue => new(
            [.. OfAll, "target-is-empty", "order-of-keys"],
            "Nothing, if the source answers again: its messages come then, in no order with those of the target, and some of them twice. If it does not: "
            + "the messages that it has."),
        ServiceKind.Locks => new(
            [.. OfAll, "counters-of-source"],
            "No lock is held any more. Tokens grow on, so stores refuse holders of before; what is not fenced is safe when the longest lease has ended."),
        _ => new(OfAll, "All that is not in the target already."),
    };
}
