using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using SlabGen.Memory;
using SlabGen.Pools;
using SlabGen.References;

namespace SlabGen;

/// <summary>
/// A <see cref="MemoryPool{T}"/> over the blocks of a <see cref="Kmalloc"/>: for pipes, sockets, servers and all else
/// that rents its memory from a pool. Any thread may call anything; one may rent a buffer, and another give it back.
/// </summary>
/// <remarks>
/// <para>A renting costs no garbage in steady state: the memory is native, and its owner is used again
/// (<see cref="IdleBuffers"/>). So the contract of every pool holds: who disposes of an owner has no use for it, or for
/// its memory, any more. An operation that has pinned the memory keeps the block until it unpins it.</para>
/// <para>A second disposal does nothing, and a look at the memory after the disposal throws
/// <see cref="ObjectDisposedException"/>, as long as nobody else has rented that owner. In checked mode an owner is not
/// used again: both are always found and throw, with the stack traces of the renting and of the disposal, and the block
/// is filled with <c>0x6b</c>.</para>
/// <para>Free memory is not the pool's: it lies in the magazines and slabs of the <see cref="Kmalloc"/>, serves others
/// meanwhile, and goes back to the system in the background. The pool only counts (<see cref="BufferLedger"/>). It
/// takes no lock except in checked mode. There is no finalizer: a buffer that is never disposed is a leak, which
/// <see cref="MemoryPool{T}.Dispose()"/> tells.</para>
/// <para>It is at the top of the layers because it names a runtime.</para>
/// </remarks>
/// <example><code><![CDATA[
/// using var pool = new SlabMemoryPool();             // for a pipe: new Pipe(new PipeOptions(pool))
/// using (System.Buffers.IMemoryOwner<byte> buffer = pool.Rent(1000))
/// {
///     buffer.Memory.Span.Clear();                    // a rented buffer holds old data
/// }
///
/// Console.WriteLine(pool.RentedBuffers);
/// ]]></code></example>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public sealed class SlabMemoryPool : MemoryPool<byte>
{
    /// <summary>Bytes of a buffer whose renter names no size: a page, as in ASP.NET's own pool.</summary>
    public const int DefaultBufferSize = 4096;

    private readonly Kmalloc _kmalloc;
    private readonly BufferLedger _ledger;
    private bool _disposed; // goes to true once, by exchange; read by anyone

    /// <summary>Makes a pool. It takes no memory before a buffer is rented.</summary>
    /// <param name="kmalloc">Where the memory comes from and goes back to: the one of a runtime, or one of its own,
    /// with an account, for a pool that must be bounded. By default that of <see cref="SlabRuntime.Default"/>. It must
    /// outlive the pool's buffers.</param>
    /// <param name="name">The name for messages: 1 to 256 UTF-16 units without white space and invisible
    /// characters.</param>
    /// <param name="maxBufferSize">The most bytes of one buffer, <see cref="DefaultBufferSize"/> at least.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBufferSize"/> is less than
    /// <see cref="DefaultBufferSize"/>.</exception>
    public SlabMemoryPool(Kmalloc? kmalloc = null, string name = "memory-pool", int maxBufferSize = int.MaxValue)
    {
        ObjectName.Validate(name, "pool");
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBufferSize, DefaultBufferSize);
        _kmalloc = kmalloc ?? SlabRuntime.Default.Kmalloc;
        _ledger = new BufferLedger(name, _kmalloc.IsChecked);
        MaxBufferSize = maxBufferSize;
    }

    /// <summary>The name, for messages.</summary>
    public string Name => _ledger.Name;

    /// <inheritdoc/>
    public override int MaxBufferSize { get; }

    /// <summary>Buffers that are rented now.</summary>
    public long RentedBuffers => _ledger.Count;

    private string DebuggerDisplay =>
        $"{Name}: {RentedBuffers} rented of '{_kmalloc.Name}'{(_disposed ? ", disposed" : "")}";

    /// <summary>Rents a buffer, which may hold old data.</summary>
    /// <param name="minBufferSize">The least bytes, at most <see cref="MaxBufferSize"/>; -1 is
    /// <see cref="DefaultBufferSize"/>. The buffer has the whole of its block, at least 8 bytes.</param>
    /// <returns>The owner; disposing of it gives the buffer back.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minBufferSize"/> is out of its range.</exception>
    /// <exception cref="OutOfMemoryException">The memory limit or that of the account is reached, and nothing could be
    /// taken back.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed, the <see cref="Kmalloc"/> destroyed, or its
    /// runtime disposed.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (minBufferSize < -1 || minBufferSize > MaxBufferSize)
        {
            ThrowOutOfRange(minBufferSize);
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        int length = minBufferSize < 0 ? DefaultBufferSize : KmallocSizes.UsableSize(Math.Max(1, minBufferSize));
        PooledBuffer buffer = _ledger.IsChecked ? new PooledBuffer() : IdleBuffers.Take();
        BufferTrace? trace = _ledger.IsChecked ? new BufferTrace(Name) : null;
        int resets = _kmalloc.Resets; // before the block is taken
        nint address = _kmalloc.Alloc((nuint)length);
        buffer.Begin(_kmalloc, _ledger, new OwnedMemory(address, length, resets), trace);
        _ledger.Add(buffer);
        return buffer;
    }

    /// <summary>
    /// What is rented now. In checked mode it has the addresses of the first buffers, and the stack traces of their
    /// rentings (<see cref="LeakReport.Sites"/>).
    /// </summary>
    public LeakReport FindRented() => _ledger.Report();

    /// <summary>
    /// Ends the pool: nothing is rented any more. Buffers that are rented stay what they are, and can be given back.
    /// They are told as leaks by <see cref="SlabRuntime.LeaksFound"/>, once; the end of the runtime counts the blocks
    /// of those that are not back by then among its own.
    /// </summary>
    /// <param name="disposing">Whether it was called by <see cref="MemoryPool{T}.Dispose()"/>.</param>
    protected override void Dispose(bool disposing)
    {
        if (!Interlocked.Exchange(ref _disposed, true) && FindRented() is { IsClean: false } leak)
        {
            SlabRuntime.Tell(new SlabRuntimeReport([leak], PageBytes: 0, Error: null));
        }
    }

    [DoesNotReturn]
    private void ThrowOutOfRange(int minBufferSize) => throw new ArgumentOutOfRangeException(
        nameof(minBufferSize),
        minBufferSize,
        $"Pool '{Name}': a buffer of {minBufferSize} bytes was asked for; 0 to {MaxBufferSize} (MaxBufferSize) can be had, and -1 is {DefaultBufferSize}.");
}
