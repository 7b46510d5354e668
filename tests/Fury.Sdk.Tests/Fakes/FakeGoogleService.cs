using System.Text.Json.Nodes;
using Fury.Testing.Clouds.Gcp;
using Microsoft.AspNetCore.Http;

namespace Fury.Sdk.Tests.Fakes;

/// <summary>A fake of one of Google's services with a fake of who may call it: tokens are given for signatures of one account, and must be shown.</summary>
public abstract class FakeGoogleService : FakeService
{
    internal FakeIdentity Identity { get; } = new(TimeProvider.System);

    /// <summary>Of a route to it.</summary>
    public string Credential => $"env:{Variable("GOOGLE")}";

    /// <summary>How many more calls are answered with trouble in the place of the service.</summary>
    public int TroubledCalls { get; set; }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Identity.Dispose();
    }

    protected override void Begin() => Environment.SetEnvironmentVariable(Variable("GOOGLE"), Identity.ServiceAccount(Home).ToJsonString());

    /// <summary>One call of somebody who may; null: there is no body.</summary>
    protected abstract Task<JsonObject?> Call(HttpContext context, string[] path);

    /// <summary>For what is answered otherwise than in JSON; true: it was.</summary>
    protected virtual Task<bool> AnswerOtherwise(HttpContext context) => Task.FromResult(false);

    protected override async Task Answer(HttpContext context)
    {
        if (await Identity.Answer(context, Home) is { } token)
        {
            await Write(context, token.Code, token.Body);
            return;
        }

        try
        {
            if (await AnswerOtherwise(context))
            {
                return;
            }

            Identity.Check(context.Request);
            if (TroubledCalls > 0)
            {
                TroubledCalls--;
                throw GoogleError.Broken();
            }

            var answer = await Call(context, Segments(context));
            await Write(context, answer is null ? 204 : 200, answer);
        }
        catch (GoogleError refused)
        {
            await Write(context, refused.Code, refused.Body());
        }
    }

    /// <summary>The query, in which nothing is that the method does not know.</summary>
    protected static Func<string, string?> Query(HttpContext context, params string[] known) =>
        context.Request.Query.Keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown
            ? throw new GoogleError(400, $"Unknown name \"{unknown}\": Cannot bind query parameter.", "invalidParameter")
            : name => context.Request.Query.TryGetValue(name, out var value) ? $"{value}" : null;

    /// <summary>A JSON object, in which nothing is that the method does not know.</summary>
    protected static JsonObject Known(JsonObject? body, params string[] known) =>
        body is null ? throw new GoogleError(400, "Parse Error", "parseError")
        : body.Select(each => each.Key).FirstOrDefault(key => !known.Contains(key)) is { } unknown
            ? throw new GoogleError(400, $"Invalid JSON payload received. Unknown name \"{unknown}\".", "badRequest", "INVALID_ARGUMENT")
            : body;
}
