namespace KeyValueServer.Commands;

/// <summary>Times of expiry, in seconds or milliseconds, from now or since 1970.</summary>
internal static class Expiry
{
    /// <param name="Milliseconds">1 or 1000.</param>
    /// <param name="IsAbsolute">Since 1970, not from now.</param>
    public readonly record struct Unit(int Milliseconds, bool IsAbsolute);

    /// <summary>The unit that an option of SET names, if it is one.</summary>
    public static Unit? UnitOf(scoped in Call call, int index) =>
        call.Arguments.Is(index, "EX") ? new Unit(1000, false)
        : call.Arguments.Is(index, "PX") ? new Unit(1, false)
        : call.Arguments.Is(index, "EXAT") ? new Unit(1000, true)
        : call.Arguments.Is(index, "PXAT") ? new Unit(1, true)
        : null;

    public static Outcome Parse(scoped in Call call, int index, Unit unit, out long at, bool mayBePast = false)
    {
        at = 0;
        if (!call.Arguments.TryGetInteger(index, out long value))
        {
            return Outcome.NotAnInteger;
        }

        if (value <= 0 && !mayBePast)
        {
            return Outcome.InvalidExpiry;
        }

        Int128 sum = (Int128)value * unit.Milliseconds + (unit.IsAbsolute ? 0 : call.Keyspace.Now);
        if (sum > long.MaxValue || sum < long.MinValue)
        {
            return Outcome.InvalidExpiry;
        }

        at = (long)sum;
        return Outcome.Done;
    }
}
