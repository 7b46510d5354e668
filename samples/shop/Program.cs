using System.Globalization;
using System.Net;
using Fury.Sdk;
using Shop;

// Carts, orders and invoices, in services that are named here and bound elsewhere: no provider shows in this program.
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
    IPAddress.Parse(Environment.GetEnvironmentVariable("FURY_ADDRESS") ?? "127.0.0.1"),
    int.Parse(Environment.GetEnvironmentVariable("PORT") ?? "8080", CultureInfo.InvariantCulture)));
// On SIGTERM it stops listening, ends the requests it has begun, and goes.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));

var fury = builder.AddFury();
fury.AddKeyValue("carts");
fury.AddObjects("invoices");
fury.AddQueue("orders");
fury.AddQueueHandler<Order, Billing>("orders", ShopJson.Default.Order);
builder.Services.AddSingleton<Counter>();

var app = builder.Build();
app.MapGet("/health", () => Results.Ok());
app.MapGet("/", (HttpContext context, Counter counter) => counter.Visit(context));
app.MapPost("/carts/{id}/{item}", (HttpContext context, string id, string item, Counter counter) => counter.Add(context, id, item));
app.MapPost("/orders/{id}", (HttpContext context, string id, Counter counter) => counter.Order(context, id));
app.MapGet("/invoices/{id}", (HttpContext context, string id, Counter counter) => counter.Invoice(context, id));
await app.RunAsync();
