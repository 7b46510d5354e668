using Fury.Access.Contracts;

namespace Fury.Access.Audit;

/// <summary>The trail as others write it.</summary>
internal sealed class Trail(AuditStore store, FailedSignIns failed) : IAudit
{
    public Task<Guid> Ask(AuditEntry entry, CancellationToken cancellation) => store.Ask(entry, cancellation);

    public Task Keep(AuditEntry entry, Guid? asked, CancellationToken cancellation) => store.Keep(entry, asked, cancellation);

    public void CountFailedSignIn(string? from, string method, string path, string why) => failed.Note(from, method, path, why);
}
