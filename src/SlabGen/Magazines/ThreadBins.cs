using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// The bins of one thread, by the ids of the caches: native memory, one load from a thread-static word away. A fast
/// path that learns the id of the cache as it runs, as that of <see cref="Kmalloc"/>, looks up no object.
/// </summary>
/// <remarks>
/// <para>The table is made when the thread first uses such a cache, never moves, and is as long as it can ever be:
/// untouched pages cost address space only. Where the system refuses it, or an id is too high for it,
/// <see cref="ThreadCache"/> keeps the words itself, and every call takes the slow path.</para>
/// <para><b>Who owns what.</b> The thread alone makes a bin a thread cache's (<see cref="Lend"/>), in its slow path;
/// what the words mean is said there. An id that is used again may find the bin of its former cache: the owner sends
/// that home first (<see cref="CacheMagazines.Attach"/>).</para>
/// <para><b>End.</b> The memory goes when the thread has ended and no thread cache has words in it. Both are counted in
/// <c>_users</c>, since the order in which finalizers run is no order (<see cref="BinUsers{TWords}"/>).</para>
/// </remarks>
internal sealed unsafe class ThreadBins
{
    /// <summary>Ids that have a bin: those below.</summary>
    public const int Count = 1 << 16;

    private const long Bytes = (long)Count << ThreadBin.Shift;

    [ThreadStatic]
    // The only static: a second one could bring a class initializer, and with it a check on every access.
    private static nint t_table;

    // Held here: the finalizer may run in a context that is taken down, and uses no type for the first time.
    private readonly IOsMemory _memory;
    private readonly nint _table;
    private int _users = 1; // interlocked: the thread, and each thread cache that has a bin here
    private int _ended; // goes to 1 once, by exchange: the thread uses it no more

    private ThreadBins(IOsMemory memory, nint table)
    {
        _memory = memory;
        _table = table;
    }

    ~ThreadBins()
    {
        // Nothing refers to it: the thread is dead, or its thread-static fields were unloaded.
        if (BinUsers<RawWords>.EndThread(ref _users, ref _ended))
        {
            _memory.Unmap(_table, Bytes);
        }
    }

    /// <summary>Whether the memory is there; for tests.</summary>
    internal bool IsMapped => Volatile.Read(ref _users) > 0;

    /// <summary>The address of the calling thread's bins; 0 before it has any.</summary>
    public static nint OfThisThread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_table;
    }

    /// <summary>
    /// The address of the calling thread's bins, made now if need be; 0 when the system refuses the memory.
    /// </summary>
    public static nint OfThisThreadMade()
    {
        OwnerThread.Current.TryGetBins();
        return t_table;
    }

    /// <summary>The calling thread's bins, made now.</summary>
    /// <returns><see langword="null"/> when the system refuses the memory.</returns>
    public static ThreadBins? TryMake()
    {
        IOsMemory memory = OsMemory.Current;
        nint table = memory.ReserveApart(Bytes, Page.Size);
        if (table == 0)
        {
            return null;
        }

        if (SlabFaults.OfProcess.Fails(FaultPoint.Commit) || !memory.Commit(table, Bytes))
        {
            memory.UnmapApart(table, Bytes, Page.Size);
            return null;
        }

        memory.TryAvoidHugePages(table, Bytes); // where that is refused they cost more, no more
        var bins = new ThreadBins(memory, table);
        t_table = table;
        return bins;
    }

    /// <summary>The bin of a cache in a thread's table. That of id 0, which no cache has, is shut.</summary>
    /// <remarks>
    /// The callers of the fast path ask themselves whether there is a table: wrapped once more, the JIT makes a value
    /// of each answer before it tests it.
    /// </remarks>
    /// <param name="table">The calling thread's; not 0.</param>
    /// <param name="id">The id of the cache, below <see cref="Count"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadBin* Of(nint table, uint id) => (ThreadBin*)table + id;

    /// <summary>
    /// Keeps the memory readable until <see cref="Return"/>, also when the thread has ended. The owner.
    /// </summary>
    public void Hold() => BinUsers<RawWords>.Hold(ref _users);

    /// <summary>
    /// Lends a bin to a thread cache, shut, until <see cref="Return"/>. The owner, where no other thread cache has it.
    /// </summary>
    public ThreadBin* Lend(uint id)
    {
        Hold();
        ThreadBin* bin = (ThreadBin*)_table + id;
        bin->Shut();
        return bin;
    }

    /// <summary>
    /// Ends <see cref="Hold"/> or <see cref="Lend"/>: the bin is shut, no operation is in flight, and nobody reads it
    /// any more. Any thread.
    /// </summary>
    /// <param name="threadEnded">Whether the thread is dead. Then its memory need not wait for a finalizer.</param>
    public void Return(bool threadEnded)
    {
        if (BinUsers<RawWords>.Return(ref _users, ref _ended, threadEnded))
        {
            _memory.UnmapApart(_table, Bytes, Page.Size);
        }
    }
}
