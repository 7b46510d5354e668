namespace Fury.Host;

/// <summary>Where Kestrel listens, and how much it takes from one caller.</summary>
internal static class Listening
{
    /// <summary>No controller may take more; most take less.</summary>
    private const long RequestBytesMax = 4 << 20;

    public static void Use(IWebHostBuilder web, HostSettings settings) => web
        .UseKestrelHttpsConfiguration()
        .UseUrls(settings.Listen.ToString())
        .ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
        });
}
