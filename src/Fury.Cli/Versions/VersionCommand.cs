using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Versions;

internal static class VersionCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("version", "Versions: immutable artifacts of an application.")
        .With(CreateOne(globals), List(globals), Show(globals));

    private static FuryCommand CreateOne(Globals globals)
    {
        var version = globals.Version("A semantic version such as 1.4.0.");
        var artifact = new Option<string>("--artifact")
        {
            Description = "The folder with what is to run; Fury keeps a copy.",
            HelpName = "FOLDER",
            Required = true,
        };
        var command = new Option<string>("--command")
        {
            Description = "The executable, relative to the folder.",
            HelpName = "FILE",
            Required = true,
        };
        var arguments = new Option<string[]>("--argument") { Description = "An argument for it; may be repeated.", HelpName = "TEXT" };
        var forwardOnly = new Option<bool>("--forward-only")
        {
            Description = "Going back from it would be worse than a failure, e.g. after a change of schema: its deployments never turn back by themselves.",
        };
        var variables = new Variables();
        return new FuryCommand(
                "create",
                "Registers a version. The same version with the same content again changes nothing.",
                "fury version create 1.0.0 -a hello --artifact ./out --command hello",
                "fury version create 1.1.0 --artifact ./out --command hello --argument --verbose --env HELLO_VERSION=1.1.0")
            .With(version, artifact, command, arguments, forwardOnly, variables.Env, variables.EnvFile, globals.Application)
            .Runs(globals, async (call, cancellation) =>
            {
                var (application, name) = call.Version(call.Value(version));
                var folder = Path.GetFullPath(call.Value(artifact)!);
                var body = Body(folder, call.Value(command)!, call.Value(arguments) ?? [], variables.Read(call) ?? [], call.Value(forwardOnly));
                Write(call, await call.Api.Put(Routes.Version(application, name), body, null, cancellation));
            });
    }

    /// <summary>What the API takes for a new version.</summary>
    public static object Body(
        string folder, string command, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, bool forwardOnly = false) =>
        new { Artifact = new { Path = folder, Command = command, Arguments = arguments }, Environment = environment, ForwardOnly = forwardOnly };

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "The application's versions.", "fury version list -a hello")
        .With(globals.Application)
        .Lists<ApplicationVersion>(
            globals,
            call => Routes.Versions(call.Application()),
            _ => "No versions yet. Register one: fury version create 1.0.0 --artifact FOLDER --command FILE",
            ["VERSION", "COMMAND", "DIGEST", "CREATED"],
            one => [one.Version.Value, one.Artifact.Command, Short(one.Artifact.Digest), Plain.Time(one.CreatedAt)]);

    private static FuryCommand Show(Globals globals)
    {
        var version = globals.Version("Otherwise the one of fury.yaml.", optional: true);
        return new FuryCommand("show", "One version.", "fury version show 1.0.0 -a hello")
            .With(version, globals.Application)
            .Runs(globals, async (call, cancellation) =>
            {
                var (application, name) = call.Version(call.Value(version));
                Write(call, await call.Api.Get(Routes.Version(application, name), cancellation));
            });
    }

    private static void Write(Invocation call, Answer answer)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var one = answer.Read<ApplicationVersion>();
        TextTable.WriteFacts(
            call.Out,
            ("version", $"{one.Application} {one.Version}"),
            ("command", string.Join(' ', [one.Artifact.Command, .. one.Artifact.Arguments])),
            ("artifact", one.Artifact.Uri),
            ("digest", one.Artifact.Digest),
            ("environment", Variables.Line(one.Environment)),
            ("forward only", one.ForwardOnly ? "yes" : "no"),
            ("created", Plain.Time(one.CreatedAt)));
    }

    private static string Short(string digest) => digest.Length > 19 ? digest[..19] : digest;
}
