namespace SlabGen.References;

/// <summary>
/// Decides when memory that is disposed of, but may be pinned, goes back. Any thread may call anything.
/// </summary>
/// <remarks>
/// <see cref="_state"/> is twice the number of pins, and 1 more once it was disposed. It is written by
/// compare-and-exchange. New pins come only before the disposal. So it becomes exactly 1 once, at the disposal or at
/// the last unpin after it, and that call says so. Keep this struct in a field, and never copy it.
/// </remarks>
internal struct PinCount
{
    private int _state; // any thread, interlocked

    /// <summary>Whether it was disposed. What is pinned then still exists.</summary>
    public readonly bool IsDisposed => (Volatile.Read(in _state) & 1) != 0;

    /// <returns><see langword="false"/> when it was disposed.</returns>
    public bool TryPin()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if ((state & 1) != 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, checked(state + 2), state) == state)
            {
                return true;
            }
        }
    }

    /// <param name="isLast">Whether the caller must free what was pinned.</param>
    /// <returns><see langword="false"/> when it is not pinned.</returns>
    public bool TryUnpin(out bool isLast)
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            isLast = state == 3;
            if (state < 2)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, state - 2, state) == state)
            {
                return true;
            }
        }
    }

    /// <returns>Whether the caller must free it: at the first call, unless it is pinned.</returns>
    public bool Dispose() => Interlocked.Or(ref _state, 1) == 0;
}
