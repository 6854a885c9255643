namespace SlabGen.References;

/// <summary>When memory that is disposed of, but may be pinned, goes back. Any thread may call anything.</summary>
/// <remarks>
/// <see cref="_state"/>, written by compare-and-exchange, is twice the number of pins, and 1 more once it was disposed. Pins come only while it was not;
/// so it becomes exactly 1 once, at the disposal or at the last unpin after that, and that call says so. A field, never copied.
/// </remarks>
internal struct PinCount
{
    private int _state; // any thread, interlocked

    /// <summary>Whether it was disposed; what is pinned then is still there.</summary>
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

    /// <returns>Whether the caller must free it: the first time, unless it is pinned.</returns>
    public bool Dispose() => Interlocked.Or(ref _state, 1) == 0;
}
