using System.Globalization;
using System.Text;

namespace KeyValueServer.Commands;

/// <summary>Commands on the connection and the server.</summary>
internal static class ServerCommands
{
    /// <summary>The version of Redis whose commands these are: clients choose by it what they send.</summary>
    public const string RedisVersion = "7.0.0";

    public static IEnumerable<Command> All =>
    [
        new("PING", Ping, 1, 2),
        new("ECHO", Echo, 2, 2),
        new("SELECT", Select, 2, 2),
        new("HELLO", Hello, 1),
        new("CLIENT", Client, 2),
        new("CONFIG", ConfigCommand.Run, 2),
        new("COMMAND", ListCommandNames, 1),
        new("INFO", Info, 1),
        new("DBSIZE", DbSize, 1, 1),
        new("FLUSHALL", Flush, 1, 2),
        new("FLUSHDB", Flush, 1, 2),
        new("MEMORY", Memory, 2),
        new("QUIT", Quit, 1),
        new("SHUTDOWN", Shutdown, 1, 2),
    ];

    private static Outcome Ping(scoped in Call call)
    {
        if (call.Arguments.Count == 2)
        {
            call.Reply.Bulk(call.Arguments[1]);
        }
        else
        {
            call.Reply.Raw("+PONG\r\n"u8);
        }

        return Outcome.Done;
    }

    private static Outcome Echo(scoped in Call call)
    {
        call.Reply.Bulk(call.Arguments[1]);
        return Outcome.Done;
    }

    private static Outcome Select(scoped in Call call)
    {
        if (call.Arguments.TryGetInteger(1, out long index) && index == 0)
        {
            call.Reply.Ok();
        }
        else
        {
            call.Reply.Error("ERR DB index is out of range: there is one, 0");
        }

        return Outcome.Done;
    }

    private static Outcome Hello(scoped in Call call)
    {
        if (call.Arguments.Count > 1)
        {
            if (!call.Arguments.TryGetInteger(1, out long version) || version is not (2 or 3))
            {
                call.Reply.Error("NOPROTO unsupported protocol version");
                return Outcome.Done;
            }

            for (int i = 2; i < call.Arguments.Count; i++)
            {
                if (call.Arguments.Is(i, "SETNAME") && i + 1 < call.Arguments.Count)
                {
                    call.Session.Name = CommandTable.Text(call.Arguments[++i]);
                }
                else if (call.Arguments.Is(i, "AUTH"))
                {
                    call.Reply.Error("ERR there is no password here");
                    return Outcome.Done;
                }
                else
                {
                    return Outcome.Syntax;
                }
            }

            call.Reply.Version = (int)version;
        }

        call.Reply.Map(7);
        call.Reply.Bulk("server"u8);
        call.Reply.Bulk("redis"u8);
        call.Reply.Bulk("version"u8);
        call.Reply.Bulk(RedisVersion);
        call.Reply.Bulk("proto"u8);
        call.Reply.Integer(call.Reply.Version);
        call.Reply.Bulk("id"u8);
        call.Reply.Integer(call.Session.Id);
        call.Reply.Bulk("mode"u8);
        call.Reply.Bulk("standalone"u8);
        call.Reply.Bulk("role"u8);
        call.Reply.Bulk("master"u8);
        call.Reply.Bulk("modules"u8);
        call.Reply.Array(0);
        return Outcome.Done;
    }

    private static Outcome Client(scoped in Call call)
    {
        if (call.Arguments.Is(1, "SETNAME") && call.Arguments.Count == 3)
        {
            call.Session.Name = CommandTable.Text(call.Arguments[2]);
            call.Reply.Ok();
        }
        else if (call.Arguments.Is(1, "SETINFO") && call.Arguments.Count == 4)
        {
            call.Reply.Ok();
        }
        else if (call.Arguments.Is(1, "GETNAME"))
        {
            call.Reply.Bulk(call.Session.Name);
        }
        else if (call.Arguments.Is(1, "ID"))
        {
            call.Reply.Integer(call.Session.Id);
        }
        else
        {
            call.Reply.Error($"ERR unknown subcommand '{CommandTable.Text(call.Arguments[1])}'");
        }

        return Outcome.Done;
    }

    private static Outcome ListCommandNames(scoped in Call call)
    {
        if (call.Arguments.Count == 1 || call.Arguments.Is(1, "DOCS"))
        {
            // redis-cli asks at its start, for its completion list.
            call.Reply.Array(0);
        }
        else if (call.Arguments.Is(1, "COUNT"))
        {
            call.Reply.Integer(CommandTable.All.Count());
        }
        else if (call.Arguments.Is(1, "LIST"))
        {
            Command[] all = [.. CommandTable.All.OrderBy(static command => command.Name, StringComparer.Ordinal)];
            call.Reply.Array(all.Length);
            foreach (Command command in all)
            {
                call.Reply.Bulk(command.Name);
            }
        }
        else
        {
            call.Reply.Error($"ERR unknown subcommand '{CommandTable.Text(call.Arguments[1])}'");
        }

        return Outcome.Done;
    }

    private static Outcome Info(scoped in Call call)
    {
        string section = call.Arguments.Count > 1 ? CommandTable.Text(call.Arguments[1]) : "default";
        var text = new StringBuilder();
        ServerInfo.Write(text, section, call.Server);
        call.Reply.Bulk(text.ToString());
        return Outcome.Done;
    }

    private static Outcome DbSize(scoped in Call call)
    {
        call.Reply.Integer(call.Keyspace.Count);
        return Outcome.Done;
    }

    private static Outcome Flush(scoped in Call call)
    {
        if (call.Arguments.Count == 2 && !call.Arguments.Is(1, "SYNC") && !call.Arguments.Is(1, "ASYNC"))
        {
            return Outcome.Syntax;
        }

        call.Keyspace.Clear();
        call.Reply.Ok();
        return Outcome.Done;
    }

    private static Outcome Memory(scoped in Call call)
    {
        if (!call.Arguments.Is(1, "PURGE"))
        {
            call.Reply.Error($"ERR unknown subcommand '{CommandTable.Text(call.Arguments[1])}'");
            return Outcome.Done;
        }

        // What is free goes back to the system at once, not when it was idle.
        SlabGen.SlabRuntime.Default.Shrink();
        call.Reply.Ok();
        return Outcome.Done;
    }

    private static Outcome Quit(scoped in Call call)
    {
        call.Reply.Ok();
        call.Session.IsClosing = true;
        return Outcome.Done;
    }

    private static Outcome Shutdown(scoped in Call call)
    {
        call.Session.IsClosing = true;
        call.Server.Stopping.CancelAfter(0); // not here: nobody's code runs under the lock
        return Outcome.Done;
    }
}
