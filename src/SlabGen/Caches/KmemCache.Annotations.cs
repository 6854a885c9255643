using System.Diagnostics.CodeAnalysis;
using SlabGen.Slabs;

namespace SlabGen;

// What a generated class needs for some of its attributes.
public sealed partial class KmemCache
{
    /// <summary>For generated code: the end of an allocation whose object <see cref="SlabInitAttribute"/> refused. All of them went back.</summary>
    /// <param name="objects">How many objects were asked for.</param>
    /// <exception cref="OutOfMemoryException">Always.</exception>
    [DoesNotReturn]
    internal void ThrowRefused(int objects) => Throw.Refused(_slabs, objects);

    /// <summary>For generated code: makes sure that one thread alone uses a single-threaded cache.</summary>
    /// <param name="owner">The thread that called this first; null before.</param>
    /// <exception cref="InvalidOperationException">The calling thread is another one.</exception>
    internal void CheckThread(ref Thread? owner)
    {
        Thread current = Thread.CurrentThread;
        Thread? first = Volatile.Read(ref owner) ?? Interlocked.CompareExchange(ref owner, current, null);
        if (first is not null && first != current)
        {
            Throw.OtherThread(_slabs, first);
        }
    }
}
