using System.Runtime.CompilerServices;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Who owns each object of a runtime. The claims lie beside the memory, one for every 64 bytes of the zone: 0 while nobody
/// owns the object, taken and given up by interlocked operations, so that two owners of one object meet there for
/// certain. The object itself is filled with the claim over its whole size, so that any write by another shows.
/// </summary>
/// <remarks>For objects of 64 bytes or more, which are multiples of 8 bytes.</remarks>
internal sealed class OwnerStamps(SlabRuntime runtime, int size)
{
    private readonly nint _start = runtime.Pages.Normal.Start;
    private readonly long[] _claims = new long[runtime.MemoryLimit / 64];

    /// <summary>Takes an object that was just allocated.</summary>
    /// <param name="address">The object.</param>
    /// <param name="owner">Anything but 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Claim(nint address, long owner)
    {
        long before = Interlocked.CompareExchange(ref _claims[(address - _start) / 64], owner, 0);
        if (before != 0)
        {
            throw new InvalidOperationException($"0x{address:x} was handed to {owner:x} while it belongs to {before:x}.");
        }

        for (int i = 0; i < size / sizeof(long); i++)
        {
            new SlabPtr<long>(address + (i * sizeof(long))).Value = owner + i;
        }
    }

    /// <summary>Checks an object that is about to be freed, and gives it up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release(nint address, long owner)
    {
        for (int i = 0; i < size / sizeof(long); i++)
        {
            long word = new SlabPtr<long>(address + (i * sizeof(long))).Value;
            if (word != owner + i)
            {
                throw new InvalidOperationException($"0x{address:x} of {owner:x} was overwritten: word {i} is {word:x}.");
            }
        }

        long before = Interlocked.Exchange(ref _claims[(address - _start) / 64], 0);
        if (before != owner)
        {
            throw new InvalidOperationException($"0x{address:x} of {owner:x} belongs to {before:x}.");
        }
    }
}
