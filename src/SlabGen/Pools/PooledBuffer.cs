using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using SlabGen.References;

namespace SlabGen.Pools;

/// <summary>
/// The owner of a rented block, which serves many renters in turn: with its disposal, or the last unpin after that, the
/// block goes back to its <see cref="Kmalloc"/>, and the owner to <see cref="IdleBuffers"/>.
/// </summary>
/// <remarks>
/// <para>One renter has it at a time; any thread may call anything. <see cref="Begin"/> writes all fields, and is
/// called by the renting thread before anybody else has the owner. <see cref="OwnedMemory"/> decides which one call
/// ends the renting.</para>
/// <para>In checked mode an owner serves one renter only, and has a <see cref="BufferTrace"/>: what a renter does after
/// its disposal then finds an owner that knows of the disposal, whoever rents meanwhile.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
internal sealed class PooledBuffer : MemoryManager<byte>
{
    /// <summary>What a freed block is filled with in checked mode: the kernel's <c>POISON_FREE</c>.</summary>
    public const byte Poison = 0x6b;

    private const string What = "a buffer of a SlabMemoryPool";

    // Of the renting, as all of these: null while nobody rents this, so that no pool is kept alive.
    private Kmalloc? _kmalloc;
    private BufferLedger? _ledger;
    private BufferTrace? _trace;
    private OwnedMemory _memory;

    /// <summary>The next one of a magazine of <see cref="IdleBuffers"/>; its thread alone uses it.</summary>
    public PooledBuffer? Next { get; set; }

    /// <summary>Where the block begins, while it is rented.</summary>
    public nint Address => _memory.Start;

    /// <summary>In checked mode, where it was rented.</summary>
    public string Site => _trace?.Rented ?? "";

    private string DebuggerDisplay => _kmalloc is { } kmalloc
        ? $"{_memory.Length} bytes at 0x{_memory.Start:x} of '{PoolName}'{_memory.StateAt(kmalloc.Resets)}"
        : "not rented";

    private string PoolName => _ledger?.Name ?? "of before";

    /// <summary>A renter gets the block.</summary>
    public void Begin(Kmalloc kmalloc, BufferLedger ledger, OwnedMemory memory, BufferTrace? trace)
    {
        _kmalloc = kmalloc;
        _ledger = ledger;
        _trace = trace;
        _memory = memory;
    }

    public override unsafe Span<byte> GetSpan()
    {
        Kmalloc kmalloc = KmallocIfRented();
        return new Span<byte>((void*)_memory.Address(this, kmalloc.Resets, kmalloc.Name, What), _memory.Length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        Kmalloc kmalloc = KmallocIfRented();
        return _memory.Pin(this, elementIndex, kmalloc.Resets, kmalloc.Name, What);
    }

    public override void Unpin()
    {
        if (_memory.EndsByUnpin("A buffer of pool", PoolName))
        {
            End();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_trace is { } trace && !trace.TryDispose())
        {
            throw trace.DisposedTwice(_memory.Start);
        }

        if (_memory.Ends())
        {
            End();
        }
    }

    private Kmalloc KmallocIfRented()
    {
        Kmalloc? kmalloc = _kmalloc;
        if (_trace is { IsDisposed: true } trace)
        {
            throw trace.UsedAfterDisposal(_memory.Start);
        }

        ObjectDisposedException.ThrowIf(kmalloc is null, this);
        return kmalloc;
    }

    /// <summary>Called once to a renting, by whoever ends it.</summary>
    private unsafe void End()
    {
        Kmalloc kmalloc = _kmalloc!;
        _ledger!.Remove(this);
        (_kmalloc, _ledger) = (null, null);
        if (_memory.IsThere(kmalloc.Resets))
        {
            if (_trace is not null)
            {
                NativeMemory.Fill((void*)_memory.Start, (nuint)_memory.Length, Poison);
            }

            kmalloc.Free(_memory.Start);
        }

        if (_trace is null)
        {
            IdleBuffers.Put(this);
        }
    }
}
