using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>A record as others see it.</summary>
internal static class DeploymentView
{
    public static Deployment ToDeployment(this DeploymentRecord record)
    {
        var first = record.Moving.FirstOrDefault()?.Current;
        return new(
            record.Id,
            record.Scope,
            record.Strategy,
            record.Phase,
            first?.Release,
            record.To,
            record.Version,
            first?.Id,
            record.CandidatePool,
            record.Policy,
            record.Reason,
            record.CreatedAt,
            record.EndedAt,
            record.Deadline,
            record.Revision)
        {
            Lanes = [.. record.Lanes.Select((lane, index) => LaneOf(record, lane, index))],
            Steps = [.. record.Cells.Select((cell, index) => StepOf(record.Lanes, record.Cells, index, record.Policy.HeadroomPercent))],
            Step = record.Cell,
            Held = record.Held is { } held ? new(Word.Of(held.Cause), held.Why, held.Since) : null,
            AskedBy = record.AskedBy,
            Recommendations = record.Recommendations,
        };
    }

    public static StepStatus StepOf(IReadOnlyList<Lane> lanes, IReadOnlyList<Cell> cells, int index, int headroomPercent)
    {
        var cell = cells[index];
        return new(
            [.. cell.Lanes.Select(lane => lanes[lane].Either.Location.ToString())],
            cell.Weight,
            cell.Gate,
            cell.MinSeconds,
            cell.DeadlineSeconds,
            cell.OnFail,
            Enumerable.Range(0, lanes.Count).Sum(lane => Weights.Replicas(lanes, cells, index, lane, headroomPercent)));
    }

    private static LaneStatus LaneOf(DeploymentRecord record, Lane lane, int index) => new(
        lane.Either.Location.ToString(),
        lane.Share,
        record.Cells.Count == 0 || record.Back is not null ? 0 : Weights.Of(record.Lanes, record.Cells, record.Cell, index),
        lane.Current?.Id,
        lane.Candidate?.Id,
        lane.IsBarred);
}
