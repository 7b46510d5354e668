namespace Fury.Benchmarks.Monster;

/// <summary>The processes of this benchmark.</summary>
internal static class MonsterParts
{
    public static async Task<int> Run(string part, string[] arguments)
    {
        switch (part, arguments)
        {
            case (HostPart.Name, [var dataFolder, var connectionString]):
                await HostPart.Serve(dataFolder, connectionString);
                return 0;
            default:
                await Console.Error.WriteLineAsync($"There is no part '{part}' with {arguments.Length} arguments.");
                return 2;
        }
    }
}
