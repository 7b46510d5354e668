using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Fury.Cli.CommandLine;
using Fury.Cli.Deployments;

namespace Fury.Cli.Applications;

/// <summary>From the command line to the page that shows the same.</summary>
internal static class OpenCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var deployment = new Argument<string?>("DEPLOYMENT") { Description = "A deployment's live page.", Arity = ArgumentArity.ZeroOrOne };
        var office = new Option<bool>("--backoffice") { Description = "The back office." };
        return new FuryCommand(
                "open",
                "Opens the page of a scope, an application or a deployment in the browser; where there is none, it prints the address.",
                "fury open -a hello -s production-web",
                "fury open 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d",
                "fury open --backoffice")
            .With(deployment, office, globals.Application, globals.Scope)
            .Runs(globals, (call, _) =>
            {
                var page = Page(call, globals, call.Value(deployment), call.Value(office));
                call.Out.WriteLine(page);
                if (call.Live && !Opened(page))
                {
                    call.Error.WriteLine("No browser was found here.");
                }

                return Task.CompletedTask;
            });
    }

    private static string Page(Invocation call, Globals globals, string? deployment, bool office)
    {
        var path = (deployment, office) switch
        {
            (_, true) => "backoffice",
            ({ } id, _) => $"deployments/{AskCommand.Id(id)}",
            _ when call.Knows(globals.Scope) => $"applications/{call.Scope().Application}/{call.Scope().Scope}",
            _ when call.Knows(globals.Application) => $"applications/{call.Application()}",
            _ => "",
        };
        return $"{call.Host.AbsoluteUri.TrimEnd('/')}/{path}";
    }

    /// <summary>Only where somebody looks at a screen: a browser that is started on a server is nobody's.</summary>
    private static bool Opened(string page)
    {
        var opener = OperatingSystem.IsMacOS() ? "open" : OperatingSystem.IsWindows() ? "explorer" : "xdg-open";
        var hasScreen = !OperatingSystem.IsLinux()
            || Environment.GetEnvironmentVariable("DISPLAY") is { Length: > 0 }
            || Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is { Length: > 0 };
        try
        {
            using var started = hasScreen ? Process.Start(new ProcessStartInfo(opener, [page]) { RedirectStandardError = true }) : null;
            return started is not null;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
