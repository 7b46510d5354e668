namespace Fury.Hosting;

/// <summary>This host among those that share the database.</summary>
public interface INode
{
    /// <summary>
    /// Stable over restarts: it is kept in the data folder, and the data folder belongs to one process at a time (an exclusive lock). So a
    /// node that starts knows that its predecessor of the same name is dead, and may take over its leases without waiting for them.
    /// </summary>
    string Name { get; }

    /// <summary>This process: another one for each start.</summary>
    Guid Incarnation { get; }

    /// <summary>Where this host keeps its files. Absolute, exists, mode 0700; under root 0711, so secrets in it need a mode of their own.</summary>
    string DataFolder { get; }
}
