namespace SlabGen.Generators;

/// <summary>Objects by handle. Every call takes a lock in the runtime anyway: nothing here is inlined.</summary>
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
            /// <summary>Allocates an object that is referred to by a handle. {ContentOfAnObject}</summary>
            /// <returns>The object's handle, which is stale once it is freed; give it back with <c>Free</c>.</returns>
            {OutOfMemoryDoc}
            """);
        if (!Prepares)
        {
            _writer.Write($"public static {Handle} AllocHandle() => Instance.Handles.Alloc(ref {_slot});");
            return;
        }

        _writer.Open($"public static {Handle} AllocHandle()");
        _writer.Write($"{Handle} result = Instance.Handles.Alloc(ref {_slot});");
        WritePrepare("result");
        _writer.Write("return result;");
        _writer.Close();
    }

    private void WriteTryAllocHandle()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Allocates an object that is referred to by a handle, if one is left{(_model.Init is { CanRefuse: true } init ? $", and <c>{init.Method}</c> does not refuse it" : "")}.</summary>
            /// <param name="result">The object's handle, or the default one; give it back with <c>Free</c>.</param>
            /// <returns>Whether there is an object.</returns>
            """);
        if (!Prepares)
        {
            _writer.Write($"public static bool TryAllocHandle(out {Handle} result) => Instance.Handles.TryAlloc(ref {_slot}, out result);");
            return;
        }

        _writer.Open($"public static bool TryAllocHandle(out {Handle} result)");
        WriteTryPrepared($"Instance.Handles.TryAlloc(ref {_slot}, out {Handle} handle)", "handle");
        _writer.Close();
    }

    private void WriteFreeHandle()
    {
        string finished = _model.Fini is { } fini ? $" <c>{fini.Method}</c> is called first; whatever it throws, the object is freed." : "";
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>Frees an object by its handle, {{Threads}}. From now on every copy of the handle is stale.{{finished}}</summary>
            /// <param name="handle">A handle of this cache.</param>
            /// <exception cref="global::SlabGen.SlabException">
            /// The handle is stale, default or of another cache: nothing was freed. Or a bad pointer that was freed before has been found.
            /// </exception>
            public static void Free({{Handle}} handle)
            {
                if (!TryFree(handle))
                {
                    Instance.Handles.ThrowStale(handle);
                }
            }

            /// <summary>Frees an object by its handle, if the handle is not stale. Of two threads that try, one succeeds.{{finished}}</summary>
            /// <param name="handle">A handle.</param>
            /// <returns>Whether it was one of this cache, whose object was there.</returns>
            /// <exception cref="global::SlabGen.SlabException">A bad pointer that was freed before has been found.</exception>
            """);
        _writer.Open($"public static bool TryFree({Handle} handle)");
        if (_model.SingleThreaded)
        {
            // Before the handle is ended: a thread that is refused loses nothing.
            _writer.Write("Cache.CheckThread(ref s_owner);");
        }

        _writer.Open($"if (!Instance.Handles.TryRelease(handle, out {_ptr} obj))");
        _writer.Write("return false;");
        _writer.Close();
        _writer.Gap();
        if (_model.Fini is not null)
        {
            _writer.Write("// The handle is gone, and so must the object be, whatever is thrown: nobody else has it.");
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
