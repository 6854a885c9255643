using System.Globalization;
using System.Text;

namespace KeyValueServer.Commands;

/// <summary>CONFIG: what can be asked for, and the limit, which can be set.</summary>
internal static class ConfigCommand
{
    public static Outcome Run(scoped in Call call)
    {
        if (call.Arguments.Is(1, "GET") && call.Arguments.Count >= 3)
        {
            return Get(call);
        }

        if (call.Arguments.Is(1, "SET") && call.Arguments.Count >= 4 && call.Arguments.Count % 2 == 0)
        {
            return Set(call);
        }

        if (call.Arguments.Is(1, "RESETSTAT"))
        {
            call.Reply.Ok();
            return Outcome.Done;
        }

        call.Reply.Error($"ERR unknown subcommand or wrong number of arguments for '{CommandTable.Text(call.Arguments[1])}'");
        return Outcome.Done;
    }

    private static Outcome Get(scoped in Call call)
    {
        Options options = call.Server.Options;
        (string Name, string Value)[] all =
        [
            ("maxmemory", call.Server.Store.MaxMemory.ToString(CultureInfo.InvariantCulture)),
            ("maxmemory-policy", call.Server.Store.Evicts ? Store.Lru : Store.NoEviction),
            ("maxclients", options.MaxClients.ToString(CultureInfo.InvariantCulture)),
            ("proto-max-bulk-len", options.LongestCommand.ToString(CultureInfo.InvariantCulture)),
            ("databases", "1"),
            ("save", ""),
            ("appendonly", "no"),
            ("timeout", "0"),
        ];

        var found = new List<(string Name, string Value)>();
        foreach ((string Name, string Value) setting in all)
        {
            for (int i = 2; i < call.Arguments.Count; i++)
            {
                if (Glob.Matches(call.Arguments[i], Encoding.ASCII.GetBytes(setting.Name)))
                {
                    found.Add(setting);
                    break;
                }
            }
        }

        call.Reply.Map(found.Count);
        foreach ((string name, string value) in found)
        {
            call.Reply.Bulk(name);
            call.Reply.Bulk(value);
        }

        return Outcome.Done;
    }

    private static Outcome Set(scoped in Call call)
    {
        (long maxMemory, bool evicts) = (call.Server.Store.MaxMemory, call.Server.Store.Evicts);
        for (int i = 2; i < call.Arguments.Count; i += 2)
        {
            string value = CommandTable.Text(call.Arguments[i + 1]);
            if (call.Arguments.Is(i, "maxmemory") && Options.TryParseBytes(value, out long bytes))
            {
                maxMemory = bytes;
            }
            else if (call.Arguments.Is(i, "maxmemory-policy") && value is Store.Lru or Store.NoEviction)
            {
                evicts = value == Store.Lru;
            }
            else
            {
                call.Reply.Error($"ERR cannot set '{CommandTable.Text(call.Arguments[i])}' to '{value}': "
                    + $"maxmemory takes bytes, maxmemory-policy {Store.Lru} or {Store.NoEviction}, and nothing else can be set");
                return Outcome.Done;
            }
        }

        (call.Server.Store.MaxMemory, call.Server.Store.Evicts) = (maxMemory, evicts);
        call.Reply.Ok();
        return Outcome.Done;
    }
}
