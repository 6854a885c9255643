namespace SlabGen.Generators;

/// <summary>The state of the class: the slot of a thread, and the cache that all threads share.</summary>
internal sealed partial class CacheClassWriter
{
    private const string AggressiveInlining =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]";

    private const string NoInlining =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]";

    /// <summary>The thread's slot, and the cache that all threads share.</summary>
    private void WriteState()
    {
        _writer.Write(_model.SingleThreaded
            ? """
            // The fast path's whole state: one slot, since one thread alone may use the class. It is the first that does.
            private static global::SlabGen.ThreadCache? s_cache;
            private static global::System.Threading.Thread? s_owner;
            """
            : """
            // The fast path's whole state: one slot per type and thread.
            [global::System.ThreadStatic]
            private static global::SlabGen.ThreadCache? t_cache;
            """);
        _writer.Gap();
        _writer.Write(
            """
            /// <summary>The cache behind this class, which all threads share: shrinking, statistics and destruction are there.</summary>
            public static global::SlabGen.KmemCache Cache => Instance.Value;
            """);
        if (_model.SingleThreaded)
        {
            _writer.Gap();
            _writer.Write(
                """
                // For the slow paths, which so refuse every thread but one. In checked mode there is no fast path.
                private static ref global::SlabGen.ThreadCache? Slot
                {
                    get
                    {
                        Cache.CheckThread(ref s_owner);
                        return ref s_cache;
                    }
                }
                """);
        }
    }
}
