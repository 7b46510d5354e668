using System.Reflection;
using System.Runtime.InteropServices;
using Fury.Access.Contracts;
using Fury.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Host;

/// <summary>What answers here.</summary>
/// <param name="Version">Semantic version, with the commit behind a + when it was built from one.</param>
/// <param name="Node">Which of the hosts that share the database.</param>
internal sealed record About(string Product, string Version, string Node, string Runtime, string OperatingSystem, IReadOnlyList<string> Modules);

[ApiController]
[Route("api/v1/about")]
[Tags("About")]
internal sealed class AboutController(INode node, IReadOnlyList<IModule> modules) : ControllerBase
{
    public static readonly string Version =
        typeof(AboutController).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Version, node and modules of the host that answers.</summary>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public ActionResult<About> Get() => new About(
        "Fury", Version, node.Name, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, [.. modules.Select(module => module.Name)]);
}
