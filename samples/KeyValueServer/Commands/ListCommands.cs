namespace KeyValueServer.Commands;

/// <summary>Commands on lists.</summary>
internal static class ListCommands
{
    public static IEnumerable<Command> All =>
    [
        new("LPUSH", static (scoped in call) => Push(call, first: true), 3, NeedsRoom: true),
        new("RPUSH", static (scoped in call) => Push(call, first: false), 3, NeedsRoom: true),
        new("LPOP", static (scoped in call) => Pop(call, first: true), 2, 3),
        new("RPOP", static (scoped in call) => Pop(call, first: false), 2, 3),
        new("LLEN", Length, 2, 2),
        new("LRANGE", Range, 4, 4),
        new("LINDEX", Index, 3, 3),
        new("LTRIM", Trim, 4, 4),
    ];

    /// <remarks>Elements that were pushed before memory ended are taken back, so that the command can be tried again.</remarks>
    private static Outcome Push(scoped in Call call, bool first)
    {
        int length = 0;
        for (int i = 2; i < call.Arguments.Count; i++)
        {
            Outcome outcome = call.Keyspace.Push(call.Key, first, call.Arguments[i], out length);
            if (outcome != Outcome.Done)
            {
                while (--i >= 2)
                {
                    call.Keyspace.Drop(call.Key, first);
                }

                return outcome;
            }
        }

        call.Reply.Integer(length);
        return Outcome.Done;
    }

    private static Outcome Pop(scoped in Call call, bool first)
    {
        long wanted = 1;
        bool isArray = call.Arguments.Count == 3;
        if (isArray && (!call.Arguments.TryGetInteger(2, out wanted) || wanted < 0))
        {
            return Outcome.NotAnInteger;
        }

        Outcome outcome = call.Keyspace.ListLength(call.Key, out int length);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        if (outcome == Outcome.Missing)
        {
            if (isArray)
            {
                call.Reply.NullArray();
            }
            else
            {
                call.Reply.Null();
            }

            return Outcome.Done;
        }

        int count = (int)Math.Min(wanted, length);
        if (isArray)
        {
            call.Reply.Array(count);
        }

        for (int i = 0; i < count; i++)
        {
            call.Keyspace.WriteRange(call.Key, first ? 0 : length - 1 - i, 1, call.Reply);
            call.Keyspace.Drop(call.Key, first);
        }

        return Outcome.Done;
    }

    private static Outcome Length(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.ListLength(call.Key, out int length);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        call.Reply.Integer(length);
        return Outcome.Done;
    }

    private static Outcome Range(scoped in Call call)
    {
        if (!call.Arguments.TryGetInteger(2, out long from) || !call.Arguments.TryGetInteger(3, out long to))
        {
            return Outcome.NotAnInteger;
        }

        Outcome outcome = call.Keyspace.ListLength(call.Key, out int length);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        Indices.TryResolve(length, from, to, out int first, out int count);
        call.Reply.Array(count);
        if (count > 0)
        {
            call.Keyspace.WriteRange(call.Key, first, count, call.Reply);
        }

        return Outcome.Done;
    }

    private static Outcome Index(scoped in Call call)
    {
        if (!call.Arguments.TryGetInteger(2, out long index))
        {
            return Outcome.NotAnInteger;
        }

        Outcome outcome = call.Keyspace.ListLength(call.Key, out int length);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        index = index < 0 ? index + length : index;
        if (index >= 0 && index < length)
        {
            call.Keyspace.WriteRange(call.Key, (int)index, 1, call.Reply);
        }
        else
        {
            call.Reply.Null();
        }

        return Outcome.Done;
    }

    private static Outcome Trim(scoped in Call call)
    {
        if (!call.Arguments.TryGetInteger(2, out long from) || !call.Arguments.TryGetInteger(3, out long to))
        {
            return Outcome.NotAnInteger;
        }

        Outcome outcome = call.Keyspace.ListLength(call.Key, out int length);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        Indices.TryResolve(length, from, to, out int first, out int count);
        for (int i = 0; i < first; i++)
        {
            call.Keyspace.Drop(call.Key, first: true);
        }

        for (int i = first + count; i < length; i++)
        {
            call.Keyspace.Drop(call.Key, first: false);
        }

        call.Reply.Ok();
        return Outcome.Done;
    }
}
