using Fury.Agent.Wire;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Standard.Agents;

/// <summary>What agents of instances tell.</summary>
[ApiController]
[AgentSigned]
[Route("api/v1/agents/reports")]
[Tags("Agents")]
internal sealed class AgentReportsController(IAgentReports reports) : ControllerBase
{
    private const int ProviderIdLengthMax = 300;

    /// <summary>Takes one report of one instance. Older ones than the newest known change nothing.</summary>
    [HttpPost]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<IActionResult> Take(AgentReport report, CancellationToken cancellation)
    {
        var outcome = Check(report, AgentSignedAttribute.LotOf(HttpContext)) is { } bad ? bad : await reports.Take(report, cancellation);
        return outcome.IsOk ? NoContent() : Answers.Problem(outcome.Fault);
    }

    private static Fault? Check(AgentReport report, string lot)
    {
        var check = new Validation();
        check.Require(report.Lot == lot, report.Lot, $"'{lot}', whose secret has signed the report");
        check.Require(
            report.ProviderId is { Length: >= 1 and <= ProviderIdLengthMax } id && !id.Any(char.IsControl),
            report.ProviderId,
            $"the cloud's own name for the instance, 1 to {ProviderIdLengthMax} characters");
        check.Require(report.Boot.Version == 7, report.Boot, "a UUIDv7");
        check.Require(report.Sequence >= 1, report.Sequence, "1 or more");
        check.Require(report.Status is not null, report.Status, "given");
        check.Require(report.Status is null or { Restarts: >= 0 }, report.Status?.Restarts, "0 or more", "status.restarts");
        check.Require(
            report.Status?.Reason is null or { Length: <= AgentReport.ReasonLengthMax },
            report.Status?.Reason,
            $"at most {AgentReport.ReasonLengthMax} characters",
            "status.reason");
        check.Require(
            report.Usage is null or { CpuSeconds: >= 0 and < double.PositiveInfinity, MemoryBytes: >= 0, OutOfMemoryKills: >= 0 },
            report.Usage,
            "numbers of 0 or more",
            "usage");
        check.Require(
            report.AgentVersion is null || AgentReport.IsVersion(report.AgentVersion),
            report.AgentVersion,
            $"1 to {AgentReport.VersionLengthMax} visible ASCII characters, or absent");
        return check.Fault;
    }
}
