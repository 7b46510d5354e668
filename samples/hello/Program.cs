using Hello;

var settings = Settings.From(Environment.GetEnvironmentVariable);
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(settings.Address, settings.Port));
builder.Services.AddRoutingCore();
// On SIGTERM it stops listening, ends the requests it has begun, and goes.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));

var app = builder.Build();
var greeter = new Greeter(new Faults(settings, Environment.GetEnvironmentVariable("HELLO_FAULTS_FILE")));
app.MapGet("/", greeter.Greet);
app.MapGet("/health", greeter.Health);

Console.WriteLine($"hello {settings.Version} listens on http://{settings.Address}:{settings.Port}");
await app.RunAsync();
Console.WriteLine("hello has ended its work");
