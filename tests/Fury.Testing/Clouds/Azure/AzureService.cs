using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Azure;

/// <summary>Virtual machines of one resource group: strict in what it takes, and late in telling that there is no room.</summary>
internal sealed class AzureService(AzureSpeeds speeds, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<AzureMachine> _machines = [];
    private readonly Dictionary<string, int> _room = [];

    public int Made { get; private set; }

    public int? QuotaLeft { get; set; }

    public void Room(string zone, int instances)
    {
        lock (_lock)
        {
            _room[zone] = instances;
        }
    }

    public JsonObject Put(string name, JsonObject body, string? ifNoneMatch)
    {
        AzureVmRules.Check(name, body);
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_machines.Any(one => Same(one.Name, name) && one.IsThere(now)))
            {
                throw ifNoneMatch == "*"
                    ? new AzureError(412, "PreconditionFailed", $"The resource '{name}' exists.")
                    : new AzureError(409, "PropertyChangeNotAllowed", "Changing an existing machine is not what the fake is for.");
            }

            if (QuotaLeft <= 0)
            {
                throw new AzureError(409, "OperationNotAllowed", "The operation results in exceeding approved Total Regional Cores quota.");
            }

            var zone = $"{(body["zones"] as JsonArray)?[0]}";
            var isFull = _room.GetValueOrDefault(zone, int.MaxValue) <= 0;
            if (!isFull)
            {
                Made++;
                QuotaLeft--;
                _room[zone] = _room.GetValueOrDefault(zone, int.MaxValue) - 1;
            }

            var machine = new AzureMachine(
                name,
                (JsonObject)body.DeepClone(),
                $"127.{150 + (_machines.Count / 62500)}.{_machines.Count / 250 % 250}.{(_machines.Count % 250) + 1}",
                now,
                isFull ? ("ZonalAllocationFailed", "Allocation failed. We do not have sufficient capacity for the requested VM size in this zone.") : null,
                speeds);
            _machines.Add(machine);
            return machine.Read(now, isExpanded: false);
        }
    }

    /// <summary>False: it was not there.</summary>
    public bool Delete(string name)
    {
        lock (_lock)
        {
            if (Find(name) is not { } machine)
            {
                return false;
            }

            machine.DeletedAt ??= clock.GetUtcNow();
            return true;
        }
    }

    public JsonObject Get(string name, bool isExpanded)
    {
        lock (_lock)
        {
            return (Find(name) ?? throw AzureError.NotFound($"Microsoft.Compute/virtualMachines/{name}")).Read(clock.GetUtcNow(), isExpanded);
        }
    }

    public JsonObject GetNic(string name)
    {
        lock (_lock)
        {
            return All().FirstOrDefault(one => Same($"{one.Name}-nic", name))?.Nic()
                ?? throw AzureError.NotFound($"Microsoft.Network/networkInterfaces/{name}");
        }
    }

    public List<JsonObject> List(Func<AzureMachine, DateTimeOffset, JsonObject?> read)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            return [.. All().Select(one => read(one, now)).OfType<JsonObject>()];
        }
    }

    /// <summary>As its creation was asked for; null when it is not there.</summary>
    public JsonObject? Asked(string name)
    {
        lock (_lock)
        {
            return Find(name)?.Body;
        }
    }

    public void End(string name, string power, bool isSpot)
    {
        lock (_lock)
        {
            var machine = Find(name) is { } found && (!isSpot || found.IsSpot) ? found : throw new InvalidOperationException($"There is no such '{name}'.");
            machine.End(power, clock.GetUtcNow());
        }
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<AzureMachine> All()
    {
        var now = clock.GetUtcNow();
        return _machines.Where(one => one.IsVisible(now));
    }

    private AzureMachine? Find(string name) => All().LastOrDefault(one => Same(one.Name, name));
}
