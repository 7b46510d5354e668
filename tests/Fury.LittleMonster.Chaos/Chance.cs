using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fury.LittleMonster.Chaos;

/// <summary>Chance that follows from a seed and from what is decided, never from the order in which things happen to be decided.</summary>
internal static class Chance
{
    public static Random Of(int seed, string what) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{what}"))));

    public static TimeSpan Between(this Random chance, TimeSpan least, TimeSpan most) => least + ((most - least) * chance.NextDouble());

    public static T OneOf<T>(this Random chance, IReadOnlyList<T> items) => items[chance.Next(items.Count)];
}
