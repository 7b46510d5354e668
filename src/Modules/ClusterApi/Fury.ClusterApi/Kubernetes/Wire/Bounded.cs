namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>Reads no more than was agreed, whatever the other side sends.</summary>
internal static class Bounded
{
    /// <summary>Null when there is more.</summary>
    public static async Task<byte[]?> Read(HttpContent content, int bytesMax, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int length;
        while ((length = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (read.Length + length > bytesMax)
            {
                return null;
            }

            read.Write(buffer, 0, length);
        }

        return read.ToArray();
    }
}
