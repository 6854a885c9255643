using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>A class per object: what a user writes who does not think of memory.</summary>
internal sealed class Box<T>
    where T : struct
{
    public T Value;
}

/// <summary>A reference to an object on the collector's heap.</summary>
internal struct BoxObject<T>(Box<T> box) : IObject<BoxObject<T>>
    where T : struct
{
    private Box<T>? _box = box;

    public readonly Box<T> Box => _box!;

    public readonly bool IsNull => _box is null;

    public readonly ref long Word
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.As<T, long>(ref _box!.Value);
    }

    public static BoxObject<T> Exchange(ref BoxObject<T> place, BoxObject<T> value) =>
        new() { _box = Interlocked.Exchange(ref place._box, value._box) };
}

/// <summary>A rented array of bytes.</summary>
internal struct ArrayObject(byte[] array) : IObject<ArrayObject>
{
    private byte[]? _array = array;

    public readonly byte[] Array => _array!;

    public readonly bool IsNull => _array is null;

    public readonly ref long Word
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.As<byte, long>(ref MemoryMarshal.GetArrayDataReference(_array!));
    }

    public static ArrayObject Exchange(ref ArrayObject place, ArrayObject value) =>
        new() { _array = Interlocked.Exchange(ref place._array, value._array) };
}
