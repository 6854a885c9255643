namespace SlabGen.Generators;

/// <summary>The state of the class: the slot of a thread, and the cache that all threads share.</summary>
internal sealed partial class CacheClassWriter
{
    private const string AggressiveInlining =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]";

    private const string Services = CompilerServices.GeneratedCache;

    private const string CheckThread = Services + ".CheckThread(Cache, ref s_owner);";

    private const string NoInlining =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]";

    /// <summary>The thread's slot, and the cache that all threads share.</summary>
    private void WriteState()
    {
        _writer.Write(_model.SingleThreaded
            ? """
            // The whole state of the fast path: one slot, because only one thread may use the class, the first one that does.
            private static global::SlabGen.CompilerServices.ThreadCache? s_cache;
            private static global::System.Threading.Thread? s_owner;
            """
            : """
            // The whole state of the fast path: one slot per type and thread.
            [global::System.ThreadStatic]
            private static global::SlabGen.CompilerServices.ThreadCache? t_cache;
            """);
        _writer.Gap();
        _writer.Write(
            """
            // Null until the cache is created.
            private static global::SlabGen.KmemCache? s_made;
            """);
        if (_model.Handles)
        {
            _writer.Write($"private static global::SlabGen.SlabHandles<{_model.Struct}>? s_handles;");
        }

        _writer.Gap();
        _writer.Write(
            """
            /// <summary>The cache behind this class. All threads share it. Use it for statistics, to shrink the cache, or to destroy it.</summary>
            public static global::SlabGen.KmemCache Cache => s_made ?? MakeOnce();
            """);
        if (_model.SingleThreaded)
        {
            _writer.Gap();
            _writer.Write(
                """
                // The slow paths use this: it throws on any thread but the owner. In checked mode every call takes a slow path.
                private static ref global::SlabGen.CompilerServices.ThreadCache? Slot
                {
                    get
                    {
                        global::SlabGen.CompilerServices.GeneratedCache.CheckThread(Cache, ref s_owner);
                        return ref s_cache;
                    }
                }
                """);
        }
    }
}
