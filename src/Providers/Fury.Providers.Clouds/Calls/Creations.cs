using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>Many instances of one wish, each by a call of its own, for clouds that have no call for many.</summary>
internal static class Creations
{
    /// <summary>
    /// Those that were had, and the first refusal where there are none; another wish under the same token is a conflict, whatever else there is. One whose
    /// answer was lost goes along with those that were had: it may be there, and by its name whoever asked can find out, and end it.
    /// </summary>
    /// <param name="asked">Each as it is when its creation was taken.</param>
    public static async Task<Outcome<IReadOnlyList<ProviderInstance>>> All(
        IReadOnlyList<ProviderInstance> asked, Func<ProviderInstance, Task<Outcome<ProviderInstance>>> create)
    {
        // What is wrong with one is wrong with all; the rest is spared.
        Fault? hopeless = null;
        var answers = await AtOnce.Each(asked, async one =>
        {
            if (Volatile.Read(ref hopeless) is { } known)
            {
                return known;
            }

            var answer = await create(one);
            if (answer.Fault?.Kind is FaultKind.Invalid or FaultKind.Unauthenticated or FaultKind.Forbidden or FaultKind.Conflict)
            {
                Volatile.Write(ref hopeless, answer.Fault);
            }

            return answer;
        });
        if (answers.FirstOrDefault(answer => answer.Fault?.Kind == FaultKind.Conflict).Fault is { } conflict)
        {
            return conflict;
        }

        var had = answers.Zip(asked)
            .Where(one => one.First.IsOk || one.First.Fault.Kind == FaultKind.Unavailable)
            .Select(one => one.First.IsOk ? one.First.Value : one.Second)
            .ToList();
        return answers.Any(answer => answer.IsOk) ? had : answers[0].Fault!;
    }
}
