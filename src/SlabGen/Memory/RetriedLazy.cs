namespace SlabGen.Memory;

/// <summary>
/// A value that is made once, at its first use. If that fails, the next use tries again, because addresses or memory
/// that were short may be there by then. Neither a static initializer nor <see cref="Lazy{T}"/> does that.
/// </summary>
/// <remarks>
/// The value is written under the lock and read by anyone. The lock is held while the value is made, and comes before
/// the locks that making it takes.
/// </remarks>
internal sealed class RetriedLazy<T>(Func<T> make)
    where T : class
{
    private readonly UninterruptibleLock _lock = new();
    private T? _value;

    /// <summary>The value, or null if it was not made yet.</summary>
    public T? ValueIfMade => Volatile.Read(ref _value);

    public T Value => ValueIfMade ?? Make();

    private T Make()
    {
        using (_lock.Hold())
        {
            if (_value is null)
            {
                Volatile.Write(ref _value, make());
            }

            return _value;
        }
    }
}
