using System.Security.Cryptography;
using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Releases;

/// <summary>All that makes a release what it is, and nothing else: neither who froze it nor when.</summary>
internal sealed record ReleaseContent(
    ScopeRef Scope,
    VersionName Version,
    Artifact Artifact,
    IReadOnlyDictionary<string, string> Environment,
    ComputeKind Compute,
    InstanceSize Size,
    int MinReplicas,
    int MaxReplicas,
    string HealthPath)
{
    /// <summary>As of its version.</summary>
    public bool ForwardOnly { get; init; }

    /// <summary>What <paramref name="scope"/> runs when it runs <paramref name="version"/>: the scope's configuration wins.</summary>
    public static ReleaseContent Of(Scope scope, ApplicationVersion version)
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in version.Environment.Concat(scope.Environment))
        {
            environment[key] = value;
        }

        return new(scope.Ref, version.Version, version.Artifact, environment, scope.Compute, scope.Size, scope.MinReplicas, scope.MaxReplicas,
            scope.HealthPath)
        {
            ForwardOnly = version.ForwardOnly,
        };
    }

    /// <summary>
    /// SHA-256 over canonical JSON: members and keys in the order of their bytes, no white space, everything beyond ASCII escaped. Where the
    /// artifact is kept is left out: the same content elsewhere is the same release. Changing this changes the id of every release.
    /// </summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson()));

    public static ReleaseId IdOf(string digest) => ReleaseId.Parse(digest[..16]);

    internal byte[] CanonicalJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("application", Scope.Application.Value);
            if (Artifact.Architectures.Count > 0)
            {
                // Left out where none is known, as it was before they were: those releases keep their ids.
                json.WriteStartArray("architectures");
                foreach (var architecture in Artifact.Architectures)
                {
                    json.WriteStringValue(Word.Of(architecture));
                }

                json.WriteEndArray();
            }

            json.WriteStartArray("arguments");
            foreach (var argument in Artifact.Arguments)
            {
                json.WriteStringValue(argument);
            }

            json.WriteEndArray();
            json.WriteString("artifact", Artifact.Digest);
            json.WriteString("command", Artifact.Command);
            json.WriteString("compute", Word.Of(Compute));
            json.WriteNumber("cpuMillis", Size.CpuMillis);
            json.WriteStartObject("environment");
            foreach (var (key, value) in Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            if (ForwardOnly)
            {
                // Left out where it is not so: releases from before it was known keep their ids.
                json.WriteBoolean("forwardOnly", true);
            }

            json.WriteString("healthPath", HealthPath);
            json.WriteNumber("maxReplicas", MaxReplicas);
            json.WriteNumber("memoryMiB", Size.MemoryMiB);
            json.WriteNumber("minReplicas", MinReplicas);
            json.WriteString("scope", Scope.Scope.Value);
            json.WriteString("version", Version.Value);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
