using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Clusters;

/// <summary>What an access may look like, before its document is read. Pure.</summary>
internal static class AccessRules
{
    public static Fault? Check(ClusterAccess access, IReadOnlyList<string> orchestrators)
    {
        var check = new Validation();
        check.Require(orchestrators.Contains(access.Orchestrator), access.Orchestrator, $"one of {string.Join(", ", orchestrators)}", "orchestrator");
        check.Require(access.Document is null || access.File is null, access.File, "left out when there is a document", "file");
        check.Require(
            access.Managed is null || (access.Document ?? access.File ?? access.Context) is null,
            access.Managed,
            "left out when there is a document, a file or a context",
            "managed");
        check.Require(access.Space is null || WorkloadRules.IsLabel(access.Space), access.Space, WorkloadRules.LabelExpected, "space");
        check.Require(WorkloadRules.IsLabel(access.Owner), access.Owner, WorkloadRules.LabelExpected, "owner");
        return check.Fault;
    }
}
