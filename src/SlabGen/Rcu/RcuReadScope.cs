using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>A read-side section of <see cref="Rcu"/>, from <see cref="Rcu.Read"/> to <see cref="Dispose"/>.</summary>
/// <remarks>It belongs to its thread. It cannot be stored, boxed, or kept across an <see langword="await"/>.</remarks>
public readonly ref struct RcuReadScope
{
    private readonly RcuReader _reader;
    private readonly long _entered;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RcuReadScope(RcuReader reader, long entered)
    {
        _reader = reader;
        _entered = entered;
    }

    /// <summary>Ends the section (<c>rcu_read_unlock</c>). Do not use what was found in it any more.</summary>
    /// <exception cref="InvalidOperationException">
    /// This is not the innermost section of the thread: a copy of it was ended before, or an inner section was not.
    /// Nothing was ended. If a later section of the same depth is open, ending a copy may end that section unnoticed.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        RcuReader reader = _reader;
        long entered = _entered;
        if (reader is null || reader.State != entered)
        {
            ThrowUnbalanced();
        }

        GracePeriod<RawWords>.Leave(reader, entered);
    }

    [DoesNotReturn]
    private static void ThrowUnbalanced() => throw new InvalidOperationException(
        "RcuReadScope.Dispose: this is not the innermost read-side section of its thread. It was ended before, or a section inside it was not.");
}
