namespace SlabGen.Generators;

internal sealed partial class CacheClassWriter
{
    private const string AggressiveInlining =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]";

    /// <summary>The thread's slot, and the cache that all threads share.</summary>
    private void WriteState()
    {
        _writer.Write(
            $"""
            // The fast path's whole state: one slot per type and thread.
            [global::System.ThreadStatic]
            private static global::SlabGen.ThreadCache? t_cache;

            /// <summary>The cache behind this class, which all threads share: shrinking, statistics and destruction are there.</summary>
            public static global::SlabGen.KmemCache Cache => Instance.Value;
            """);
    }

    private void WriteAlloc()
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>Allocates an object, as <c>kmem_cache_alloc</c> does. Its content is what its last owner left.</summary>
            /// <returns>The object; give it back with <c>Free</c>.</returns>
            /// <exception cref="global::System.OutOfMemoryException">Nothing is left.</exception>
            {{AggressiveInlining}}
            public static {{_ptr}} Alloc()
            {
                global::SlabGen.ThreadCache? cache = t_cache;
                return cache is not null && cache.TryAlloc(out global::System.IntPtr address) ? new(address) : AllocSlow();
            }

            /// <summary>Allocates an object with every byte zero.</summary>
            /// <returns>The object; give it back with <c>Free</c>.</returns>
            /// <exception cref="global::System.OutOfMemoryException">Nothing is left.</exception>
            public static {{_ptr}} AllocZeroed()
            {
                {{_ptr}} result = Alloc();
                result.Value = default;
                return result;
            }
            """);
    }

    private void WriteTryAlloc()
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>Allocates an object if one is left.</summary>
            /// <param name="result">The object, or null; give it back with <c>Free</c>.</param>
            /// <returns>Whether there is an object.</returns>
            {{AggressiveInlining}}
            public static bool TryAlloc(out {{_ptr}} result)
            {
                global::SlabGen.ThreadCache? cache = t_cache;
                if (cache is not null && cache.TryAlloc(out global::System.IntPtr address))
                {
                    result = new(address);
                    return true;
                }

                return TryAllocSlow(out result);
            }
            """);
    }
}
