namespace SlabGen.Generators;

/// <summary>Frees of one object.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteFree()
    {
        _writer.Gap();
        if (Finishes)
        {
            WriteFreeFinished();
        }
        else
        {
            WriteFreeDoc();
        }

        _writer.Write(
            $$"""
            {{AggressiveInlining}}
            {{(Finishes ? "private" : "public")}} static void {{_freeRaw}}({{_ptr}} obj)
            {
                global::SlabGen.ThreadCache? cache = {{_field}};
                if (cache is null || !cache.TryFree(obj.Address))
                {
                    FreeSlow(obj);
                }
            }
            """);
    }

    private void WriteFreeFinished()
    {
        WriteFreeDoc();
        _writer.Write(AggressiveInlining);
        _writer.Open($"public static void Free({_ptr} obj)");
        _writer.Write("// What is thrown here leaves the object the caller's. Null is for the cache to refuse.");
        _writer.Open("if (!obj.IsNull)");
        WriteFini("obj");
        WriteZero("obj", Zeroing.OnFree);
        _writer.Close();
        _writer.Gap();
        _writer.Write("FreeRaw(obj);");
        _writer.Close();
        _writer.Gap();
    }

    // Which threads may call what frees.
    private string Threads => _model.SingleThreaded ? "on the one thread that uses this class" : "on any thread";

    private void WriteFreeDoc() => _writer.Write(
        $"""
        /// <summary>Frees an object of this cache, {Threads}. It must not be used afterwards.</summary>
        /// <param name="obj">The object.</param>
        /// <exception cref="global::SlabGen.SlabException">
        /// This, or one freed before, is no object of this cache or is free already; found at the latest when the thread's magazine is flushed.
        /// </exception>
        """);

    /// <summary>The runtime frees what was deferred, and knows nothing of what is to be done before a free: a class that does something has no such method.</summary>
    private void WriteFreeDeferred()
    {
        if (Finishes)
        {
            return;
        }

        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>
            /// Frees an object once a grace period of <see cref="global::SlabGen.Rcu"/> has passed, when no reader sees it any more (<c>kfree_rcu</c>).
            /// It does not wait, and may be called inside a read-side section.
            /// </summary>
            /// <param name="obj">An object of this cache that was unlinked: new readers must not find it.</param>
            /// <exception cref="global::SlabGen.SlabException">
            /// The null pointer. What else is wrong with the object is found when it is freed, and in checked mode now.
            /// </exception>
            """);
        if (!_model.SingleThreaded)
        {
            _writer.Write($"public static void FreeDeferred({_ptr} obj) => Cache.FreeDeferred(obj.Address);");
            return;
        }

        _writer.Open($"public static void FreeDeferred({_ptr} obj)");
        _writer.Write(
            """
            Cache.CheckThread(ref s_owner);
            Cache.FreeDeferred(obj.Address);
            """);
        _writer.Close();
    }

    /// <summary>What the fast path of a free branches to.</summary>
    private void WriteFreeSlow()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            {NoInlining}
            private static void FreeSlow({_ptr} obj) => Cache.FreeSlow(ref {_slot}, obj.Address);
            """);
    }
}
