using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>Something at a provider that bears the tags of a saga's step (<c>x.Tags</c>).</summary>
/// <param name="Kind">As in <see cref="LedgerEntry"/>.</param>
/// <param name="Token">The tag <c>lm-token</c>.</param>
/// <param name="CreatedAt">By the provider's clock.</param>
public sealed record LedgerItem(string Kind, string ExternalId, Guid Token, DateTimeOffset CreatedAt);

/// <summary>
/// What a provider really has, for the sweep that compares it with the ledger. Register one per provider whose steps say <c>ledger:</c>.
/// </summary>
public interface ILedgerSource
{
    /// <summary>As in <see cref="LedgerEntry"/>.</summary>
    string Provider { get; }

    IReadOnlyCollection<string> Regions { get; }

    /// <summary>
    /// Everything in the region that bears a saga's tags and is not gone yet, whichever host made it: what is missing here counts as gone.
    /// </summary>
    Task<Outcome<IReadOnlyList<LedgerItem>>> List(string region, CancellationToken cancellation);

    /// <summary>Has it removed. What is not there any more is a success.</summary>
    Task<Outcome> Remove(string region, LedgerItem item, CancellationToken cancellation);
}
