namespace Fury.Cli.CommandLine;

/// <summary>What a script learns without reading a word. Documented in <c>docs/cli.md</c>.</summary>
internal static class ExitCode
{
    /// <summary>It was done; a watched deployment ended as done.</summary>
    public const int Ok = 0;

    /// <summary>The host refused the request, or it failed; the reason is on standard error.</summary>
    public const int Failed = 1;

    /// <summary>The command line or <c>fury.yaml</c> is wrong; nothing was asked of the host.</summary>
    public const int Usage = 2;

    /// <summary>The watched deployment was rolled back or aborted; the watched run of a job did not succeed.</summary>
    public const int WentBack = 3;

    /// <summary>No host answers at the address.</summary>
    public const int Unreachable = 4;

    /// <summary><c>fury diff</c> could not be told what there is: there, 1 means differences.</summary>
    public const int Unknown = 5;

    /// <summary>Ctrl-C, as shells count it (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
