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
                global::SlabGen.CompilerServices.ThreadCache? cache = {{_field}};
                if (cache is null || !cache.TryFree({{Unsafe}}.BitCast<{{_ptr}}, global::System.IntPtr>(obj)))
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
        _writer.Write("// If this throws, the caller still owns the object. The cache itself refuses null.");
        _writer.Open("if (!obj.IsNull)");
        WriteFini("obj");
        WriteZero("obj", Zeroing.OnFree);
        _writer.Close();
        _writer.Gap();
        _writer.Write("FreeRaw(obj);");
        _writer.Close();
        _writer.Gap();
    }

    // Which threads may call the methods that free.
    private string Threads => _model.SingleThreaded ? "on the one thread that uses this class" : "on any thread";

    private void WriteFreeDoc() => _writer.Write(
        $"""
        /// <summary>Frees an object of this cache, {Threads}. Do not use the object afterwards.</summary>
        /// <param name="obj">The object.</param>
        /// <exception cref="global::SlabGen.SlabException">
        /// This object, or one that was freed earlier, is not of this cache or was free already. The cache finds it at the latest when it flushes the thread's magazine.
        /// </exception>
        """);

    /// <summary>
    /// The runtime frees deferred objects and does not call the class. So a class that must act before a free has no
    /// such method.
    /// </summary>
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
            /// Frees an object after a grace period of <see cref="global::SlabGen.Rcu"/>, when no reader can see it any more. The call does not wait, and is
            /// allowed inside a read-side section. The kernel calls it <c>kfree_rcu</c>.
            /// </summary>
            /// <param name="obj">An object of this cache that is unlinked: new readers cannot find it.</param>
            /// <exception cref="global::SlabGen.SlabException">
            /// The pointer is null. The cache finds any other fault when it frees the object; in checked mode it finds it now.
            /// </exception>
            """);
        if (!_model.SingleThreaded)
        {
            _writer.Write($"public static void FreeDeferred({_ptr} obj) => Cache.FreeDeferred(obj.Address);");
            return;
        }

        _writer.Open($"public static void FreeDeferred({_ptr} obj)");
        _writer.Write(
            $"""
            {CheckThread}
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
            private static void FreeSlow({_ptr} obj) => {Services}.FreeSlow(Cache, ref {_slot}, obj.Address);
            """);
    }
}
