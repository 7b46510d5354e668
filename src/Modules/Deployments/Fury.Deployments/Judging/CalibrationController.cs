using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Judging;

/// <summary>How right the judge is.</summary>
[ApiController]
[Route("api/v1/judge/calibration")]
[Produces("application/json")]
internal sealed class CalibrationController(CalibrationStore store, TimeProvider clock) : ControllerBase
{
    private const int FailedMax = 20;

    /// <summary>How often it has failed stable pools against themselves in the last 30 nights.</summary>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<CalibrationStatus> Calibration(CancellationToken cancellation)
    {
        var after = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(-FalseAlarms.Nights);
        var counted = await store.Count(after, cancellation);
        return new(
            FalseAlarms.Nights,
            counted.Splits,
            counted.Failed,
            counted.Rate,
            FalseAlarms.Promised,
            counted.IsAlarming,
            counted.Sentence,
            await store.Failed(after, FailedMax, cancellation));
    }
}
