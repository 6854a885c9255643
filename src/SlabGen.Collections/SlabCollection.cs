using System.Runtime.CompilerServices;

namespace SlabGen.Collections;

/// <summary>
/// What the collections have in common: the memory that they live in, its end, and what checked mode finds.
/// </summary>
/// <remarks>
/// <para>A collection lives in a <see cref="Kmalloc"/>: that of a runtime (<see cref="SlabRuntime.Kmalloc"/>), or a
/// private one with an account and a limit (<see cref="SlabRuntime.CreateKmalloc(string, SlabAccount?)"/>). An empty
/// collection has no block. There is no finalizer: who makes a collection disposes of it. One that was not is what
/// the report at its runtime's end names, block by block.</para>
/// <para>No collection may be written by one thread while another uses it. Its own methods call users' code (comparers)
/// and, where memory is short, the shrinkers of the runtime; neither may use the collection that called them. In
/// checked mode each of these throws <see cref="InvalidOperationException"/>, and every use after the disposal
/// <see cref="ObjectDisposedException"/>. Without it a collection that was disposed of is empty, and what would
/// allocate throws.</para>
/// </remarks>
public abstract class SlabCollection : IDisposable
{
    // All fields are the user's thread's, but _writer and _second: any thread in checked mode, by exchange. Of a queue
    // with two sides _taken is the producer's, and _given the consumer's.
    private readonly bool _ownsMemory;
    private int _writer; // the id of the thread inside a call that changes something; 0 is nobody
    private int _second; // the same of the other side of a queue that has two
    private bool _disposed;
    private long _taken, _given; // bytes

    /// <summary>Whether calls are checked; immutable.</summary>
    private protected readonly bool _isChecked;

    /// <summary>
    /// Rises with every change that moves an entry: an enumerator that has another one ends with an error.
    /// </summary>
    internal int Version;

    private protected SlabCollection(Kmalloc? memory, bool ownsMemory)
    {
        if (ownsMemory)
        {
            ArgumentNullException.ThrowIfNull(memory);
        }

        Memory = memory ?? SlabRuntime.Default.Kmalloc;
        _ownsMemory = ownsMemory;
        _isChecked = Memory.IsChecked;
    }

    /// <summary>
    /// Lets the allocation fail for which it says so. For tests: <see cref="SlabRuntime.Faults"/> refuses pages alone,
    /// and most blocks come out of a magazine without one.
    /// </summary>
    internal static Func<bool>? Fails { get; set; }

    /// <summary>Whether a test lets this allocation fail.</summary>
    internal static bool Refuses() => Fails is { } fails && fails();

    /// <summary>Where the blocks come from.</summary>
    public Kmalloc Memory { get; }

    /// <summary>The bytes of the blocks that the collection has: what it asked for, before it was rounded up.</summary>
    public long Bytes
    {
        get
        {
            long given = Volatile.Read(ref _given); // first: what was given later was taken by then
            return Volatile.Read(ref _taken) - given;
        }
    }

    /// <summary>
    /// Gives every block back: a few large ones, whatever the number of entries; with <c>ownsMemory</c> by destroying
    /// <see cref="Memory"/>. Once more does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">Checked mode: another call is inside the collection.</exception>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        EnterWrite();
        try
        {
            EnterSecond();
        }
        catch
        {
            ExitWrite();
            throw;
        }

        _disposed = true;
        Version++;
        try
        {
            bool lives = IsAlive(Memory);
            if (lives && !_ownsMemory)
            {
                FreeAll();
                return;
            }

            Forget();
            _given = _taken;
            if (lives)
            {
                Memory.Destroy();
            }
        }
        finally
        {
            ExitSecond();
            ExitWrite();
        }
    }

    /// <summary>Removes everything, and gives the memory back.</summary>
    public virtual void Clear()
    {
        EnterWrite();
        try
        {
            Empty();
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Frees every block, and is empty.</summary>
    private protected abstract void FreeAll();

    /// <summary>Is empty: every block was, or will be, freed with the memory.</summary>
    private protected abstract void Forget();

    /// <summary>Frees every block; the collection goes on.</summary>
    private protected void Empty()
    {
        if (_ownsMemory)
        {
            Forget();
            Version++;
            _given = _taken;
            Memory.Reset();
        }
        else
        {
            FreeAll();
        }
    }

    /// <summary>A block of so many bytes, unless memory is short. Changes nothing else.</summary>
    internal unsafe bool TryAlloc(nuint bytes, out byte* block)
    {
        ThrowIfDisposed();
        if (Refuses())
        {
            block = null;
            return false;
        }

        bool taken = Memory.TryAlloc(bytes, out nint address);
        block = (byte*)address;
        _taken += taken ? (long)bytes : 0;
        return taken;
    }

    /// <summary>Makes a block larger or smaller, unless memory is short: then it is as it was.</summary>
    internal unsafe bool TryRealloc(ref byte* block, nuint bytes, nuint newBytes)
    {
        ThrowIfDisposed();
        if (Refuses())
        {
            return false;
        }

        nint address = (nint)block;
        bool moved = Memory.TryRealloc(ref address, newBytes);
        block = (byte*)address;
        _taken += moved ? (long)newBytes - (long)bytes : 0;
        return moved;
    }

    /// <summary>Frees a block of so many bytes.</summary>
    internal unsafe void Free(byte* block, nuint bytes)
    {
        Memory.Free((nint)block);
        _given += (long)bytes;
    }

    /// <summary>The exception for memory that was short where the caller cannot be told otherwise.</summary>
    private protected OutOfMemoryException Short(nuint bytes) => Short(GetType(), Memory, bytes);

    /// <summary>The same, of any collection.</summary>
    internal static OutOfMemoryException Short(Type collection, Kmalloc memory, nuint bytes) => new(
        $"{collection.Name}: Kmalloc ('{memory.Name}') has no memory for {bytes} bytes more: "
        + (memory.Account is { } account
            ? $"the account '{account.Name}' has {account.Used} of {account.Limit} bytes in use, "
                + "or the runtime's limit is reached."
            : "the runtime's memory limit is reached.")
        + " The collection is as it was.");

    /// <summary>Before something is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void CheckRead()
    {
        if (_isChecked)
        {
            CheckSlow(ref _writer);
        }
    }

    /// <summary>Before something is changed; <see cref="ExitWrite"/> must follow, whatever is thrown.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void EnterWrite()
    {
        if (_isChecked)
        {
            EnterSlow(ref _writer);
        }
    }

    /// <summary>The same for the second side of a queue that has two: its consumer.</summary>
    private protected void EnterSecond()
    {
        if (_isChecked)
        {
            EnterSlow(ref _second);
        }
    }

    private protected void ExitSecond()
    {
        if (_isChecked)
        {
            Volatile.Write(ref _second, 0);
        }
    }

    private protected void CheckSecond()
    {
        if (_isChecked)
        {
            CheckSlow(ref _second);
        }
    }

    /// <summary>After something was changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void ExitWrite()
    {
        if (_isChecked)
        {
            Volatile.Write(ref _writer, 0);
        }
    }

    private protected void CheckVersion(int version)
    {
        CheckRead();
        if (version != Version)
        {
            ThrowChanged();
        }
    }

    private protected void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckSlow(ref int side)
    {
        ThrowIfDisposed();
        if (Volatile.Read(ref side) is not 0 and int writer)
        {
            ThrowInUse(writer);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterSlow(ref int side)
    {
        ThrowIfDisposed();
        int writer = Interlocked.CompareExchange(ref side, Environment.CurrentManagedThreadId, 0);
        if (writer != 0)
        {
            ThrowInUse(writer);
        }
    }

    private void ThrowInUse(int writer) => throw new InvalidOperationException(
        writer == Environment.CurrentManagedThreadId
            ? $"{GetType().Name}: a comparer or a shrinker uses the collection that called it."
            : $"{GetType().Name}: thread {Environment.CurrentManagedThreadId} uses the collection "
                + $"while thread {writer} changes it.");

    private protected void ThrowChanged()
    {
        ThrowIfDisposed();
        throw new InvalidOperationException($"{GetType().Name} was changed while it was enumerated.");
    }

    /// <summary>
    /// Whether the blocks are still there: their instance may be destroyed, or its runtime at its end.
    /// </summary>
    internal static bool IsAlive(Kmalloc memory)
    {
        try
        {
            return memory.TryAlloc(0, out _); // takes nothing
        }
        catch (ObjectDisposedException)
        {
            return false; // then everything was given back already, and to dispose once more is no error
        }
    }
}
