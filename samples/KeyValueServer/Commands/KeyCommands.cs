using KeyValueServer.Protocol;

namespace KeyValueServer.Commands;

/// <summary>Commands on keys, whatever is stored under them.</summary>
internal static class KeyCommands
{
    private const int MostAtOnce = 10_000; // of a scan

    public static IEnumerable<Command> All =>
    [
        new("DEL", Del, 2),
        new("UNLINK", Del, 2),
        new("EXISTS", Exists, 2),
        new("TOUCH", Exists, 2),
        new("TYPE", Type, 2, 2),
        new("EXPIRE", static (scoped in call) => Expire(call, new Expiry.Unit(1000, false)), 3, 3),
        new("PEXPIRE", static (scoped in call) => Expire(call, new Expiry.Unit(1, false)), 3, 3),
        new("EXPIREAT", static (scoped in call) => Expire(call, new Expiry.Unit(1000, true)), 3, 3),
        new("PEXPIREAT", static (scoped in call) => Expire(call, new Expiry.Unit(1, true)), 3, 3),
        new("TTL", static (scoped in call) => Ttl(call, 1000), 2, 2),
        new("PTTL", static (scoped in call) => Ttl(call, 1), 2, 2),
        new("PERSIST", Persist, 2, 2),
        new("SCAN", Scan, 2),
        new("KEYS", Keys, 2, 2),
    ];

    private static Outcome Del(scoped in Call call)
    {
        int removed = 0;
        for (int i = 1; i < call.Arguments.Count; i++)
        {
            removed += call.Keyspace.Remove(call.Arguments[i]) ? 1 : 0;
        }

        call.Reply.Integer(removed);
        return Outcome.Done;
    }

    private static Outcome Exists(scoped in Call call)
    {
        int found = 0;
        for (int i = 1; i < call.Arguments.Count; i++)
        {
            found += call.Keyspace.KindOf(call.Arguments[i]) == Kind.None ? 0 : 1;
        }

        call.Reply.Integer(found);
        return Outcome.Done;
    }

    private static Outcome Type(scoped in Call call)
    {
        call.Reply.Raw(call.Keyspace.KindOf(call.Key) switch
        {
            Kind.String => "+string\r\n"u8,
            Kind.List => "+list\r\n"u8,
            Kind.Hash => "+hash\r\n"u8,
            _ => "+none\r\n"u8,
        });
        return Outcome.Done;
    }

    private static Outcome Expire(scoped in Call call, Expiry.Unit unit)
    {
        Outcome outcome = Expiry.Parse(call, 2, unit, out long at, mayBePast: true);
        if (outcome != Outcome.Done)
        {
            return outcome;
        }

        bool isPast = at <= call.Keyspace.Now;
        bool found = isPast ? call.Keyspace.Remove(call.Key) : call.Keyspace.SetExpiry(call.Key, at) == Outcome.Done;
        call.Reply.Integer(found ? 1 : 0);
        return Outcome.Done;
    }

    private static Outcome Ttl(scoped in Call call, int unit)
    {
        Outcome outcome = call.Keyspace.GetExpiry(call.Key, out long at);
        call.Reply.Integer(outcome == Outcome.Missing ? -2 : at == 0 ? -1 : (at - call.Keyspace.Now + unit / 2) / unit);
        return Outcome.Done;
    }

    private static Outcome Persist(scoped in Call call)
    {
        bool had = call.Keyspace.GetExpiry(call.Key, out long at) == Outcome.Done && at != 0;
        if (had)
        {
            call.Keyspace.SetExpiry(call.Key, 0);
        }

        call.Reply.Integer(had ? 1 : 0);
        return Outcome.Done;
    }

    private static Outcome Scan(scoped in Call call)
    {
        if (!System.Buffers.Text.Utf8Parser.TryParse(call.Arguments[1], out ulong cursor, out int used) || used != call.Arguments[1].Length)
        {
            call.Reply.Error("ERR invalid cursor");
            return Outcome.Done;
        }

        long count = 10;
        var found = new KeyCollector();
        for (int i = 2; i < call.Arguments.Count; i += 2)
        {
            if (i + 1 == call.Arguments.Count)
            {
                return Outcome.Syntax;
            }

            if (call.Arguments.Is(i, "COUNT"))
            {
                if (!call.Arguments.TryGetInteger(i + 1, out count))
                {
                    return Outcome.NotAnInteger;
                }

                if (count < 1)
                {
                    return Outcome.Syntax;
                }
            }
            else if (call.Arguments.Is(i, "MATCH"))
            {
                found.Pattern = call.Arguments[i + 1].ToArray();
            }
            else if (call.Arguments.Is(i, "TYPE"))
            {
                found.Type = CommandTable.Text(call.Arguments[i + 1]);
            }
            else
            {
                return Outcome.Syntax;
            }
        }

        ulong next = call.Keyspace.Scan(cursor, (int)Math.Min(count, MostAtOnce), found);
        call.Reply.Array(2);
        call.Reply.Bulk(next.ToString(System.Globalization.CultureInfo.InvariantCulture));
        found.Write(call.Reply);
        return Outcome.Done;
    }

    private static Outcome Keys(scoped in Call call)
    {
        var found = new KeyCollector { Pattern = call.Key.ToArray() };
        call.Keyspace.Scan(0, int.MaxValue, found);
        found.Write(call.Reply);
        return Outcome.Done;
    }

    /// <summary>Keeps the keys that a scan is for.</summary>
    private sealed class KeyCollector : IKeyVisitor
    {
        private readonly List<byte[]> _keys = [];

        public byte[]? Pattern { get; set; }

        public string? Type { get; set; }

        public void Visit(ReadOnlySpan<byte> key, Kind kind)
        {
            if ((Pattern is null || Glob.Matches(Pattern, key)) && (Type is null || Type.Equals(kind.ToString(), StringComparison.OrdinalIgnoreCase)))
            {
                _keys.Add(key.ToArray());
            }
        }

        public void Write(Reply reply)
        {
            reply.Array(_keys.Count);
            foreach (byte[] key in _keys)
            {
                reply.Bulk(key);
            }
        }
    }
}
