using System.Buffers.Text;
using KeyValueServer.Protocol;

namespace KeyValueServer.Commands;

/// <summary>Commands on hashes.</summary>
internal static class HashCommands
{
    public static IEnumerable<Command> All =>
    [
        new("HSET", static (scoped in call) => Set(call, answersOk: false), 4, NeedsRoom: true),
        new("HMSET", static (scoped in call) => Set(call, answersOk: true), 4, NeedsRoom: true),
        new("HSETNX", SetIfMissing, 4, 4, NeedsRoom: true),
        new("HGET", Get, 3, 3),
        new("HMGET", MGet, 3),
        new("HDEL", Del, 3),
        new("HLEN", Length, 2, 2),
        new("HEXISTS", Exists, 3, 3),
        new("HSTRLEN", StrLen, 3, 3),
        new("HGETALL", static (scoped in call) => Fields(call, Parts.Names | Parts.Values), 2, 2),
        new("HKEYS", static (scoped in call) => Fields(call, Parts.Names), 2, 2),
        new("HVALS", static (scoped in call) => Fields(call, Parts.Values), 2, 2),
        new("HINCRBY", Add, 4, 4, NeedsRoom: true),
    ];

    /// <remarks>Fields that were set before memory ended stay set: tried again, the command sets them again. The count is of the last try.</remarks>
    private static Outcome Set(scoped in Call call, bool answersOk)
    {
        if (call.Arguments.Count % 2 != 0)
        {
            return Outcome.WrongArguments;
        }

        int added = 0;
        for (int i = 2; i < call.Arguments.Count; i += 2)
        {
            Outcome outcome = call.Keyspace.SetField(call.Key, call.Arguments[i], call.Arguments[i + 1], out bool isNew);
            if (outcome != Outcome.Done)
            {
                return outcome;
            }

            added += isNew ? 1 : 0;
        }

        if (answersOk)
        {
            call.Reply.Ok();
        }
        else
        {
            call.Reply.Integer(added);
        }

        return Outcome.Done;
    }

    private static Outcome SetIfMissing(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.GetField(call.Key, call.Arguments[2], out _);
        bool sets = outcome == Outcome.Missing;
        if (sets)
        {
            outcome = call.Keyspace.SetField(call.Key, call.Arguments[2], call.Arguments[3], out _);
        }

        if (outcome == Outcome.Done)
        {
            call.Reply.Integer(sets ? 1 : 0);
        }

        return outcome;
    }

    private static Outcome Get(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.GetField(call.Key, call.Arguments[2], out ReadOnlySpan<byte> value);
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

    private static Outcome MGet(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.FieldCount(call.Key, out _);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        call.Reply.Array(call.Arguments.Count - 2);
        for (int i = 2; i < call.Arguments.Count; i++)
        {
            if (call.Keyspace.GetField(call.Key, call.Arguments[i], out ReadOnlySpan<byte> value) == Outcome.Done)
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

    private static Outcome Del(scoped in Call call)
    {
        int removed = 0;
        for (int i = 2; i < call.Arguments.Count; i++)
        {
            Outcome outcome = call.Keyspace.RemoveField(call.Key, call.Arguments[i]);
            if (outcome == Outcome.WrongType)
            {
                return outcome;
            }

            removed += outcome == Outcome.Done ? 1 : 0;
        }

        call.Reply.Integer(removed);
        return Outcome.Done;
    }

    private static Outcome Length(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.FieldCount(call.Key, out int count);
        return Answer(call, outcome, count);
    }

    private static Outcome Exists(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.GetField(call.Key, call.Arguments[2], out _);
        return Answer(call, outcome, outcome == Outcome.Done ? 1 : 0);
    }

    private static Outcome StrLen(scoped in Call call)
    {
        Outcome outcome = call.Keyspace.GetField(call.Key, call.Arguments[2], out ReadOnlySpan<byte> value);
        return Answer(call, outcome, value.Length);
    }

    private static Outcome Answer(scoped in Call call, Outcome outcome, int number)
    {
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        call.Reply.Integer(number);
        return Outcome.Done;
    }

    private static Outcome Fields(scoped in Call call, Parts parts)
    {
        Outcome outcome = call.Keyspace.FieldCount(call.Key, out int count);
        if (outcome == Outcome.WrongType)
        {
            return outcome;
        }

        if (parts == (Parts.Names | Parts.Values))
        {
            call.Reply.Map(count);
        }
        else
        {
            call.Reply.Array(count);
        }

        call.Keyspace.WriteFields(call.Key, parts, call.Reply);
        return Outcome.Done;
    }

    private static Outcome Add(scoped in Call call)
    {
        if (!call.Arguments.TryGetInteger(3, out long amount))
        {
            return Outcome.NotAnInteger;
        }

        long number = 0;
        switch (call.Keyspace.GetField(call.Key, call.Arguments[2], out ReadOnlySpan<byte> old))
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
        Outcome outcome = call.Keyspace.SetField(call.Key, call.Arguments[2], digits[..length], out _);
        if (outcome == Outcome.Done)
        {
            call.Reply.Integer(sum);
        }

        return outcome;
    }
}
