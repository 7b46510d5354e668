namespace Fury.Compute.Standard.Placing;

/// <summary>How many instances are where, by provider, region and zone.</summary>
internal sealed class Spread(IReadOnlyList<Place> places)
{
    private readonly Dictionary<string, int> _counts = places
        .SelectMany(Levels)
        .GroupBy(level => level)
        .ToDictionary(level => level.Key, level => level.Count());

    /// <summary>How full it is there: of the provider, then of the region, then of the zone.</summary>
    public (int Provider, int Region, int Zone) At(Place place) => (Of(place.Provider), Of(place.InRegion), Of(place.InZone));

    /// <summary>The cell of the emptiest zone of the emptiest region of the emptiest provider; the first by name where several are.</summary>
    public Cell Next(IReadOnlyList<Cell> cells) => cells.OrderBy(cell => At(cell.Place)).ThenBy(cell => cell.Place.InZone, StringComparer.Ordinal).First();

    public void Add(Place place) => Move(place, 1);

    public void Remove(Place place) => Move(place, -1);

    private static string[] Levels(Place place) => [place.Provider, place.InRegion, place.InZone];

    private void Move(Place place, int by)
    {
        foreach (var level in Levels(place))
        {
            _counts[level] = Of(level) + by;
        }
    }

    private int Of(string level) => _counts.GetValueOrDefault(level);
}
