using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>Compute Engine v1, as far as Fury calls it: strict in what it takes, late in what it shows, and asynchronous in what it refuses.</summary>
internal sealed class GceService(GceSpeeds speeds, TimeProvider clock)
{
    private const int PageSizeMax = 500;

    /// <summary>How long a request id is remembered.</summary>
    private static readonly TimeSpan RequestIdKept = TimeSpan.FromMinutes(60);

    private readonly Lock _lock = new();
    private readonly List<GceVm> _vms = [];
    private readonly List<GceAction> _actions = [];
    private readonly Dictionary<string, int> _room = [];
    private readonly Dictionary<string, (string Type, string Target)> _requestIds = [];

    public int Made { get; private set; }

    public int? QuotaLeft { get; set; }

    /// <summary>True: a full quota is refused at once; false: by the operation.</summary>
    public bool IsQuotaTold { get; set; }

    public int PageMax { get; set; } = PageSizeMax;

    public void Room(string zone, int instances)
    {
        lock (_lock)
        {
            _room[zone] = instances;
        }
    }

    /// <summary>Every one that was ever made.</summary>
    public IReadOnlyList<CloudMachine> Machines()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            return [.. _vms.Select(vm => vm.ToMachine(now))];
        }
    }

    /// <summary>The newest one of the name that is there.</summary>
    public JsonObject? Find(string zone, string name, Uri home)
    {
        lock (_lock)
        {
            return Vm(zone, name)?.Read(clock.GetUtcNow(), home);
        }
    }

    public void Kill(string zone, string name) => Happen(zone, name, "compute.instances.guestTerminate", vm => vm.HasDied = true);

    public void TakeBack(string zone, string name) => Happen(
        zone,
        name,
        "compute.instances.preempted",
        vm => vm.DeletedAt = vm.IsSpot ? clock.GetUtcNow() : throw new InvalidOperationException("It is no spot."));

    public JsonObject Insert(string zone, JsonObject body, string? requestId, Uri home)
    {
        GceInsertRules.Check(zone, body);
        CheckRequestId(requestId);
        var name = $"{body["name"]}";
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (Repeated(requestId, "insert", name, now) is { } first)
            {
                return first.Read(now, home);
            }

            if (_vms.Any(vm => vm.Zone == zone && vm.Name == name && vm.IsThere(now)))
            {
                throw GoogleError.AlreadyExists($"projects/{FakeGoogle.Project}/zones/{zone}/instances/{name}");
            }

            var error = Refusal(zone);
            if (error is ("QUOTA_EXCEEDED", var message) && IsQuotaTold)
            {
                throw new GoogleError(403, message, "quotaExceeded");
            }

            if (error is null)
            {
                Made++;
                QuotaLeft--;
                _room[zone] = _room.GetValueOrDefault(zone, int.MaxValue) - 1;
                _vms.Add(new(zone, name, (JsonObject)body.DeepClone(), Address(Made), now, speeds));
            }

            return Record(zone, "insert", name, now, now + Max(speeds.Operation, speeds.VisibleAfter), requestId, error).Read(now, home);
        }
    }

    public JsonObject Delete(string zone, string name, string? requestId, Uri home)
    {
        CheckRequestId(requestId);
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (Repeated(requestId, "delete", name, now) is { } first)
            {
                return first.Read(now, home);
            }

            var vm = Vm(zone, name) ?? throw NotFound(zone, name);
            vm.DeletedAt ??= now;
            return Record(zone, "delete", name, now, now + speeds.Stop, requestId, null).Read(now, home);
        }
    }

    public JsonObject Get(string zone, string name, Uri home)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            return Vm(zone, name)?.Read(now, home) ?? throw NotFound(zone, name);
        }
    }

    public IEnumerable<JsonObject> Instances(string zone, Uri home)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            return [.. _vms.Where(vm => vm.Zone == zone && vm.IsVisible(now)).OrderBy(vm => vm.Name, StringComparer.Ordinal).Select(vm => vm.Read(now, home))];
        }
    }

    public IEnumerable<JsonObject> Operations(string zone, bool isNewestFirst, Uri home)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var all = _actions.Where(action => action.Zone == zone).Select(action => action.Read(now, home)).ToList();
            return isNewestFirst ? all.AsEnumerable().Reverse() : all;
        }
    }

    public JsonObject Page(IEnumerable<JsonObject> all, string kind, string? filter, int size, string? token)
    {
        if (size is < 1 or > PageSizeMax)
        {
            throw GoogleError.Invalid("maxResults", size, $"Must be 1 to {PageSizeMax}.");
        }

        var from = 0;
        if (token is not null
            && !(token.StartsWith("after-", StringComparison.Ordinal) && int.TryParse(token["after-".Length..], CultureInfo.InvariantCulture, out from)))
        {
            throw GoogleError.Invalid("pageToken", token, "The page token is not valid.");
        }

        var matching = all.Where(GceFilter.Of(filter)).ToList();
        var taken = Math.Min(size, PageMax);
        var page = new JsonObject { ["kind"] = kind };
        if (matching.Count > from)
        {
            page["items"] = new JsonArray([.. matching.Skip(from).Take(taken)]);
        }

        if (matching.Count > from + taken)
        {
            page["nextPageToken"] = $"after-{from + taken}";
        }

        return page;
    }

    private static string Address(int number) => $"127.{100 + (number / 62500)}.{number / 250 % 250}.{(number % 250) + 1}";

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static GoogleError NotFound(string zone, string name) => GoogleError.NotFound($"projects/{FakeGoogle.Project}/zones/{zone}/instances/{name}");

    private static void CheckRequestId(string? requestId)
    {
        if (requestId is not null && (!Guid.TryParseExact(requestId, "D", out var id) || id == Guid.Empty))
        {
            throw GoogleError.Invalid("requestId", requestId, "Must be a UUID, and not the nil UUID.");
        }
    }

    private GceVm? Vm(string zone, string name)
    {
        var now = clock.GetUtcNow();
        return _vms.LastOrDefault(vm => vm.Zone == zone && vm.Name == name && vm.IsVisible(now));
    }

    private (string Code, string Message)? Refusal(string zone) =>
        QuotaLeft <= 0 ? ("QUOTA_EXCEEDED", $"Quota 'CPUS' exceeded.  Limit: 24.0 in region {GceWorld.RegionOf(zone)}.")
        : _room.GetValueOrDefault(zone, int.MaxValue) <= 0 ? (
            "ZONE_RESOURCE_POOL_EXHAUSTED",
            $"The zone 'projects/{FakeGoogle.Project}/zones/{zone}' does not have enough resources available to fulfill the request.")
        : null;

    /// <summary>One request id, one thing done: another under it is refused.</summary>
    private GceAction? Repeated(string? requestId, string type, string target, DateTimeOffset now)
    {
        if (requestId is null)
        {
            return null;
        }

        if (_actions.FirstOrDefault(action => action.RequestId == requestId && now - action.At < RequestIdKept) is { } first)
        {
            return _requestIds[requestId] == (type, target) ? first : throw GoogleError.Invalid("requestId", requestId, "Was used for another request.");
        }

        _requestIds[requestId] = (type, target);
        return null;
    }

    private GceAction Record(
        string zone, string type, string target, DateTimeOffset at, DateTimeOffset ends, string? requestId, (string Code, string Message)? error)
    {
        var action = new GceAction($"operation-{_actions.Count + 1}", zone, type, target, at, ends, requestId, error);
        _actions.Add(action);
        return action;
    }

    private void Happen(string zone, string name, string type, Action<GceVm> change)
    {
        lock (_lock)
        {
            change(Vm(zone, name) ?? throw new InvalidOperationException($"There is no '{zone}/{name}'."));
            Record(zone, type, name, clock.GetUtcNow(), clock.GetUtcNow(), null, null);
        }
    }
}
