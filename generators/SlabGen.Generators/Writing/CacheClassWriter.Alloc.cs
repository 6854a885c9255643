namespace SlabGen.Generators;

internal sealed partial class CacheClassWriter
{
    private const string AggressiveInlining =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]";

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

    private void WriteAlloc()
    {
        _writer.Gap();
        if (Prepares)
        {
            WriteAllocPrepared();
        }
        else
        {
            WriteAllocDoc();
        }

        _writer.Write(
            $$"""
            {{AggressiveInlining}}
            {{(Prepares ? "private" : "public")}} static {{_ptr}} {{_allocRaw}}()
            {
                global::SlabGen.ThreadCache? cache = {{_field}};
                return cache is not null && cache.TryAlloc(out global::System.IntPtr address) ? new(address) : AllocSlow();
            }
            """);

        // Clearing would undo a constructor.
        if (_model.Constructor is null)
        {
            _writer.Gap();
            WriteAllocZeroed();
        }
    }

    private void WriteAllocDoc() => _writer.Write(
        $"""
        /// <summary>Allocates an object, as <c>kmem_cache_alloc</c> does. {ContentOfAnObject}</summary>
        /// <returns>The object; give it back with <c>Free</c>.</returns>
        {OutOfMemoryDoc}
        """);

    private string ContentOfAnObject =>
        _model.Init is { } init ? $"<c>{init.Method}</c> has been called on it."
        : _model.Zeroing == Zeroing.OnAlloc ? "Its every byte is zero."
        : _model.Constructor is not null ? "It comes as it was constructed, or as its last owner freed it."
        : "Its content is what its last owner left.";

    private string OutOfMemoryDoc =>
        $"""/// <exception cref="global::System.OutOfMemoryException">Nothing is left{(_model.Init is { CanRefuse: true } init ? $", or <c>{init.Method}</c> refused the object" : "")}.</exception>""";

    private void WriteAllocZeroed()
    {
        _writer.Write(
            $"""
            /// <summary>Allocates an object with every byte zero{(_model.Init is { } init ? $", before <c>{init.Method}</c> is called on it" : "")}.</summary>
            /// <returns>The object; give it back with <c>Free</c>.</returns>
            {OutOfMemoryDoc}
            """);
        _writer.Open($"public static {_ptr} AllocZeroed()");
        _writer.Write(
            $"""
            {_ptr} result = {_allocRaw}();
            result.Value = default;
            """);
        WriteInit("result");
        _writer.Write("return result;");
        _writer.Close();
    }

    private void WriteTryAlloc()
    {
        _writer.Gap();
        if (Prepares)
        {
            WriteTryAllocPrepared();
        }
        else
        {
            WriteTryAllocDoc();
        }

        _writer.Write(
            $$"""
            {{AggressiveInlining}}
            {{(Prepares ? "private" : "public")}} static bool {{_tryAllocRaw}}(out {{_ptr}} result)
            {
                global::SlabGen.ThreadCache? cache = {{_field}};
                if (cache is not null && cache.TryAlloc(out global::System.IntPtr address))
                {
                    result = new(address);
                    return true;
                }

                return TryAllocSlow(out result);
            }
            """);
    }

    private void WriteTryAllocDoc() => _writer.Write(
        $"""
        /// <summary>Allocates an object if one is left{(_model.Init is { CanRefuse: true } init ? $", and <c>{init.Method}</c> does not refuse it" : "")}.</summary>
        /// <param name="result">The object, or null; give it back with <c>Free</c>.</param>
        /// <returns>Whether there is an object.</returns>
        """);
}
