namespace SlabGen.Generators;

/// <summary>The calling thread's part of the cache, looked up once for a loop.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteOpenLocal()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Looks the calling thread's part of the cache up, for a loop that allocates and frees without looking it up again.</summary>
            /// <returns>What allocates and frees as this class does. It holds nothing, and needs no closing.</returns>
            public static Local OpenLocal() => new({(_model.SingleThreaded ? "" : "t_cache ?? ")}Cache.Attach(ref {_slot}));
            """);
    }

    private void WriteLocal()
    {
        _writer.Gap();
        _writer.Write(
            """
            /// <summary>
            /// The calling thread's part of the cache. It lives on the stack and so cannot reach another thread. The default one works too,
            /// and looks up on each call.
            /// </summary>
            """);
        _writer.Open("public readonly ref struct Local");
        _writer.Write(
            """
            // Null in the default one, and in checked mode, where each call takes the slow path.
            private readonly global::SlabGen.ThreadCache? _cache;

            internal Local(global::SlabGen.ThreadCache? cache) => _cache = cache;
            """);
        _writer.Gap();
        WriteLocalAlloc();
        _writer.Gap();
        WriteLocalTryAlloc();
        _writer.Gap();
        WriteLocalFree();
        _writer.Close();
    }

    private void WriteLocalAlloc()
    {
        WriteAllocDoc();
        _writer.Write(AggressiveInlining);
        _writer.Open($"public {_ptr} Alloc()");
        _writer.Write("global::SlabGen.ThreadCache? cache = _cache;");
        const string taken = "cache is not null && cache.TryAlloc(out global::System.IntPtr address) ? new(address) : AllocSlow();";
        if (Prepares)
        {
            _writer.Write($"{_ptr} result = {taken}");
            WritePrepare("result");
            _writer.Write("return result;");
        }
        else
        {
            _writer.Write($"return {taken}");
        }

        _writer.Close();
    }

    private void WriteLocalTryAlloc()
    {
        WriteTryAllocDoc();
        _writer.Write(AggressiveInlining);
        _writer.Open($"public bool TryAlloc(out {_ptr} result)");
        if (Prepares)
        {
            _writer.Write(
                $"""
                // The class's own: what it does with the object outweighs the look-up.
                return {ClassName}.TryAlloc(out result);
                """);
        }
        else
        {
            _writer.Write("global::SlabGen.ThreadCache? cache = _cache;");
            _writer.Open("if (cache is not null && cache.TryAlloc(out global::System.IntPtr address))");
            _writer.Write(
                """
                result = new(address);
                return true;
                """);
            _writer.Close();
            _writer.Gap();
            _writer.Write("return TryAllocSlow(out result);");
        }

        _writer.Close();
    }

    private void WriteLocalFree()
    {
        WriteFreeDoc();
        _writer.Write(AggressiveInlining);
        _writer.Open($"public void Free({_ptr} obj)");
        if (Finishes)
        {
            _writer.Write("// What is thrown here leaves the object the caller's. Null is for the cache to refuse.");
            _writer.Open("if (!obj.IsNull)");
            WriteFini("obj");
            WriteZero("obj", Zeroing.OnFree);
            _writer.Close();
            _writer.Gap();
        }

        _writer.Write("global::SlabGen.ThreadCache? cache = _cache;");
        _writer.Open("if (cache is null || !cache.TryFree(obj.Address))");
        _writer.Write("FreeSlow(obj);");
        _writer.Close();
        _writer.Close();
    }
}
