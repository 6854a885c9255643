using System.Buffers.Text;
using KeyValueServer.Protocol;

namespace KeyValueServer.Commands;

/// <summary>Commands on strings.</summary>
internal static class StringCommands
{
    private const int LongestString = 512 * 1024 * 1024;

    public static IEnumerable<Command> All =>
    [
        new("GET", Get, 2, 2),
        new("SET", SetCommand.Set, 3, NeedsRoom: true),
        new("SETNX", SetCommand.SetIfMissing, 3, 3, NeedsRoom: true),
        new("SETEX", static (scoped in call) => SetCommand.SetWithExpiry(call, 1000), 4, 4, NeedsRoom: true),
        new("PSETEX", static (scoped in call) => SetCommand.SetWithExpiry(call, 1), 4, 4, NeedsRoom: true),
        new("GETSET", SetCommand.GetSet, 3, 3, NeedsRoom: true),
        new("GETDEL", GetDel, 2, 2),
        new("MGET", MGet, 2),
        new("MSET", MSet, 3, NeedsRoom: true),
        new("STRLEN", StrLen, 2, 2),
        new("APPEND", Append, 3, 3, NeedsRoom: true),
        new("GETRANGE", GetRange, 4, 4),
        new("INCR", static (scoped in call) => Add(call, 1), 2, 2, NeedsRoom: true),
        new("DECR", static (scoped in call) => Add(call, -1), 2, 2, NeedsRoom: true),
        new("INCRBY", static (scoped in call) => AddArgument(call, 1), 3, 3, NeedsRoom: true),
        new("DECRBY", static (scoped in call) => AddArgument(call, -1), 3, 3, NeedsRoom: true),
    ];

    private static Outcome Get(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.Get(call.Key, out ReadOnlySpan<byte> value);
        switch (outcome)
        {
            case Outcome.Done:
                call.Reply.Bulk(value);
                return Outcome.Done;
            case Outcome.Missing:
                call.Reply.Null();
                return Outcome.Done;
            default:
                return outcome;
        }
    }

    private static Outcome GetDel(scoped in Call call)
    {
        Outcome outcome = Get(call);
        if (outcome == Outcome.Done)
        {
            call.Keyspace.Remove(call.Key);
        }

        return outcome;
    }

    private static Outcome MGet(scoped in Call call)
    {
        call.Reply.Array(call.Arguments.Count - 1);
        for (int i = 1; i < call.Arguments.Count; i++)
        {
            if (call.Keyspace.Get(call.Arguments[i], out ReadOnlySpan<byte> value) == Outcome.Done)
            {
                call.Reply.Bulk(value);
            }
            else
            {
                call.Reply.Null();
            }
        }

        return Outcome.Done;
    }

    private static Outcome MSet(scoped in Call call)
    {
        if (call.Arguments.Count % 2 == 0)
        {
            return Outcome.WrongArguments;
        }

        for (int i = 1; i < call.Arguments.Count; i += 2)
        {
            if (call.Keyspace.Set(call.Arguments[i], call.Arguments[i + 1], 0) is var outcome and not Outcome.Done)
            {
                return outcome;
            }
        }

        call.Reply.Ok();
        return Outcome.Done;
    }

    private static Outcome StrLen(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.Get(call.Key, out ReadOnlySpan<byte> value);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        call.Reply.Integer(value.Length);
        return Outcome.Done;
    }

    private static Outcome Append(scoped in Call call)
    {
        ReadOnlySpan<byte> more = call.Arguments[2];
        if (call.Keyspace.Get(call.Key, out ReadOnlySpan<byte> old) == Outcome.WrongType)
        {
            return Outcome.WrongType;
        }

        int before = old.Length;
        if ((long)before + more.Length > LongestString)
        {
            return Outcome.TooLarge;
        }

        Outcome outcome = call.Keyspace.Resize(call.Key, before + more.Length, out Span<byte> value);
        if (outcome == Outcome.Done)
        {
            more.CopyTo(value[before..]);
            call.Reply.Integer(value.Length);
        }

        return outcome;
    }

    private static Outcome GetRange(scoped in Call call)
    {
        if (!call.Arguments.TryGetInteger(2, out long from) || !call.Arguments.TryGetInteger(3, out long to))
        {
            return Outcome.NotAnInteger;
        }

        Outcome outcome = call.Keyspace.Get(call.Key, out ReadOnlySpan<byte> value);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        call.Reply.Bulk(Indices.TryResolve(value.Length, from, to, out int first, out int count) ? value.Slice(first, count) : default);
        return Outcome.Done;
    }

    private static Outcome AddArgument(scoped in Call call, int sign)
    {
        if (!call.Arguments.TryGetInteger(2, out long amount) || (sign < 0 && amount == long.MinValue))
        {
            return Outcome.NotAnInteger;
        }

        return Add(call, sign * amount);
    }

    private static Outcome Add(scoped in Call call, long amount)
    {
        long number = 0;
        switch (call.Keyspace.Get(call.Key, out ReadOnlySpan<byte> old))
        {
            case Outcome.WrongType:
                return Outcome.WrongType;
            case Outcome.Done when !Arguments.TryParse(old, out number):
                return Outcome.NotAnInteger;
        }

        long sum = unchecked(number + amount);
        if (((number ^ sum) & (amount ^ sum)) < 0)
        {
            return Outcome.NotAnInteger;
        }

        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(sum, digits, out int length);
        Outcome outcome = call.Keyspace.Resize(call.Key, length, out Span<byte> value);
        if (outcome == Outcome.Done)
        {
            digits[..length].CopyTo(value);
            call.Reply.Integer(sum);
        }

        return outcome;
    }
}
