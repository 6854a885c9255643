using System.Buffers;
using SlabGen.Slabs;

namespace SlabGen.References;

/// <summary>
/// Memory with one owner, which gives it back when it is disposed of, or at the last unpin after that: what
/// <see cref="SlabBuffer"/> and <see cref="KmallocBlock"/> have in common. A field of theirs, never copied. Any thread
/// may call anything.
/// </summary>
/// <remarks>
/// Whoever empties the place that the memory comes from counts that; memory of an earlier count is gone. The owner says
/// what the count is now.
/// </remarks>
/// <param name="address">Where it begins.</param>
/// <param name="length">Its bytes.</param>
/// <param name="resets">How often its place was emptied before it was taken.</param>
internal struct OwnedMemory(nint address, int length, int resets)
{
    private PinCount _pins;

    /// <summary>Where the memory begins, whether or not it is still there.</summary>
    public readonly nint Start => address;

    public readonly int Length => length;

    /// <summary>What became of it, for the debugger.</summary>
    public readonly string StateAt(int resetsNow) =>
        _pins.IsDisposed ? ", disposed" : resets != resetsNow ? ", freed by Reset" : "";

    /// <summary>Where the memory begins, while it is there.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="resetsNow">How often its place was emptied until now.</param>
    /// <param name="place">The name of that.</param>
    /// <param name="what">What the owner has, for a message.</param>
    /// <exception cref="ObjectDisposedException">It is not.</exception>
    public readonly nint Address(object owner, int resetsNow, string place, string what)
    {
        ObjectDisposedException.ThrowIf(_pins.IsDisposed, owner);
        ThrowIfFreedByReset(resetsNow, place, what);
        return address;
    }

    /// <summary>Pins the memory.</summary>
    /// <param name="owner">Who unpins it.</param>
    /// <param name="elementIndex">Bytes to where the handle points.</param>
    /// <param name="resetsNow">As in <see cref="Address"/>.</param>
    /// <param name="place">As in <see cref="Address"/>.</param>
    /// <param name="what">As in <see cref="Address"/>.</param>
    public unsafe MemoryHandle Pin(IPinnable owner, int elementIndex, int resetsNow, string place, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        ThrowIfFreedByReset(resetsNow, place, what);
        ObjectDisposedException.ThrowIf(!_pins.TryPin(), owner);
        return new MemoryHandle((byte*)address + elementIndex, pinnable: owner);
    }

    /// <param name="resetsNow">As in <see cref="Address"/>.</param>
    /// <param name="kind">What it is, up to the name in the message.</param>
    /// <param name="place">As in <see cref="Address"/>.</param>
    /// <returns>Whether the caller must free the memory.</returns>
    /// <exception cref="InvalidOperationException">It is not pinned.</exception>
    public bool Unpin(int resetsNow, string kind, string place) => EndsByUnpin(kind, place) && IsThere(resetsNow);

    /// <returns>
    /// Whether the caller must free the memory: the first time, unless it is pinned, or gone already.
    /// </returns>
    public bool Dispose(int resetsNow) => Ends() && IsThere(resetsNow);

    /// <summary>Whether its place was not emptied since.</summary>
    public readonly bool IsThere(int resetsNow) => resets == resetsNow;

    /// <summary>Disposes of it.</summary>
    /// <returns>Whether that ends the memory: the first time, unless it is pinned.</returns>
    public bool Ends() => _pins.Dispose();

    /// <summary>Unpins it.</summary>
    /// <param name="kind">As in <see cref="Unpin"/>.</param>
    /// <param name="place">As in <see cref="Address"/>.</param>
    /// <returns>Whether that ends the memory: at the last unpin after the disposal.</returns>
    /// <exception cref="InvalidOperationException">It is not pinned.</exception>
    public bool EndsByUnpin(string kind, string place) =>
        _pins.TryUnpin(out bool isLast)
            ? isLast : throw new InvalidOperationException($"{kind} '{place}' is not pinned, and was unpinned.");

    private readonly void ThrowIfFreedByReset(int resetsNow, string place, string what)
    {
        if (resets != resetsNow)
        {
            Throw.FreedByReset(place, what);
        }
    }
}
