using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Bindings;

[ApiController]
[WorkloadOnly]
[Route("api/v1/runtime/bindings")]
[Tags("Services")]
internal sealed class RuntimeBindingsController(
    BindingStore bindings, BindingNews news, HolderInbox inbox, IEnumerable<IAttester> attesters) : ControllerBase
{
    /// <summary>
    /// For the instances of a scope, by their own token: says what they have in force, and waits for what is to be. A POST, as it says something, and as the
    /// answer is nothing to be cached.
    /// </summary>
    [HttpPost]
    [RequestSizeLimit(256 * 1024)]
    public async Task<ActionResult<RuntimeAnswer>> Ask(RuntimeQuestion question, CancellationToken cancellation)
    {
        var (scope, token) = WorkloadOnlyAttribute.Of(HttpContext);
        var holding = question.Read(scope);
        if (!holding.IsOk)
        {
            return Answers.Problem(holding.Fault);
        }

        inbox.Add(holding.Value);
        if (question is { After: { } after, WaitSeconds: > 0, IsLeaving: false }
            && !await news.Wait(scope, after, TimeSpan.FromSeconds(question.WaitSeconds), Revision, cancellation))
        {
            return new RuntimeAnswer(after, []);
        }

        var all = await bindings.All(scope, cancellation);
        return (await all.Then(Told)).Answer();

        async Task<Outcome<RuntimeAnswer>> Told(ScopeBindings found)
        {
            if (found.Revision == question.After)
            {
                return new RuntimeAnswer(found.Revision, []);
            }

            var attested = attesters.SingleOrDefault() is { } attester ? await attester.Of(scope, cancellation) : [];
            return new RuntimeAnswer(
                found.Revision,
                [.. found.Bindings.Select(binding => SealedBinding.Of(binding, token, attested.FirstOrDefault(one => one.IsOf(binding))))]);
        }

        async Task<long> Revision() => await bindings.All(scope, cancellation) is { IsOk: true } found ? found.Value.Revision : after + 1;
    }
}
