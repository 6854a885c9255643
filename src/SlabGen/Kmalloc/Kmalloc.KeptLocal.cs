using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Slabs;

namespace SlabGen;

// The calling thread's part of the caches, for an object that lives as long as the thread does.
public sealed partial class Kmalloc
{
    /// <summary>
    /// Looks up the calling thread's part of the caches, for an object that only this thread uses, to keep in a field.
    /// For a loop, <see cref="OpenLocal"/> is enough, and costs nothing.
    /// </summary>
    /// <returns>
    /// What allocates and frees as this instance does, on the calling thread alone. It holds no block, and needs no
    /// closing.
    /// </returns>
    public KeptLocal KeepLocal() => new(this);

    /// <summary>A thread's part of a <see cref="Kmalloc"/>, in a field of what that thread alone uses.</summary>
    /// <remarks>
    /// <para><b>Thread.</b> It belongs to the thread that asked for it. Its fast path works in that thread's magazines
    /// without a lock, so that of two threads in it both may get one block. A <see cref="Local"/> cannot reach another
    /// thread, because it lives on the stack; this can, and so what does not take the fast path asks who calls, and
    /// refuses a stranger. In checked mode, which has no fast path, that is every call; else those that find no block
    /// in the magazine, or no room. What the blocks themselves are is no matter of
    /// threads: any may free them, by <see cref="Kmalloc.Free"/>.</para>
    /// <para><b>End.</b> It may outlive its thread and its instance: the magazines go home as those of any dead thread,
    /// by reaping or <see cref="Shrink"/>, and from then on every call is refused. The thread's bins, which are shut
    /// then, stay readable as long as this is there.</para>
    /// </remarks>
    [DebuggerDisplay("{_kmalloc.Name,nq}, of thread {_thread.ManagedThreadId}")]
    public sealed class KeptLocal
    {
        private readonly Kmalloc _kmalloc;
        private readonly Thread _thread = Thread.CurrentThread;
        private readonly ThreadBins? _held; // null when the system had no memory for bins: then every call is slow
        private readonly nint _bins;

        internal KeptLocal(Kmalloc kmalloc)
        {
            _kmalloc = kmalloc;
            _held = OwnerThread.Current.TryGetBins();
            _held?.Hold();
            _bins = _held is null ? 0 : ThreadBins.OfThisThread;
        }

        /// <summary>Lets the bins of its thread go.</summary>
        ~KeptLocal() => _held?.Return(threadEnded: false);

        /// <inheritdoc cref="Kmalloc.Alloc(nuint)"/>
        /// <exception cref="InvalidOperationException">The calling thread is not the one that this belongs to. The fast
        /// path does not find that.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe nint Alloc(nuint size)
        {
            Kmalloc kmalloc = _kmalloc;
            if (IsSmall(size))
            {
                if (_bins != 0 && ThreadBins.Of(_bins, kmalloc.IdOf(size))->TryAlloc(out nint address))
                {
                    return address;
                }
            }

            return AllocSlow(size);
        }

        /// <inheritdoc cref="Kmalloc.TryAlloc(nuint, out nint)"/>
        /// <exception cref="InvalidOperationException">The calling thread is not the one that this belongs to. The fast
        /// path does not find that.</exception>
        public unsafe bool TryAlloc(nuint size, out nint address)
        {
            Kmalloc kmalloc = _kmalloc;
            if (IsSmall(size))
            {
                if (_bins != 0 && ThreadBins.Of(_bins, kmalloc.IdOf(size))->TryAlloc(out address))
                {
                    return true;
                }
            }

            RefuseStranger();
            return kmalloc.TryAlloc(size, out address);
        }

        /// <inheritdoc cref="Kmalloc.Free(nint)"/>
        /// <exception cref="InvalidOperationException">The calling thread is not the one that this belongs to. The fast
        /// path does not find that.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe void Free(nint address)
        {
            if (_bins == 0 || !ThreadBins.Of(_bins, _kmalloc._idOf.Get(address))->TryFree(address))
            {
                FreeSlow(address);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private nint AllocSlow(nuint size)
        {
            RefuseStranger();
            return IsSmall(size) ? _kmalloc.AllocSlow(size) : _kmalloc.AllocLarge(size);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void FreeSlow(nint address)
        {
            RefuseStranger();
            _kmalloc.FreeSlow(address);
        }

        private void RefuseStranger()
        {
            if (_thread != Thread.CurrentThread)
            {
                Throw.OtherThread(_kmalloc.Name, _thread);
            }
        }
    }
}
