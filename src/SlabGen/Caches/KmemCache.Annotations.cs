using System.Diagnostics.CodeAnalysis;
using SlabGen.Slabs;

namespace SlabGen;

// What a generated class needs for some of its attributes.
public sealed partial class KmemCache
{
    /// <summary>
    /// Throws for an allocation whose object <see cref="SlabInitAttribute"/> refused. All objects have gone back.
    /// Generated code calls it.
    /// </summary>
    /// <param name="objects">The number of objects that were requested.</param>
    /// <exception cref="OutOfMemoryException">Always.</exception>
    [DoesNotReturn]
    internal void ThrowRefused(int objects) => Throw.Refused(_slabs, objects);

    /// <summary>Makes sure that only one thread uses a single-threaded cache. Generated code calls it.</summary>
    /// <param name="owner">The first thread that called this. Null before that.</param>
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
