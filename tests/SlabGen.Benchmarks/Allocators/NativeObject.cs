using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>An object off the collector's heap.</summary>
internal struct NativeObject(nint address) : IObject<NativeObject>
{
    private nint _address = address;

    public readonly nint Address => _address;

    public readonly bool IsNull => _address == 0;

    public readonly unsafe ref long Word
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *(long*)_address;
    }

    public static NativeObject Exchange(ref NativeObject place, NativeObject value) =>
        new(Interlocked.Exchange(ref place._address, value._address));
}
