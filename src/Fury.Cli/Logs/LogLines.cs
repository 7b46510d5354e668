using Fury.Cli.CommandLine;
using Fury.Cli.Output;

namespace Fury.Cli.Logs;

/// <summary>Lines that the platform sends, as they come.</summary>
internal static class LogLines
{
    /// <summary>Until the platform has no more, or the caller has seen enough.</summary>
    public static async Task Show(Invocation call, string path, CancellationToken cancellation)
    {
        try
        {
            using var response = await call.Api.Open(path, "text/plain", null, cancellation);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
            while (await reader.ReadLineAsync(cancellation) is { } line)
            {
                call.Out.WriteLine(Plain.Text(line));
            }
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw call.Api.Unreachable(broken);
        }
    }
}
