using System.Runtime.CompilerServices;

namespace SlabGen.Memory;

/// <summary>
/// What a protocol between threads does to the words that they share. The protocol is written once, over this. In the
/// library it is <see cref="RawWords"/>, and each operation is the plain one. In the tests it is a machine that keeps
/// every store in the store buffer of its thread, and tries every order.
/// </summary>
/// <remarks>
/// Only words that another thread may touch at the same moment need it, and the locks that say when none may. What a
/// lock guards is plain data. The fast path does not use it either: it calls nothing, optimized or not. The tests
/// translate its code instead.
/// </remarks>
internal interface ISharedWords
{
    /// <summary>A load that comes before all later ones.</summary>
    static abstract nint Read(ref nint word);

    /// <inheritdoc cref="Read(ref nint)"/>
    static abstract int Read(ref int word);

    /// <inheritdoc cref="Read(ref nint)"/>
    static abstract long Read(ref long word);

    /// <summary>A store that comes after all earlier loads and stores.</summary>
    static abstract void Write(ref nint word, nint value);

    /// <inheritdoc cref="Write(ref nint, nint)"/>
    static abstract void Write(ref int word, int value);

    /// <inheritdoc cref="Write(ref nint, nint)"/>
    static abstract void Write(ref long word, long value);

    /// <summary>Adds to a word at once, with a full fence.</summary>
    /// <returns>The new value.</returns>
    static abstract int Add(ref int word, int value);

    /// <summary>Sets a word at once, with a full fence.</summary>
    /// <returns>The old value.</returns>
    static abstract int Exchange(ref int word, int value);

    /// <summary>Moves words down, within the memory of one owner.</summary>
    static abstract unsafe void Move(nint* from, nint* to, int count);

    /// <summary>A full fence of this thread.</summary>
    static abstract void Fence();

    /// <summary>A full fence of every thread of the process.</summary>
    static abstract void FenceAll();

    /// <summary>Takes a lock.</summary>
    static abstract void Enter(UninterruptibleLock gate);

    /// <summary>Leaves a lock.</summary>
    static abstract void Exit(UninterruptibleLock gate);
}

/// <summary>The words as they are: each member is one operation of the processor, or one call of the library.</summary>
internal readonly struct RawWords : ISharedWords
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Read(ref nint word) => Volatile.Read(ref word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ref int word) => Volatile.Read(ref word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(ref long word) => Volatile.Read(ref word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref nint word, nint value) => Volatile.Write(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref int word, int value) => Volatile.Write(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref long word, long value) => Volatile.Write(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(ref int word, int value) => Interlocked.Add(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Exchange(ref int word, int value) => Interlocked.Exchange(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Move(nint* from, nint* to, int count) =>
        new ReadOnlySpan<nint>(from, count).CopyTo(new Span<nint>(to, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fence() => Interlocked.MemoryBarrier();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FenceAll() => Interlocked.MemoryBarrierProcessWide();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter(UninterruptibleLock gate) => gate.Enter();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Exit(UninterruptibleLock gate) => gate.Exit();
}
