using System.Diagnostics;
using SlabGen.Slabs;

namespace SlabGen.Pools;

/// <summary>In checked mode: where a buffer was rented, and where it was disposed.</summary>
/// <remarks><see cref="_disposed"/> is written once, by the one disposal that is right.</remarks>
internal sealed class BufferTrace(string pool)
{
    private readonly StackTrace _rented = new(skipFrames: 2, fNeedFileInfo: true); // from the caller of Rent
    private StackTrace? _disposed; // interlocked

    public string Rented => _rented.ToString().TrimEnd();

    public bool IsDisposed => Volatile.Read(ref _disposed) is not null;

    /// <returns><see langword="false"/> when it was disposed before.</returns>
    public bool TryDispose() =>
        Interlocked.CompareExchange(ref _disposed, new StackTrace(skipFrames: 2, fNeedFileInfo: true), null) is null;

    public SlabException DisposedTwice(nint address) => new(
        SlabFault.DoubleFree, pool, address,
        $"Pool '{pool}': the buffer at 0x{address:x} was disposed twice. The second disposal did nothing.{Story}");

    public ObjectDisposedException UsedAfterDisposal(nint address) => new(
        pool, $"Pool '{pool}': the buffer at 0x{address:x} was used after its disposal.{Story}");

    private string Story
    {
        get
        {
            string line = Environment.NewLine;
            return $"{line}It was rented{line}{Rented}{line}and disposed{line}{_disposed!.ToString().TrimEnd()}";
        }
    }
}
