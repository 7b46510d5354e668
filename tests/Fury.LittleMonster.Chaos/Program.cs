using System.Globalization;
using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.LittleMonster.Chaos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

// One host of Little Monster as a process of its own, for a test to kill, freeze and start again. Settings are those of any host, and
// Chaos:World (an address) and Chaos:Skew (a time span). It prints "up", then for each line "number order" on its standard input,
// "number saga" or "number !fault". It ends when its standard input closes, so that it never outlives the test.
var builder = Host.CreateApplicationBuilder(args);
var settings = builder.Configuration;
builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddFilter("Fury.LittleMonster", LogLevel.Information)
    .AddSimpleConsole(options => (options.SingleLine, options.TimestampFormat) = (true, "HH:mm:ss.fff "));
// Standard output is for answers.
builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Services.AddSingleton<TimeProvider>(new SkewedClock(TimeSpan.Parse(settings["Chaos:Skew"]!, CultureInfo.InvariantCulture)));
builder.Services.AddFuryHosting(settings, [new LittleMonsterModule()]).AddChaosSagas(new Uri(settings["Chaos:World"]!));

using var host = builder.Build();
await host.StartAsync();
Console.WriteLine("up");
var sagas = host.Services.GetRequiredService<ILittleMonster>();
while (await Console.In.ReadLineAsync() is { } line)
{
    _ = Answer(line);
}

await host.StopAsync();

async Task Answer(string line)
{
    var (number, json) = (line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    var order = JsonSerializer.Deserialize<ChaosOrder>(json, FuryJson.Options)!;
    if (await ChaosKinds.Start(sagas, order, CancellationToken.None) is { } saga)
    {
        Console.WriteLine(saga.IsOk ? $"{number} {saga.Value}" : $"{number} !{saga.Fault}");
    }
}
