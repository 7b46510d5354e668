namespace Fury.LittleMonster;

/// <summary>Where the parts of a host run. The simulator gives one scheduler for both.</summary>
/// <param name="Engine">The loop, the lanes, the lease.</param>
/// <param name="Steps">Where steps are called: apart, so that steps that block their threads hold up nothing but each other.</param>
internal sealed record Schedulers(TaskScheduler Engine, TaskScheduler Steps)
{
    public static Task Run(TaskScheduler scheduler, Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();

    /// <summary>Begins the work and does not wait for it; it catches what it throws.</summary>
    public static void Begin(TaskScheduler scheduler, Func<Task> work) =>
        Task.Factory.StartNew(() => { _ = work(); }, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
}
