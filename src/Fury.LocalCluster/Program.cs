using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Fury.LocalCluster;

/// <summary>A local cluster from the command line.</summary>
internal static class Program
{
    private const string Usage = """
        Fury.LocalCluster: a Kubernetes API on this machine, for development and tests. What is in it ends with it.

          --version 1.34         1.22 to 1.35
          --port 6443            0 takes any free one
          --nodes 3
          --kubelet simulated    process: images are file:///folders, and containers processes of this machine; simulated; none
          --ready-after 0        milliseconds that a simulated pod takes
          --tls                  with certificates made at the start
          --token TOKEN          of the administrator
          --kubeconfig FILE      written when it answers (default: printed)
        """;

    private static async Task<int> Main(string[] args)
    {
        if (args is ["--help" or "-h" or "help", ..])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        try
        {
            await Run(args);
            return 0;
        }
        catch (Exception refused) when (refused is ArgumentException or IOException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 2;
        }
    }

    private static async Task Run(string[] args)
    {
        var (options, file) = Parse(args);
        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true));
        var stopping = new TaskCompletionSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var cluster = await Cluster.Start(options, logging.CreateLogger("Fury.LocalCluster"));
        if (file is null)
        {
            Console.WriteLine(cluster.Kubeconfig);
        }
        else
        {
            await File.WriteAllTextAsync(file, cluster.Kubeconfig);
        }

        Console.WriteLine($"# Kubernetes {options.Version} for development answers at {cluster.Address}. Ctrl-C ends it.");
        await stopping.Task;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.TrySetResult();
        }
    }

    private static (ClusterOptions Options, string? File) Parse(string[] args)
    {
        var options = new ClusterOptions { Port = 6443 };
        string? file = null;
        for (var index = 0; index < args.Length; index++)
        {
            var name = args[index];
            string Value() => ++index < args.Length ? args[index] : throw new ArgumentException($"{name} needs a value. --help lists all options.");
            if (name == "--kubeconfig")
            {
                file = Value();
                continue;
            }

            options = name switch
            {
                "--version" => options with { Version = Value() },
                "--port" => options with { Port = Number(name, Value()) },
                "--nodes" => options with { Nodes = Number(name, Value()) },
                "--kubelet" => options with { Kubelet = Kubelet(Value()) },
                "--ready-after" => options with { ReadyAfter = TimeSpan.FromMilliseconds(Number(name, Value())) },
                "--tls" => options with { Tls = true },
                "--token" => options with { Token = Value() },
                _ => throw new ArgumentException($"'{name}' is no option of a local cluster. --help lists them."),
            };
        }

        return (options, file);
    }

    private static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"{name} is '{text}', and must be a number.");

    private static KubeletMode Kubelet(string text) => text switch
    {
        "process" => KubeletMode.Process,
        "simulated" => KubeletMode.Simulated,
        "none" => KubeletMode.None,
        _ => throw new ArgumentException($"--kubelet is '{text}', and must be process, simulated or none."),
    };
}
