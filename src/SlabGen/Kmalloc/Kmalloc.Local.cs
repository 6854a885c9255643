using System.Runtime.CompilerServices;
using SlabGen.Magazines;

namespace SlabGen;

// The calling thread's part of the caches, looked up once for a loop.
public sealed partial class Kmalloc
{
    /// <summary>Looks up the calling thread's part of the caches once, for a loop that allocates and frees.</summary>
    /// <returns>What allocates and frees as this instance does. It holds no block, and needs no closing.</returns>
    public Local OpenLocal() => new(this, ThreadBins.OfThisThreadMade());

    /// <summary>
    /// The calling thread's part of a <see cref="Kmalloc"/>. It lives on the stack and so cannot reach another thread.
    /// </summary>
    /// <remarks>
    /// The bins of a thread never move. The default one is of no instance: its calls throw
    /// <see cref="NullReferenceException"/>.
    /// </remarks>
    public readonly ref struct Local
    {
        private readonly Kmalloc _kmalloc;
        private readonly nint _bins;

        internal Local(Kmalloc kmalloc, nint bins)
        {
            _kmalloc = kmalloc;
            _bins = bins;
        }

        /// <inheritdoc cref="Kmalloc.Alloc(nuint)"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe nint Alloc(nuint size)
        {
            Kmalloc kmalloc = _kmalloc;
            if (size - 1 < KmallocSizes.Largest)
            {
                return _bins != 0 && ThreadBins.Of(_bins, kmalloc.IdOf(size))->TryAlloc(out nint address)
                    ? address : kmalloc.AllocSlow(size);
            }

            return kmalloc.AllocLarge(size);
        }

        /// <inheritdoc cref="Kmalloc.Free(nint)"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe void Free(nint address)
        {
            Kmalloc kmalloc = _kmalloc;
            if (_bins == 0 || !ThreadBins.Of(_bins, kmalloc._idOf.Get(address))->TryFree(address))
            {
                kmalloc.FreeSlow(address);
            }
        }
    }
}
