namespace SlabGen.Memory;

/// <summary>
/// Something that is made at its first use, once. When that fails, the next use tries again: neither a static initializer nor
/// <see cref="Lazy{T}"/> does, and addresses or memory that were short may be there by then.
/// </summary>
/// <remarks>The value is written under the lock, which is held while it is made and comes before the locks that making it takes; it is read by anyone.</remarks>
internal sealed class RetriedLazy<T>(Func<T> make)
    where T : class
{
    private readonly UninterruptibleLock _lock = new();
    private T? _value;

    /// <summary>The value, if it was made.</summary>
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
