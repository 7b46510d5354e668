using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Routing;

namespace Fury.Hosting.Tests;

public sealed class RecordedTests
{
    [Fact]
    public async Task A_change_that_is_done_is_no_failure_because_nobody_could_look_at_it_afterwards()
    {
        var http = new DefaultHttpContext();
        var controller = new Once();
        var action = new ActionContext(http, new RouteData(), new ControllerActionDescriptor { ControllerTypeInfo = typeof(Once).GetTypeInfo() });
        var begun = new ActionExecutingContext(action, [], new Dictionary<string, object?>(), controller);

        await new RecordedAttribute(nameof(Once.Look)).OnActionExecutionAsync(
            begun, () => Task.FromResult(new ActionExecutedContext(action, [], controller) { Result = new OkResult() }));

        Assert.Equal(("before", RecordedAttribute.NotKnown), http.FindChange());
    }

    private sealed class Once
    {
        private int _looks;

        public Task<ActionResult<string>> Look() =>
            ++_looks == 1 ? Task.FromResult<ActionResult<string>>("before") : throw new IOException("The database is away.");
    }
}
