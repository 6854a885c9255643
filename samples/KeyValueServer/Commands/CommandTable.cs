using System.Text;
using KeyValueServer.Network;
using KeyValueServer.Protocol;

namespace KeyValueServer.Commands;

/// <summary>Finds commands by name, and runs them. The caller holds the store's lock.</summary>
internal static class CommandTable
{
    private const int Buckets = 256;
    private const int MostRetries = 12; // each evicts twice as many keys

    private static readonly Command[][] s_byHash = Build();

    public static IEnumerable<Command> All => s_byHash.SelectMany(static bucket => bucket);

    public static void Run(CommandParser parser, ReadOnlySpan<byte> bytes, Session session, ServerState server)
    {
        var arguments = new Arguments(parser, bytes);
        server.CommandsProcessed++;
        if (Find(arguments[0]) is not { } command)
        {
            session.Reply.Error($"ERR unknown command '{Text(arguments[0])}'");
            return;
        }

        if (arguments.Count < command.Least || arguments.Count > command.Most)
        {
            session.Reply.Error($"ERR wrong number of arguments for '{command.Name}' command");
            return;
        }

        var call = new Call(arguments, session, server);
        Outcome outcome = command.NeedsRoom && !server.Store.MakeRoom() ? Outcome.OutOfMemory : command.Handler(call);
        for (int i = 0; outcome == Outcome.OutOfMemory && i < MostRetries && server.Store.Evicts && server.Store.Evict(16L << i) > 0; i++)
        {
            outcome = command.Handler(call);
        }

        if (outcome != Outcome.Done)
        {
            session.Reply.Error(ErrorOf(outcome, command));
        }
    }

    /// <summary>What a client sent, for an error: not much of it.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.Length <= 64 ? bytes : bytes[..64]);

    private static string ErrorOf(Outcome outcome, Command command) => outcome switch
    {
        Outcome.WrongType => "WRONGTYPE Operation against a key holding the wrong kind of value",
        Outcome.OutOfMemory => "OOM command not allowed when used memory > 'maxmemory', or when the server has no memory",
        Outcome.NotAnInteger => "ERR value is not an integer or out of range",
        Outcome.TooLarge => "ERR string exceeds maximum allowed size",
        Outcome.InvalidExpiry => $"ERR invalid expire time in '{command.Name}' command",
        Outcome.WrongArguments => $"ERR wrong number of arguments for '{command.Name}' command",
        Outcome.Missing => "ERR no such key",
        _ => "ERR syntax error",
    };

    private static Command? Find(ReadOnlySpan<byte> name)
    {
        foreach (Command command in s_byHash[HashOf(name)])
        {
            if (Ascii.EqualsIgnoreCase(name, command.Name))
            {
                return command;
            }
        }

        return null;
    }

    private static int HashOf(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : ((name[0] & 0xDF) * 31 + (name[^1] & 0xDF) * 7 + (name[name.Length / 2] & 0xDF) + name.Length) % Buckets;

    private static Command[][] Build()
    {
        IEnumerable<Command> all = [.. StringCommands.All, .. KeyCommands.All, .. ListCommands.All, .. HashCommands.All, .. ServerCommands.All];
        ILookup<int, Command> byHash = all.ToLookup(static command => HashOf(Encoding.ASCII.GetBytes(command.Name)));
        return [.. Enumerable.Range(0, Buckets).Select(hash => byHash[hash].ToArray())];
    }
}
