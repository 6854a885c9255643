namespace KeyValueServer.Protocol;

/// <summary>
/// Bytes that all connections together may hold in commands that are not complete and replies that are not sent, beyond a little that each
/// has for itself. So a thousand clients that send without end, or never read, cost no more than one. Any thread may call anything.
/// </summary>
internal sealed class BufferBudget(long limit)
{
    private long _used;

    public long Limit => limit;

    public long Used => Volatile.Read(ref _used);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}

/// <summary>What one connection has taken of the budget, for its commands or its replies. A field, never copied.</summary>
internal struct BufferCharge(BufferBudget budget)
{
    private const long Free = 64 * 1024; // of each connection
    private const long Step = 256 * 1024;

    private long _taken;

    /// <summary>Takes as much as so many bytes need, in steps.</summary>
    public bool TryCover(long bytes)
    {
        if (bytes <= Free + _taken)
        {
            return true;
        }

        long more = (bytes - Free - _taken + Step - 1) / Step * Step;
        if (!budget.TryTake(more))
        {
            return false;
        }

        _taken += more;
        return true;
    }

    public void Release()
    {
        if (_taken != 0)
        {
            budget.Return(_taken);
            _taken = 0;
        }
    }
}
