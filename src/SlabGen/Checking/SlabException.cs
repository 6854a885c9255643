using SlabGen.Checking;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// A pointer was freed that its cache cannot take back, or a handle was used after its object was gone. The pointer is
/// dropped. Every other object is unharmed, and the cache stays usable.
/// </summary>
/// <remarks>
/// The fast path does not look at the pointers that it gets. A bad one is found when the magazine that it went into is
/// emptied. So the call that throws may be a later one, on another object, and an allocation may hand the pointer out
/// before. With the environment variable <c>SLABGEN_DEBUG=1</c> (or <see cref="SlabCacheOptions.Checked"/>) the wrong
/// call itself throws.
/// </remarks>
public sealed class SlabException : InvalidOperationException, ITelling
{
    private bool _isTold; // by exchange

    internal SlabException(SlabFault fault, string cacheName, nint address, string message, SlabReport? report = null)
        : base(message)
    {
        Report = report;
        Fault = fault;
        CacheName = cacheName;
        Address = address;
    }

    /// <summary>Tells <see cref="SlabRuntime.MisuseFound"/>, once. The caller holds no lock.</summary>
    /// <param name="later">Keeps what handlers throw, if given.</param>
    /// <returns>This.</returns>
    internal SlabException Tell(PendingErrors? later)
    {
        if (!Interlocked.Exchange(ref _isTold, true))
        {
            MisuseEvent.Raise(Report ?? new SlabReport(Fault, CacheName, Address) { Text = Message }, later);
        }

        return this;
    }

    /// <inheritdoc/>
    void ITelling.Tell(PendingErrors? later) => Tell(later);

    /// <summary>The fault.</summary>
    public SlabFault Fault { get; }

    /// <summary>
    /// The name of the cache that should have taken the pointer back. For a handle that was read, the type of the
    /// object, because reading asks no cache.
    /// </summary>
    public string CacheName { get; }

    /// <summary>The pointer; 0 for a handle.</summary>
    public nint Address { get; }

    /// <summary>
    /// What is known of the pointer and the object, in checked mode; else null. With more letters of
    /// <see cref="SlabDebug"/> more is known.
    /// </summary>
    public SlabReport? Report { get; }
}
