using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Applications;

/// <summary>An application as its table has it.</summary>
internal sealed record ApplicationRow(string Name, string Team, string Criticality, long Revision, DateTime CreatedAt)
{
    public Application ToApplication() =>
        new(ApplicationName.Parse(Name), Team, Word.Read<Criticality>(Criticality), Revision, CreatedAt);
}
