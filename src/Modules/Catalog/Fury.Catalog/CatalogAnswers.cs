using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Fury.Catalog;

internal static class CatalogAnswers
{
    /// <summary>201 with the place of what is new, 200 for what was there, or the fault.</summary>
    public static ActionResult<T> Answer<T>(this ControllerBase controller, Outcome<Put<T>> outcome)
    {
        if (!outcome.IsOk)
        {
            return Answers.Problem(outcome.Fault);
        }

        var (value, created) = outcome.Value;
        return created ? controller.Created(controller.Request.Path.ToUriComponent(), value) : controller.Ok(value);
    }

    /// <summary>Adds the ETag to an answer that has a value.</summary>
    public static void Tag(this HttpResponse response, long? revision)
    {
        if (revision is { } known)
        {
            response.Headers[HeaderNames.ETag] = IfMatch.Tag(known);
        }
    }
}
