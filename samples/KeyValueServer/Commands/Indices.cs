namespace KeyValueServer.Commands;

/// <summary>Ranges as clients give them: both ends belong to it, and -1 is the last.</summary>
internal static class Indices
{
    public static bool TryResolve(int length, long from, long to, out int first, out int count)
    {
        from = from < 0 ? Math.Max(from + length, 0) : from;
        to = to < 0 ? to + length : Math.Min(to, length - 1L);
        bool isEmpty = from > to || from >= length;
        (first, count) = isEmpty ? (0, 0) : ((int)from, (int)(to - from + 1));
        return !isEmpty;
    }
}
