using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Slabs;

namespace SlabGen;

// Allocations, and the slow path behind the fast one. What they may do for it is in .Gfp.
public sealed partial class KmemCache
{
    /// <summary>
    /// Takes an object (<c>kmem_cache_alloc</c>). It may hold the old data of another: write all of it, or call
    /// <see cref="AllocZeroed"/>.
    /// </summary>
    /// <example><code><![CDATA[
    /// KmemCache cache = SlabRuntime.Default.CreateCache<Order>("orders");
    /// SlabPtr<Order> order = new(cache.Alloc());
    /// order.Value = new Order { Id = 7, Quantity = 3 };
    /// cache.Free(order.Address);
    /// ]]></code></example>
    /// <returns>The address of the object, never 0.</returns>
    /// <exception cref="OutOfMemoryException">The memory limit is reached, and nothing could be taken back from any
    /// cache.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Alloc()
    {
        ThreadCache? thread = ThreadSlots.Peek(Id);
        return thread is not null && thread.TryAlloc(out nint address) ? address : AllocSlow(thread);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private unsafe nint AllocSlow(ThreadCache? thread) =>
        TryTakeChecked(BinOf(thread), out nint address) ? address : AllocSlower(ref ThreadSlots.Slot(Id));

    /// <summary>Takes an object and clears it (<c>kmem_cache_zalloc</c>).</summary>
    /// <inheritdoc cref="Alloc()"/>
    public unsafe nint AllocZeroed()
    {
        if (_slabs.HasLife)
        {
            Throw.NotZeroed(_slabs);
        }

        nint address = Alloc();
        new Span<byte>((void*)address, ObjectSize).Clear();
        return address;
    }

    /// <summary>Takes an object, if there is one.</summary>
    /// <param name="address">The object, or 0.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc()"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public bool TryAlloc(out nint address)
    {
        ThreadCache? thread = ThreadSlots.Peek(Id);
        return (thread is not null && thread.TryAlloc(out address))
            || TryAllocSlow(ref ThreadSlots.Slot(Id), out address);
    }

    /// <summary>Takes as many objects as the span holds, or none (<c>kmem_cache_alloc_bulk</c>).</summary>
    /// <exception cref="OutOfMemoryException">There are not so many; none was taken.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void AllocBulk(Span<nint> addresses) => AllocBulk(ref ThreadSlots.Slot(Id), addresses);

    /// <summary>For generated code: <see cref="Alloc()"/> after the fast path failed.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <remarks>It becomes part of the method that generated code calls, which is not inlined itself.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe nint AllocSlow(ref ThreadCache? slot) =>
        TryTakeChecked(BinOf(slot), out nint address) ? address : AllocSlower(ref slot);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint AllocSlower(ref ThreadCache? slot)
    {
        if (!TryAllocSlow(ref slot, out nint address))
        {
            Throw.OutOfMemory(_slabs, 1);
        }

        return address;
    }

    /// <summary>For generated code: <see cref="TryAlloc(out nint)"/> after the fast path failed.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="address">The object, or 0.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal unsafe bool TryAllocSlow(ref ThreadCache? slot, out nint address)
    {
        if (TryTakeChecked(BinOf(slot), out address))
        {
            return true;
        }

        address = 0;
        if (FailsAtOnce(mayWait: true))
        {
            return false;
        }

        bool taken = _slabs.TryTakeGuarded(out address) || _magazines.TryAlloc(ref slot, out address)
            || TryAllocBulk(ref slot, new Span<nint>(ref address), GfpFlags.Kernel, node: -1);
        _slabs.Pages.WakeIfWanted();
        if (taken)
        {
            Take(address);
            ClearTaken(new ReadOnlySpan<nint>(in address));
        }

        return taken;
    }

    /// <summary>For generated code: <see cref="AllocBulk(Span{nint})"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    internal void AllocBulk(ref ThreadCache? slot, Span<nint> addresses)
    {
        if (_states is not null || !_magazines.TryPopAll(slot, addresses))
        {
            AllocBulkSlow(ref slot, addresses);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AllocBulkSlow(ref ThreadCache? slot, Span<nint> addresses)
    {
        bool taken = TryPopChecked(addresses) || TryAllocBulk(ref slot, addresses, GfpFlags.Kernel, node: -1);
        _slabs.Pages.WakeIfWanted();
        if (!taken)
        {
            Throw.OutOfMemory(_slabs, addresses.Length);
        }

        Take(addresses);
        ClearTaken(addresses);
    }
}
