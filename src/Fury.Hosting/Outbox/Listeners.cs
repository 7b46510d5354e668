using System.Text.Json;
using Fury.Kernel;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Hosting;

/// <summary>Who listens to what, as it was registered.</summary>
internal sealed class Listeners
{
    private readonly Dictionary<string, Delivery> _byType;

    /// <param name="services">All that was registered; read when the container is complete.</param>
    public Listeners(IServiceCollection services) => _byType = services
        .Select(service => service.ServiceType)
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEventListener<>))
        .Select(type => type.GetGenericArguments()[0])
        .Distinct()
        .ToDictionary(
            OutboxWriter.TypeName,
            type => (Delivery)Activator.CreateInstance(typeof(Delivery<>).MakeGenericType(type))!,
            StringComparer.Ordinal);

    /// <summary>Null when nobody listens to events of this type.</summary>
    public Delivery? Find(string type) => _byType.GetValueOrDefault(type);
}

/// <summary>Hands events of one type to their listeners.</summary>
internal abstract class Delivery
{
    /// <summary>
    /// Calls each listener that is not in <paramref name="done"/>, and puts it there when it has returned. All are called, even when one
    /// throws; what they threw is thrown together at the end.
    /// </summary>
    public abstract Task Deliver(IServiceProvider services, string body, HashSet<int> done, CancellationToken cancellation);
}

internal sealed class Delivery<TEvent> : Delivery
    where TEvent : IEvent
{
    public override async Task Deliver(IServiceProvider services, string body, HashSet<int> done, CancellationToken cancellation)
    {
        var news = JsonSerializer.Deserialize<TEvent>(body, FuryJson.Options) ?? throw new JsonException("The event is null.");
        var failures = new List<Exception>();
        var index = 0;
        foreach (var listener in services.GetServices<IEventListener<TEvent>>())
        {
            if (!done.Contains(index))
            {
                try
                {
                    await listener.Handle(news, cancellation);
                    done.Add(index);
                }
                catch (Exception failure)
                {
                    failures.Add(failure);
                }
            }

            index++;
        }

        if (failures.Count > 0)
        {
            throw failures.Count == 1 ? failures[0] : new AggregateException(failures);
        }
    }
}
