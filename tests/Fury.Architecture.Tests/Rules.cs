using System.Text.RegularExpressions;

namespace Fury.Architecture.Tests;

/// <summary>The rules of the house (<c>docs/architecture.md</c>) as pure functions that yield one sentence for each violation.</summary>
internal static partial class Rules
{
    /// <summary>Who may reference whom. A row or a door that is not used is a violation too, so the table cannot rot.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Doors = new Dictionary<string, string[]>
    {
        ["Fury.Kernel"] = [],
        ["Fury.Processes"] = [],
        // Stands alone: applications restore it without anything of the platform.
        ["Fury.Sdk"] = [],
        ["Fury.Sdk.Drivers.Postgres"] = ["Fury.Sdk"],
        ["Fury.Sdk.Drivers.RabbitMq"] = ["Fury.Sdk"],
        ["Fury.Sdk.Testing"] = ["Fury.Sdk"],
        ["Fury.Sdk.Conformance"] = ["Fury.Sdk", "Fury.Sdk.Testing"],
        ["Fury.Artifacts"] = ["Fury.Kernel"],
        ["Fury.Agent.Wire"] = ["Fury.Kernel"],
        ["Fury.Xds"] = ["Fury.Kernel"],
        ["Fury.Access.Contracts"] = ["Fury.Kernel"],
        ["Fury.Catalog.Contracts"] = ["Fury.Kernel"],
        ["Fury.ClusterApi.Contracts"] = ["Fury.Kernel"],
        ["Fury.Compute.Contracts"] = ["Fury.Kernel"],
        ["Fury.Deployments.Contracts"] = ["Fury.Kernel"],
        ["Fury.Mesh.Contracts"] = ["Fury.Kernel"],
        ["Fury.Providers.Contracts"] = ["Fury.Kernel"],
        ["Fury.Hosting"] = ["Fury.Kernel", "Fury.Agent.Wire", "Fury.Access.Contracts"],
        ["Fury.LittleMonster"] = ["Fury.Kernel", "Fury.Hosting", "Fury.Access.Contracts"],
        ["Fury.LittleMonster.Testing"] = ["Fury.LittleMonster"],
        ["Fury.Access"] = ["Fury.Kernel", "Fury.Hosting", "Fury.Catalog.Contracts", "Fury.Access.Contracts"],
        ["Fury.Catalog"] = ["Fury.Kernel", "Fury.Hosting", "Fury.Access.Contracts", "Fury.Artifacts", "Fury.Catalog.Contracts"],
        ["Fury.ClusterApi"] = ["Fury.Kernel", "Fury.Hosting", "Fury.Access.Contracts", "Fury.ClusterApi.Contracts"],
        ["Fury.Compute.Engines"] = ["Fury.Kernel", "Fury.Compute.Contracts"],
        ["Fury.Compute.Standard"] =
        [
            "Fury.Kernel", "Fury.Hosting", "Fury.LittleMonster", "Fury.Agent.Wire", "Fury.Compute.Contracts", "Fury.Compute.Engines",
            "Fury.Providers.Contracts", "Fury.Access.Contracts",
        ],
        ["Fury.Compute.Serverless"] =
        [
            "Fury.Kernel", "Fury.Hosting", "Fury.LittleMonster", "Fury.Compute.Contracts", "Fury.Compute.Engines", "Fury.ClusterApi.Contracts",
            "Fury.Catalog.Contracts", "Fury.Providers.Contracts", "Fury.Access.Contracts",
        ],
        ["Fury.Mesh"] = ["Fury.Kernel", "Fury.Hosting", "Fury.Access.Contracts", "Fury.Xds", "Fury.Mesh.Contracts", "Fury.Compute.Contracts"],
        ["Fury.Deployments"] =
        [
            "Fury.Kernel", "Fury.Hosting", "Fury.Deployments.Contracts", "Fury.Compute.Contracts", "Fury.Mesh.Contracts",
            "Fury.Catalog.Contracts", "Fury.Access.Contracts",
        ],
        ["Fury.Services"] =
        [
            "Fury.Kernel", "Fury.Hosting", "Fury.LittleMonster", "Fury.Sdk", "Fury.Sdk.Drivers.Postgres", "Fury.Sdk.Drivers.RabbitMq",
            "Fury.Catalog.Contracts", "Fury.Access.Contracts",
        ],
        ["Fury.Providers.Local"] = ["Fury.Kernel", "Fury.Hosting", "Fury.Artifacts", "Fury.Processes", "Fury.Providers.Contracts"],
        ["Fury.Providers.Clouds"] = ["Fury.Kernel", "Fury.Agent.Wire", "Fury.Providers.Contracts"],
        ["Fury.Providers.Aws"] = ["Fury.Kernel", "Fury.Providers.Clouds", "Fury.Providers.Contracts"],
        ["Fury.Providers.Gcp"] = ["Fury.Kernel", "Fury.Providers.Contracts", "Fury.Providers.Clouds"],
        ["Fury.Providers.Azure"] = ["Fury.Kernel", "Fury.Providers.Contracts", "Fury.Providers.Clouds"],
        ["Fury.LocalCluster"] = ["Fury.Kernel", "Fury.Processes", "Fury.Providers.Contracts", "Fury.Providers.Local"],
        ["Fury.Sidecar"] = ["Fury.Kernel", "Fury.Xds", "Fury.Mesh.Contracts"],
        ["Fury.Agent"] = ["Fury.Kernel", "Fury.Agent.Wire", "Fury.Artifacts", "Fury.Processes", "Fury.Sidecar"],
        ["Fury.Cli"] = ["Fury.Kernel", "Fury.Catalog.Contracts", "Fury.Deployments.Contracts"],
        ["Fury.Host"] =
        [
            "Fury.Kernel", "Fury.Hosting", "Fury.LittleMonster", "Fury.Sidecar", "Fury.Providers.Aws", "Fury.Providers.Azure",
            "Fury.Providers.Clouds", "Fury.Providers.Gcp", "Fury.Providers.Local", "Fury.Access", "Fury.Access.Contracts", "Fury.Catalog",
            "Fury.ClusterApi", "Fury.Compute.Serverless", "Fury.Compute.Standard", "Fury.Deployments", "Fury.Mesh", "Fury.Services",
        ],
    };

    /// <summary>The insides of modules and the schema that each may name.</summary>
    public static readonly IReadOnlyDictionary<string, string> Schemas = new Dictionary<string, string>
    {
        ["Fury.Hosting"] = "hosting",
        ["Fury.LittleMonster"] = "lm",
        ["Fury.Access"] = "access",
        ["Fury.Catalog"] = "catalog",
        ["Fury.Compute.Standard"] = "standard",
        ["Fury.Compute.Serverless"] = "serverless",
        ["Fury.Mesh"] = "mesh",
        ["Fury.Deployments"] = "deployments",
        ["Fury.Services"] = "services",
    };

    private static readonly string[] ClosedInsides =
    [
        "Fury.Access", "Fury.Catalog", "Fury.ClusterApi", "Fury.Compute.Standard", "Fury.Compute.Serverless", "Fury.Mesh", "Fury.Deployments", "Fury.Services",
    ];

    public static IEnumerable<string> ClosedDoors(IEnumerable<Room> rooms, IReadOnlyDictionary<string, string[]> doors)
    {
        foreach (var room in rooms)
        {
            if (!doors.TryGetValue(room.Name, out var allowed))
            {
                yield return $"{room.Name} has no row in Rules.Doors.";
                continue;
            }

            foreach (var target in room.References.Except(allowed))
            {
                yield return $"{room.Name} -> {target} is not an allowed door.";
            }

            foreach (var target in allowed.Except(room.References))
            {
                yield return $"{room.Name} -> {target} is allowed but unused; remove the row.";
            }
        }
    }

    public static IEnumerable<string> OpenInsides(IEnumerable<Room> rooms) =>
        from room in rooms
        where ClosedInsides.Contains(room.Name)
        from type in room.PublicTypes
        where !type.Name.EndsWith("Module", StringComparison.Ordinal)
        select $"{room.Name} shows {type.Name}; in an inside only the module class is public.";

    /// <summary>Contracts hold records, interfaces, enums and constants: nothing that computes, and no type of a package.</summary>
    public static IEnumerable<string> ForeignTypesInContracts(IEnumerable<Room> rooms) =>
        from room in rooms
        where room.Name.EndsWith(".Contracts", StringComparison.Ordinal)
        from type in room.PublicTypes
        from member in type.GetProperties().Select(property => (property.Name, Type: property.PropertyType))
            .Concat(type.GetMethods().Select(method => (method.Name, Type: method.ReturnType)))
        let home = member.Type.Assembly.GetName().Name!
        where !home.StartsWith("System", StringComparison.Ordinal) && home != "Fury.Kernel" && home != room.Name
        select $"{room.Name}: {type.Name}.{member.Name} shows a type of {home}.";

    /// <summary>SQL that names another module's schema.</summary>
    public static IEnumerable<string> ForeignSchemas(IEnumerable<SourceFile> files, IReadOnlyDictionary<string, string> schemas) =>
        from file in files
        let room = schemas.Keys.FirstOrDefault(name => file.Path.Contains($"/{name}/", StringComparison.Ordinal))
        where room is not null && (file.Path.EndsWith(".cs", StringComparison.Ordinal) || file.Path.EndsWith(".sql", StringComparison.Ordinal))
        from line in file.Lines
        from Match match in SqlTarget().Matches(line)
        let schema = match.Groups["schema"].Value
        where schemas.Values.Contains(schema) && schema != schemas[room]
        select $"{file.Path} names the schema of another module: {line.Trim()}";

    /// <summary>Deployments speak of pools and weights, whatever runs them and whatever routes them.</summary>
    public static IEnumerable<string> ProviderWords(IEnumerable<SourceFile> files) =>
        from file in files
        where file.Path.StartsWith("src/Modules/Deployments/", StringComparison.Ordinal) && file.Path.EndsWith(".cs", StringComparison.Ordinal)
        from line in file.Lines
        let word = ProviderWord().Match(line)
        where word.Success
        select $"{file.Path} knows '{word.Value}': {line.Trim()}";

    /// <summary>The face of the clusters, and the seam behind it, are the same whatever orchestrator stands there.</summary>
    public static IEnumerable<string> OrchestratorWords(IEnumerable<SourceFile> files) =>
        from file in files
        where file.Path.StartsWith("src/Modules/ClusterApi/Fury.ClusterApi.Contracts/", StringComparison.Ordinal)
            || file.Path.StartsWith("src/Modules/ClusterApi/Fury.ClusterApi/Clusters/", StringComparison.Ordinal)
        where file.Path.EndsWith(".cs", StringComparison.Ordinal)
        from line in file.Lines
        let word = OrchestratorWord().Match(line)
        where word.Success
        select $"{file.Path} knows '{word.Value}': {line.Trim()}";

    [GeneratedRegex(@"\b(from|join|into|update|table|exists|on)\s+(?<schema>[a-z_]+)\.[a-z_]+", RegexOptions.IgnoreCase)]
    private static partial Regex SqlTarget();

    [GeneratedRegex(@"\b(kubernetes|kubectl|ec2|gce|envoy|replicaset|yarp)\b", RegexOptions.IgnoreCase)]
    private static partial Regex ProviderWord();

    [GeneratedRegex(@"\b(kubernetes|kubectl|kubeconfig|kubelets?|pods?|replicasets?|hpa|cronjobs?|deployments?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex OrchestratorWord();
}
