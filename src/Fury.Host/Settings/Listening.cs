namespace Fury.Host;

/// <summary>Where Kestrel listens, and how much it takes from one caller.</summary>
internal static class Listening
{
    /// <summary>No controller may take more; most take less.</summary>
    private const long RequestBytesMax = 4 << 20;

    /// <exception cref="BadSettings">It is to listen over https, and has no certificate.</exception>
    public static void Use(IWebHostBuilder web, HostSettings settings, IConfiguration given)
    {
        if (settings.Listen.Scheme == Uri.UriSchemeHttps && !given.GetSection("Kestrel:Certificates:Default").Exists())
        {
            throw new BadSettings(
                $"Fury:Listen is {settings.Listen}, which needs a certificate. Set Kestrel:Certificates:Default:Path and Kestrel:Certificates:Default:KeyPath "
                + "to its PEM files.");
        }

        Use(web, settings);
    }

    private static void Use(IWebHostBuilder web, HostSettings settings) => web
        .UseKestrelHttpsConfiguration()
        .UseUrls(settings.Listen.ToString())
        .ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
        });
}
