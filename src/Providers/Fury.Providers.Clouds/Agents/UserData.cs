using System.Globalization;
using System.Text;
using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>
/// The script that an instance runs when it boots (cloud-init takes it as it is): it fetches the agent, compares it with its digest, writes its
/// configuration and starts it as a service. Secrets are in that one file only, mode 0600, never on a command line and never in the script's output.
/// </summary>
internal static class UserData
{
    /// <summary>EC2's limit, before base64; the others allow more.</summary>
    public const int BytesMax = 16 * 1024;

    private const string ConfigEnd = "FURY_CONFIG_END";

    /// <summary>Besides the application's grace; the agent itself takes 15 s at most.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(20);

    /// <summary>The same for the same request. <see cref="FaultKind.Invalid"/> when it is too large, or there is no agent for the type's machines.</summary>
    public static Outcome<string> Of(InstanceRequest request, InstanceType type, AgentSettings settings, Func<string, string> secretOf)
    {
        if (!settings.Binaries.TryGetValue(type.Architecture, out var binary))
        {
            return Fault.Invalid("type", type.Name, $"of {string.Join(" or ", settings.Binaries.Keys.Select(Word.Of))}, for which there is an agent");
        }

        if (!request.Tags.TryGetValue(AgentPaths.LotTag, out var lot) || !LotSecret.IsLot(lot))
        {
            return Fault.Invalid("tags", lot, $"with '{AgentPaths.LotTag}', 1 to {LotSecret.LotLengthMax} letters, digits and hyphens");
        }

        // One line without a line break, so no value of it can end the document that it stands in.
        var script = Script(binary, JsonSerializer.Serialize(Config(request, settings, lot, secretOf(lot)), FuryJson.Options), settings);
        var bytes = Encoding.UTF8.GetByteCount(script);
        return bytes <= BytesMax
            ? script
            : Fault.Invalid(
                "environment", $"{request.Environment.Count} variables", $"smaller: with arguments and environment the user data of an instance has {bytes} "
                + $"bytes, and clouds take {BytesMax} at most");
    }

    private static AgentConfig Config(InstanceRequest request, AgentSettings settings, string lot, string secret) => new(
        settings.Platform,
        lot,
        secret,
        new(settings.Cloud, Metadata: settings.Metadata),
        new(ArtifactOf(request, settings), request.ArtifactDigest, request.Command, request.Arguments),
        new SortedDictionary<string, string>(request.Environment.ToDictionary(), StringComparer.Ordinal),
        settings.Port,
        request.HealthPath,
        settings.Grace,
        settings.Folder,
        new Uri(string.Create(CultureInfo.InvariantCulture, $"http://0.0.0.0:{settings.AgentPort}")),
        settings.Sidecar is { } sidecar ? new SortedDictionary<string, string>(sidecar.ToDictionary(), StringComparer.Ordinal) : null);

    /// <summary>What the platform keeps in a folder of its own is fetched from the platform.</summary>
    private static string ArtifactOf(InstanceRequest request, AgentSettings settings) =>
        request.ArtifactUri.StartsWith("file:", StringComparison.Ordinal)
            ? AgentPaths.ArtifactAt(settings.Platform, request.ArtifactDigest).AbsoluteUri
            : request.ArtifactUri;

    /// <summary>Everything is below <c>FURY_ROOT</c> where that is set, and then no service manager is asked, as in tests.</summary>
    private static string Script(AgentBinary binary, string config, AgentSettings settings) => $$"""
        #!/bin/sh
        # Written by Fury: fetches, checks and starts the agent of this instance.
        set -eu
        umask 077
        root="${FURY_ROOT:-}"
        home="$root/opt/fury-agent"
        etc="$root/etc/fury-agent"
        units="$root/etc/systemd/system"
        mkdir -p "$home" "$etc" "$units" "$root/var/log"
        say() { echo "fury-agent: $*" >&2; }
        fetch() {
          if command -v curl >/dev/null 2>&1; then
            curl -fsSL --connect-timeout 10 --max-time 600 -o "$home/agent.tar.gz" "$1"
          else
            wget -q -T 30 -O "$home/agent.tar.gz" "$1"
          fi
        }
        tries=0
        until fetch {{Quoted(binary.Uri.AbsoluteUri)}}; do
          tries=$((tries + 1))
          if [ "$tries" -ge 60 ]; then say 'the agent could not be fetched'; exit 1; fi
          sleep 2
        done
        if ! echo "{{binary.Digest["sha256:".Length..]}}  $home/agent.tar.gz" | sha256sum -c - >/dev/null 2>&1; then
          rm -f "$home/agent.tar.gz"
          say 'what was fetched has another digest than the agent, and is not started'
          exit 1
        fi
        tar -xzf "$home/agent.tar.gz" -C "$home" --no-same-owner
        rm -f "$home/agent.tar.gz"
        chmod 0700 "$home/fury-agent"
        cat >"$etc/config.json" <<'{{ConfigEnd}}'
        {{config}}
        {{ConfigEnd}}
        chmod 0600 "$etc/config.json"
        cat >"$units/fury-agent.service" <<FURY_UNIT_END
        [Unit]
        Description=Fury agent
        Wants=network-online.target
        After=network-online.target
        [Service]
        ExecStart=$home/fury-agent --config $etc/config.json
        Restart=always
        RestartSec=2
        RestartPreventExitStatus=64
        KillMode=mixed
        TimeoutStopSec={{(int)(settings.Grace + StopMargin).TotalSeconds}}
        OOMPolicy=continue
        OOMScoreAdjust=-900
        LimitNOFILE=1048576
        [Install]
        WantedBy=multi-user.target
        FURY_UNIT_END
        if [ -z "$root" ] && [ -d /run/systemd/system ]; then
          systemctl daemon-reload
          systemctl enable --now fury-agent.service
        else
          setsid "$home/fury-agent" --config "$etc/config.json" >>"$root/var/log/fury-agent.log" 2>&1 </dev/null &
        fi

        """.ReplaceLineEndings("\n");

    /// <summary>One word for a shell, whatever it holds.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
