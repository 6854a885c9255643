using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;

namespace SlabGen;

// The calling thread's part of the caches, looked up once for a loop.
public sealed partial class Kmalloc
{
    /// <summary>Looks up the calling thread's part of the caches once, for a loop that allocates and frees.</summary>
    /// <returns>What allocates and frees as this instance does. It holds no block, and needs no closing.</returns>
    public Local OpenLocal() => new(this, ThreadSlots.AllUpTo(_lastId));

    /// <summary>The calling thread's part of a <see cref="Kmalloc"/>. It lives on the stack and so cannot reach another thread.</summary>
    /// <remarks>
    /// When the thread's slots move because it uses more caches, this keeps to the old ones: what it finds there is the thread's own still, or shut, and what
    /// it does not find is looked up. The default one is of no instance: its calls throw <see cref="NullReferenceException"/>.
    /// </remarks>
    public readonly ref struct Local
    {
        private readonly Kmalloc _kmalloc;
        private readonly ThreadCache?[] _slots;

        internal Local(Kmalloc kmalloc, ThreadCache?[] slots)
        {
            _kmalloc = kmalloc;
            _slots = slots;
        }

        /// <inheritdoc cref="Kmalloc.Alloc(nuint)"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public nint Alloc(nuint size)
        {
            Kmalloc kmalloc = _kmalloc;
            if (size - 1 < KmallocSizes.Largest)
            {
                int id = Volatile.Read(ref kmalloc._ids[KmallocSizes.BucketOf(size)]);
                ThreadCache?[] slots = _slots;
                return (uint)id < (uint)slots.Length && slots[id] is { } cache && cache.TryAlloc(out nint address) ? address : kmalloc.AllocSlow(size);
            }

            return kmalloc.AllocLarge(size);
        }

        /// <inheritdoc cref="Kmalloc.Free(nint)"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Free(nint address)
        {
            Kmalloc kmalloc = _kmalloc;
            uint id = kmalloc.SlabCacheIdOf(address);
            ThreadCache?[] slots = _slots;
            if (id >= (uint)slots.Length || slots[id] is not { } cache || !cache.TryFree(address))
            {
                kmalloc.FreeSlow(address);
            }
        }
    }
}
