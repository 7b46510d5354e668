using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

internal static class JudgementView
{
    public static JudgementStatus ToStatus(this Judged judged, JudgePolicy policy) => new(
        judged.Tick,
        judged.Judgement.At ?? default,
        Word.Of(judged.Verdict.Kind),
        Word.Of(judged.Verdict.Cause),
        judged.Verdict.Reason,
        judged.Facts(policy));
}
