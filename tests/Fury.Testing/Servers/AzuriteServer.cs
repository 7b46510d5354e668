using System.Diagnostics;

namespace Fury.Testing;

/// <summary>Azure's blobs as npm's azurite has them, in memory. Not Azure: it is held to the same tests.</summary>
public sealed class AzuriteServer : ServerProcess
{
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    protected override async Task<Process> Start()
    {
        var scripts = await NodeScripts.Prepare("tests/Fury.Testing/Node/azurite", CancellationToken.None);
        var process = scripts.Start(
            "node_modules/azurite/dist/src/blob/main.js",
            "--blobHost", "127.0.0.1", "--blobPort", $"{Port}", "--inMemoryPersistence", "--disableTelemetry", "--silent");
        process.StandardInput.Close();
        return process;
    }
}
