using System.Globalization;
using Fury.Kernel;
using Microsoft.Extensions.Configuration;

namespace Fury.Deployments.Sources;

internal enum SourceKind
{
    Prometheus,
    Datadog,
}

/// <summary>A source of metrics, as this host is configured: <c>Fury:Metrics:Sources:NAME:…</c>.</summary>
/// <param name="Url">Without a slash at its end; https, or http to this machine.</param>
internal sealed record SourceOptions(string Name, SourceKind Kind, Uri Url)
{
    public const string Section = "Fury:Metrics:Sources";

    private const int PeriodMaxSeconds = 30;
    private const int NameLengthMax = 40;
    private const string DatadogUrl = "https://api.datadoghq.com";

    private static readonly string[] Keys = ["Kind", "Url", "Label", "PeriodSeconds"];
    public static readonly IReadOnlyList<string> KeysOfPrometheus = [.. Keys, "Token", "TokenFile"];
    public static readonly IReadOnlyList<string> KeysOfDatadog = [.. Keys, "ApiKey", "ApiKeyFile", "ApplicationKey", "ApplicationKeyFile"];

    /// <summary>The label, or tag, whose value is a pool's id.</summary>
    public string Label { get; init; } = "fury_pool";

    /// <summary>It is asked for each multiple of this once: as often as Prometheus scrapes.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Of Prometheus; null: it is asked without.</summary>
    public Secret? Token { get; init; }

    /// <summary>Of Datadog.</summary>
    public Secret? ApiKey { get; init; }

    /// <summary>Of Datadog.</summary>
    public Secret? ApplicationKey { get; init; }

    /// <exception cref="InvalidOperationException">A sentence for each setting that is bad, and what would be right.</exception>
    public static IReadOnlyList<SourceOptions> Read(IConfiguration settings)
    {
        List<string> wrong = [];
        List<SourceOptions> sources = [.. settings.GetSection(Section).GetChildren().Select(section => Read(section, wrong)).OfType<SourceOptions>()];
        return wrong.Count == 0 ? sources : throw new InvalidOperationException(string.Join(' ', wrong));
    }

    private static SourceOptions? Read(IConfigurationSection section, List<string> wrong)
    {
        var before = wrong.Count;
        if (Word.Find<SourceKind>(section["Kind"]?.ToLowerInvariant() ?? "") is not { } kind)
        {
            Wrong("Kind", $"one of {string.Join(", ", Word.All<SourceKind>())}");
            return null;
        }

        var isPrometheus = kind == SourceKind.Prometheus;
        var known = isPrometheus ? KeysOfPrometheus : KeysOfDatadog;
        foreach (var key in section.GetChildren().Select(child => child.Key).Where(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)))
        {
            wrong.Add($"{section.Path}:{key} is no setting of a source; there are {string.Join(", ", known)}.");
        }

        var text = section["Url"] ?? (isPrometheus ? "" : DatadogUrl);
        if (!Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var url) || !MayBeAsked(url))
        {
            Wrong("Url", "an https address such as https://prometheus.example.com, or http to this machine, without user, query or fragment");
        }

        var label = section["Label"] ?? "fury_pool";
        if (label.Length is 0 or > 100 || !label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') || char.IsAsciiDigit(label[0]))
        {
            Wrong("Label", "a label of letters, digits and _, not beginning with a digit");
        }

        var period = section["PeriodSeconds"] ?? "15";
        if (!int.TryParse(period, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > PeriodMaxSeconds)
        {
            Wrong("PeriodSeconds", $"1 to {PeriodMaxSeconds}");
        }

        if (section.Key.Length > NameLengthMax || !section.Key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            wrong.Add($"The name of {section.Path} must be 1 to {NameLengthMax} letters, digits, - and _.");
        }

        var token = isPrometheus ? Of("Token", isNeeded: false) : null;
        var api = isPrometheus ? null : Of("ApiKey");
        var application = isPrometheus ? null : Of("ApplicationKey");
        return wrong.Count > before ? null : new(section.Key, kind, url!)
        {
            Label = label,
            Period = TimeSpan.FromSeconds(seconds),
            Token = token,
            ApiKey = api,
            ApplicationKey = application,
        };

        void Wrong(string key, string expected) =>
            wrong.Add($"{section.Path}:{key} must be {expected}, and is {(section[key] is { } value ? $"'{Printable(key, value)}'" : "not set")}.");

        Secret? Of(string key, bool isNeeded = true)
        {
            var (plain, file) = (section[key], section[key + "File"]);
            if (plain is null && file is null)
            {
                if (isNeeded)
                {
                    wrong.Add($"{section.Path}:{key}File must name the file with its key (or {key} hold it, as from the environment), and is not set.");
                }

                return null;
            }

            var secret = new Secret($"{section.Path}:{key}{(plain is null ? "File" : "")}", plain, file);
            try
            {
                secret.Read();
            }
            catch (InvalidOperationException bad)
            {
                wrong.Add(bad.Message);
            }

            return secret;
        }
    }

    private static bool MayBeAsked(Uri url) =>
        (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) && url is { UserInfo: "", Query: "", Fragment: "" };

    /// <summary>An address may hold a password, and is told without it.</summary>
    private static string Printable(string key, string value) =>
        key == "Url" && value.Contains('@', StringComparison.Ordinal) ? $"…{value[value.LastIndexOf('@')..]}" : value;
}
