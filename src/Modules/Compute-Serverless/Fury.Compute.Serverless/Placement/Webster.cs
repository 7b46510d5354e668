namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Division by the method of Webster (Sainte-Laguë): the next seat goes to the cell with the highest weight / (2 × seats + 1). One seat is given
/// after the other and the order does not depend on how many there are, so one more never takes one away elsewhere, also where cells are full.
/// </summary>
internal static class Webster
{
    /// <summary>Gives out <paramref name="more"/> seats on top of those that there are; equals in the order of the cells.</summary>
    /// <param name="caps">How many seats a cell can have in all.</param>
    /// <returns>How many were given; fewer when all cells are full.</returns>
    public static int Give(ReadOnlySpan<int> weights, Span<int> seats, ReadOnlySpan<int> caps, int more)
    {
        for (var given = 0; given < more; given++)
        {
            var best = -1;
            for (var cell = 0; cell < seats.Length; cell++)
            {
                if (seats[cell] < caps[cell] && weights[cell] > 0 && (best < 0 || IsBefore(cell, best, weights, seats)))
                {
                    best = cell;
                }
            }

            if (best < 0)
            {
                return given;
            }

            seats[best]++;
        }

        return Math.Max(0, more);
    }

    /// <summary>Takes seats back, the last given first when the weights are those of the giving.</summary>
    public static void Take(ReadOnlySpan<int> weights, Span<int> seats, int fewer)
    {
        for (; fewer > 0; fewer--)
        {
            var last = -1;
            for (var cell = 0; cell < seats.Length; cell++)
            {
                // Of equals the last: giving took the first.
                if (seats[cell] > 0 && (last < 0
                    || (long)weights[cell] * ((2 * seats[last]) - 1) <= (long)weights[last] * ((2 * seats[cell]) - 1)))
                {
                    last = cell;
                }
            }

            if (last < 0)
            {
                return;
            }

            seats[last]--;
        }
    }

    private static bool IsBefore(int cell, int other, ReadOnlySpan<int> weights, ReadOnlySpan<int> seats) =>
        (long)weights[cell] * ((2 * seats[other]) + 1) > (long)weights[other] * ((2 * seats[cell]) + 1);
}
