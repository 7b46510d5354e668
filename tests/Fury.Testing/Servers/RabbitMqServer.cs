using System.Diagnostics;

namespace Fury.Testing;

/// <summary>A real RabbitMQ of one node, of Debian's package rabbitmq-server, with a port mapper of its own; all of it listens on loopback only.</summary>
public sealed class RabbitMqServer : ServerProcess
{
    public Uri Endpoint => new($"amqp://guest:guest@127.0.0.1:{Port}");

    protected override Task<Process> Start()
    {
        var mapper = $"{FreePort()}";
        Own(Run("epmd", "-address", "127.0.0.1", "-port", mapper));
        var command = Command("/usr/lib/rabbitmq/bin/rabbitmq-server");
        // Its folder is where Erlang looks for the secret that its nodes share.
        foreach (var (name, value) in new[]
        {
            ("HOME", Folder),
            ("ERL_EPMD_ADDRESS", "127.0.0.1"),
            ("ERL_EPMD_PORT", mapper),
            ("RABBITMQ_NODENAME", $"fury{Port}@localhost"),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
            ("RABBITMQ_NODE_PORT", $"{Port}"),
            ("RABBITMQ_DIST_PORT", $"{FreePort()}"),
            ("RABBITMQ_MNESIA_BASE", Path.Combine(Folder, "data")),
            ("RABBITMQ_LOG_BASE", Path.Combine(Folder, "log")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(Folder, "plugins")),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
            ("RABBITMQ_LOGS", "-"),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
        })
        {
            command.Environment[name] = value;
        }

        return Task.FromResult(Process.Start(command)!);
    }
}
