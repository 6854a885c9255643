namespace KeyValueServer.Commands;

/// <summary>SET with its options, and the older commands that are a SET with one.</summary>
internal static class SetCommand
{
    public static Outcome Set(scoped in Call call)
    {
        long expiresAt = 0;
        bool hasExpiry = false, ifMissing = false, ifPresent = false, keepsExpiry = false, getsOld = false;
        for (int i = 3; i < call.Arguments.Count; i++)
        {
            if (call.Arguments.Is(i, "NX"))
            {
                ifMissing = true;
            }
            else if (call.Arguments.Is(i, "XX"))
            {
                ifPresent = true;
            }
            else if (call.Arguments.Is(i, "KEEPTTL"))
            {
                keepsExpiry = true;
            }
            else if (call.Arguments.Is(i, "GET"))
            {
                getsOld = true;
            }
            else if (Expiry.UnitOf(call, i) is { } unit && !hasExpiry && i + 1 < call.Arguments.Count)
            {
                hasExpiry = true;
                if (Expiry.Parse(call, ++i, unit, out expiresAt) is var bad and not Outcome.Done)
                {
                    return bad;
                }
            }
            else
            {
                return Outcome.Syntax;
            }
        }

        if ((ifMissing && ifPresent) || (hasExpiry && keepsExpiry))
        {
            return Outcome.Syntax;
        }

        if (!(ifMissing || ifPresent || keepsExpiry || getsOld))
        {
            Outcome set = call.Keyspace.Set(call.Key, call.Arguments[2], expiresAt);
            if (set == Outcome.Done)
            {
                call.Reply.Ok();
            }

            return set;
        }

        return Conditional(call, expiresAt, ifMissing, ifPresent, keepsExpiry, getsOld);
    }

    public static Outcome SetIfMissing(scoped in Call call)
    {
        bool sets = call.Keyspace.KindOf(call.Key) == Kind.None;
        Outcome outcome = sets ? call.Keyspace.Set(call.Key, call.Arguments[2], 0) : Outcome.Done;
        if (outcome == Outcome.Done)
        {
            call.Reply.Integer(sets ? 1 : 0);
        }

        return outcome;
    }

    public static Outcome SetWithExpiry(scoped in Call call, int unit)
    {
        Outcome outcome = Expiry.Parse(call, 2, new Expiry.Unit(unit, IsAbsolute: false), out long expiresAt);
        if (outcome == Outcome.Done)
        {
            outcome = call.Keyspace.Set(call.Key, call.Arguments[3], expiresAt);
        }

        if (outcome == Outcome.Done)
        {
            call.Reply.Ok();
        }

        return outcome;
    }

    public static Outcome GetSet(scoped in Call call) => Conditional(call, 0, false, false, false, getsOld: true);

    private static Outcome Conditional(scoped in Call call, long expiresAt, bool ifMissing, bool ifPresent, bool keepsExpiry, bool getsOld)
    {
        Outcome found = call.Keyspace.Get(call.Key, out ReadOnlySpan<byte> old);
        if (getsOld && found == Outcome.WrongType)
        {
            return found;
        }

        bool isPresent = found != Outcome.Missing;
        if (isPresent ? ifMissing : ifPresent)
        {
            if (getsOld && isPresent)
            {
                call.Reply.Bulk(old);
            }
            else
            {
                call.Reply.Null();
            }

            return Outcome.Done;
        }

        // The old value is gone before the reply may be written: a set that finds no memory must have written nothing.
        byte[]? copy = getsOld && isPresent ? old.ToArray() : null;
        if (keepsExpiry && call.Keyspace.GetExpiry(call.Key, out long at) == Outcome.Done)
        {
            expiresAt = at;
        }

        Outcome outcome = call.Keyspace.Set(call.Key, call.Arguments[2], expiresAt);
        if (outcome != Outcome.Done)
        {
            return outcome;
        }

        if (!getsOld)
        {
            call.Reply.Ok();
        }
        else if (copy is not null)
        {
            call.Reply.Bulk(copy);
        }
        else
        {
            call.Reply.Null();
        }

        return Outcome.Done;
    }
}
