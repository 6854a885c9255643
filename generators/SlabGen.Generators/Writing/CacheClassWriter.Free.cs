namespace SlabGen.Generators;

internal sealed partial class CacheClassWriter
{
    private void WriteFree()
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>Frees an object of this cache, on any thread. It must not be used afterwards.</summary>
            /// <param name="obj">The object.</param>
            /// <exception cref="global::SlabGen.SlabException">
            /// This, or one freed before, is no object of this cache or is free already; found at the latest when the thread's magazine is flushed.
            /// </exception>
            {{AggressiveInlining}}
            public static void Free({{_ptr}} obj)
            {
                global::SlabGen.ThreadCache? cache = t_cache;
                if (cache is null || !cache.TryFree(obj.Address))
                {
                    FreeSlow(obj);
                }
            }
            """);
    }

    private void WriteBulk()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Allocates as many objects as the span has room for: all of them or none.</summary>
            /// <param name="objects">Receives the objects.</param>
            /// <exception cref="global::System.OutOfMemoryException">Not so many are left; none was allocated.</exception>
            public static void AllocBulk(global::System.Span<{_ptr}> objects) =>
                Cache.AllocBulk(ref t_cache, global::System.Runtime.InteropServices.MemoryMarshal.Cast<{_ptr}, global::System.IntPtr>(objects));

            /// <summary>Frees every object of the span.</summary>
            /// <param name="objects">Objects of this cache.</param>
            public static void FreeBulk(global::System.ReadOnlySpan<{_ptr}> objects) =>
                Cache.FreeBulk(ref t_cache, global::System.Runtime.InteropServices.MemoryMarshal.Cast<{_ptr}, global::System.IntPtr>(objects));
            """);
    }
}
