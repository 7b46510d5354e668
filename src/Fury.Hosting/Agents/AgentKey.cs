using System.Security.Cryptography;
using System.Text;
using Fury.Agent.Wire;

namespace Fury.Hosting;

/// <summary>
/// The platform's key towards the agents of its instances, from which the secret of each lot follows. It is in the file of
/// <c>Fury:Standard:AgentKeyFile</c>, which several hosts of one platform must share, or else in <c>agent.key</c> of the data folder, made when it is
/// first needed. Another key means that the agents of all instances that live are not known any more, and that the secrets of scopes do not open.
/// </summary>
public sealed class AgentKey(string? file, INode node)
{
    private const int KeyBytes = 32;
    private const int LengthMin = 32;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly Lazy<byte[]> _key = new(() => file is { Length: > 0 } ? Given(file) : Own(Path.Combine(node.DataFolder, "agent.key")));

    /// <exception cref="InvalidOperationException">The file of the setting cannot be used; the message says why.</exception>
    public string SecretOf(string lot) => LotSecret.Of(_key.Value, lot);

    private static byte[] Given(string file)
    {
        if (!File.Exists(file))
        {
            throw Refused(file, "does not exist");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
        {
            throw Refused(file, "can be read by others: its mode must be 0600");
        }

        var text = File.ReadAllText(file).Trim();
        return text.Length >= LengthMin ? Encoding.UTF8.GetBytes(text) : throw Refused(file, $"must hold at least {LengthMin} characters");
    }

    private static byte[] Own(string file)
    {
        if (!File.Exists(file))
        {
            // Whole or not at all, and never readable by others: a host that dies here leaves no half of a key.
            var unfinished = file + ".new";
            File.Delete(unfinished);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var made = new FileStream(unfinished, options))
            {
                made.Write(Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(KeyBytes * 2, lowercase: true)));
                made.Flush(flushToDisk: true);
            }

            File.Move(unfinished, file);
        }

        return Given(file);
    }

    private static InvalidOperationException Refused(string file, string why) => new($"Fury:Standard:AgentKeyFile: the file {file} {why}.");
}
