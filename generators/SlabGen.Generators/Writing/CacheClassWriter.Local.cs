namespace SlabGen.Generators;

/// <summary>The calling thread's part of the cache, looked up once for a loop.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteOpenLocal()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Looks up the calling thread's part of the cache once, for a loop that allocates and frees.</summary>
            /// <returns>The thread's part. It allocates and frees as this class does. It owns nothing and needs no closing.</returns>
            public static Local OpenLocal() => new({(_model.SingleThreaded ? "" : "t_cache ?? ")}{Services}.Attach(Cache, ref {_slot}));
            """);
    }

    private void WriteLocal()
    {
        _writer.Gap();
        _writer.Write(
            """
            /// <summary>
            /// The calling thread's part of the cache. It lives on the stack, so no other thread can get it. The default value works too,
            /// but looks the thread's part up on each call.
            /// </summary>
            """);
        _writer.Open("public readonly ref struct Local");
        _writer.Write(
            """
            // Null in the default value and in checked mode: each call then takes the slow path.
            private readonly global::SlabGen.CompilerServices.ThreadCache? _cache;

            internal Local(global::SlabGen.CompilerServices.ThreadCache? cache) => _cache = cache;
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
        _writer.Write("global::SlabGen.CompilerServices.ThreadCache? cache = _cache;");
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
                // This calls the class: preparing the object costs more than the look-up.
                return {ClassName}.TryAlloc(out result);
                """);
        }
        else
        {
            _writer.Write("global::SlabGen.CompilerServices.ThreadCache? cache = _cache;");
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
            _writer.Write("// If this throws, the caller still owns the object. The cache itself refuses null.");
            _writer.Open("if (!obj.IsNull)");
            WriteFini("obj");
            WriteZero("obj", Zeroing.OnFree);
            _writer.Close();
            _writer.Gap();
        }

        _writer.Write("global::SlabGen.CompilerServices.ThreadCache? cache = _cache;");
        _writer.Open("if (cache is null || !cache.TryFree(obj.Address))");
        _writer.Write("FreeSlow(obj);");
        _writer.Close();
        _writer.Close();
    }
}
