namespace SlabGen.Generators;

/// <summary>Objects by handle. Every call takes a lock in the runtime, so nothing here is inlined.</summary>
internal sealed partial class CacheClassWriter
{
    // global::SlabGen.SlabHandle<global::Shop.Order>
    private string Handle => $"global::SlabGen.SlabHandle<{_model.Struct}>";

    private void WriteHandles()
    {
        if (!_model.Handles)
        {
            return;
        }

        WriteAllocHandle();
        WriteTryAllocHandle();
        WriteFreeHandle();
    }

    private void WriteAllocHandle()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Allocates an object and returns a handle to it. {ContentOfAnObject}</summary>
            /// <returns>The handle. It is stale once the object is freed. Free it with <c>Free</c>.</returns>
            {OutOfMemoryDoc}
            """);
        if (!Prepares)
        {
            _writer.Write($"public static {Handle} AllocHandle() => {Services}.AllocHandle(CacheHandles, ref {_slot});");
            return;
        }

        _writer.Open($"public static {Handle} AllocHandle()");
        _writer.Write($"{Handle} result = {Services}.AllocHandle(CacheHandles, ref {_slot});");
        WritePrepare("result");
        _writer.Write("return result;");
        _writer.Close();
    }

    private void WriteTryAllocHandle()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>
            /// Tries to allocate an object and gives a handle to it. {ContentOfAnObject}
            /// {Fails}
            /// </summary>
            /// <param name="result">The handle, or the default one. Free it with <c>Free</c>.</param>
            /// <returns>Whether an object was allocated.</returns>
            """);
        if (!Prepares)
        {
            _writer.Write($"public static bool TryAllocHandle(out {Handle} result) => {Services}.TryAllocHandle(CacheHandles, ref {_slot}, out result);");
            return;
        }

        _writer.Open($"public static bool TryAllocHandle(out {Handle} result)");
        WriteTryPrepared($"{Services}.TryAllocHandle(CacheHandles, ref {_slot}, out {Handle} handle)", "handle");
        _writer.Close();
    }

    private void WriteFreeHandle()
    {
        string finished = _model.Fini is { } fini ? $" <c>{fini.Method}</c> is called first. The object is freed even if that throws." : "";
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>Frees an object by its handle, {{Threads}}. Every copy of the handle is stale afterwards.{{finished}}</summary>
            /// <param name="handle">A handle of this cache.</param>
            /// <exception cref="global::SlabGen.SlabException">
            /// The handle is stale, default or of another cache, and nothing was freed. Or the cache found a bad pointer that was freed earlier.
            /// </exception>
            public static void Free({{Handle}} handle)
            {
                if (!TryFree(handle))
                {
                    {{Services}}.ThrowStale(CacheHandles, handle);
                }
            }

            /// <summary>Frees an object by its handle, if the handle is not stale. When two threads try, one succeeds.{{finished}}</summary>
            /// <param name="handle">A handle.</param>
            /// <returns>Whether the handle was of this cache and its object was live.</returns>
            /// <exception cref="global::SlabGen.SlabException">The cache found a bad pointer that was freed earlier.</exception>
            """);
        _writer.Open($"public static bool TryFree({Handle} handle)");
        if (_model.SingleThreaded)
        {
            // Check before the handle ends, so that a refused thread loses nothing.
            _writer.Write(CheckThread);
        }

        _writer.Open($"if (!CacheHandles.TryRelease(handle, out {_ptr} obj))");
        _writer.Write("return false;");
        _writer.Close();
        _writer.Gap();
        if (_model.Fini is not null)
        {
            _writer.Write("// The handle has ended and nobody else has the address, so the object is freed even if this throws.");
            _writer.Open("try");
            WriteFini("obj");
            _writer.Close();
            _writer.Open("finally");
        }

        WriteZero("obj", Zeroing.OnFree);
        _writer.Write($"{_freeRaw}(obj);");
        if (_model.Fini is not null)
        {
            _writer.Close();
            _writer.Gap();
        }

        _writer.Write("return true;");
        _writer.Close();
    }
}
