namespace SlabGen.Generators;

/// <summary>What a class has that calls methods of its struct: on each allocation and free, and for each slab.</summary>
internal sealed partial class CacheClassWriter
{
    private bool HasLife => _model.Constructor is not null || _model.Destructor is not null;

    private void WriteAllocPrepared()
    {
        WriteAllocDoc();
        _writer.Write(AggressiveInlining);
        _writer.Open($"public static {_ptr} Alloc()");
        _writer.Write($"{_ptr} result = AllocRaw();");
        WritePrepare("result");
        _writer.Write("return result;");
        _writer.Close();
        _writer.Gap();
    }

    private void WriteTryAllocPrepared()
    {
        bool canRefuse = _model.Init!.CanRefuse;
        WriteTryAllocDoc();
        _writer.Open($"public static bool TryAlloc(out {_ptr} result)");
        _writer.Write("result = default;");
        _writer.Open(canRefuse ? $"if (!TryAllocRaw(out {_ptr} obj) || !Prepare(obj))" : $"if (!TryAllocRaw(out {_ptr} obj))");
        _writer.Write("return false;");
        _writer.Close();
        _writer.Gap();
        _writer.Write(
            $"""
            {(canRefuse ? "" : "Prepare(obj);\n")}result = obj;
            return true;
            """);
        _writer.Close();
        _writer.Gap();
    }

    private void WriteAllocBulkPrepared()
    {
        HookModel init = _model.Init!;
        WriteAllocBulkDoc();
        _writer.Open($"public static void AllocBulk(global::System.Span<{_ptr}> objects)");
        _writer.Write(
            $$"""
            AllocBulkRaw(objects);
            int ready = 0;
            try
            {
                {{(init.CanRefuse
                    ? $"while (ready < objects.Length && objects[ready].Value.{init.Method}())"
                    : "while (ready < objects.Length)")}}
                {
            """);
        if (!init.CanRefuse)
        {
            _writer.Write($"        objects[ready].Value.{init.Method}();");
        }

        _writer.Write(
            $$"""
                    ready++;
                }
            }
            finally
            {
                if (ready < objects.Length)
                {
                    {{(Finishes ? "Undo(objects, ready);" : "FreeBulk(objects);\n        objects.Clear();")}}
                }
            }
            """);
        if (init.CanRefuse)
        {
            _writer.Gap();
            _writer.Open("if (ready < objects.Length)");
            _writer.Write("Cache.ThrowRefused(objects.Length);");
            _writer.Close();
        }

        _writer.Close();
        _writer.Gap();
    }

    private void WriteFreeFinished()
    {
        WriteFreeDoc();
        _writer.Write(
            $$"""
            {{AggressiveInlining}}
            public static void Free({{_ptr}} obj)
            {
                // What it throws leaves the object the caller's. Null is for the cache to refuse.
                if (!obj.IsNull)
                {
                    obj.Value.{{_model.Fini!.Method}}();
                }

                FreeRaw(obj);
            }

            """);
    }

    private void WriteFreeBulkFinished()
    {
        WriteFreeBulkDoc();
        _writer.Write(
            $$"""
            /// <exception cref="global::System.Exception">What was thrown first for one of them; all others were freed.</exception>
            public static void FreeBulk(global::System.ReadOnlySpan<{{_ptr}}> objects)
            {
                global::System.Exception? failure = null;
                foreach ({{_ptr}} obj in objects)
                {
                    try
                    {
                        Free(obj);
                    }
                    catch (global::System.Exception thrown)
                    {
                        failure ??= thrown;
                    }
                }

                if (failure is not null)
                {
                    global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
                }
            }

            """);
    }

    /// <summary>The lines that prepare an object of a variable before it is handed out; none when there is nothing to do.</summary>
    private void WritePrepare(string variable)
    {
        switch (_model.Init)
        {
            case { CanRefuse: false }:
                _writer.Write($"Prepare({variable});");
                break;
            case { CanRefuse: true }:
                _writer.Open($"if (!Prepare({variable}))");
                _writer.Write("Cache.ThrowRefused(1);");
                _writer.Close();
                _writer.Gap();
                break;
        }
    }

    /// <summary>What prepares an object, and what takes back those of a bulk that failed.</summary>
    private void WriteHooks()
    {
        if (_model.Init is not { } init)
        {
            return;
        }

        _writer.Gap();
        _writer.Write(
            $$"""
            // An object that is not ready goes back, also on the way of an exception.
            private static {{(init.CanRefuse ? "bool" : "void")}} Prepare({{_ptr}} obj)
            {
                bool ready = false;
                try
                {
                    {{(init.CanRefuse ? $"ready = obj.Value.{init.Method}();" : $"obj.Value.{init.Method}();\n        ready = true;")}}
                }
                finally
                {
                    if (!ready)
                    {
                        {{_freeRaw}}(obj);
                    }
                }
            """);
        if (init.CanRefuse)
        {
            _writer.Gap();
            _writer.Write("    return ready;");
        }

        _writer.Write("}");
        if (_model.Fini is { } fini)
        {
            WriteUndo(fini);
        }
    }

    private void WriteUndo(HookModel fini)
    {
        _writer.Gap();
        _writer.Write(
            $$"""
            // Every object goes back, whatever is thrown: nobody else has it.
            private static void Undo(global::System.Span<{{_ptr}}> objects, int ready)
            {
                global::System.Exception? failure = null;
                for (int i = 0; i < ready; i++)
                {
                    try
                    {
                        objects[i].Value.{{fini.Method}}();
                    }
                    catch (global::System.Exception thrown)
                    {
                        failure ??= thrown;
                    }
                }

                FreeBulkRaw(objects);
                objects.Clear();
                if (failure is not null)
                {
                    global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
                }
            }
            """);
    }

    /// <summary>The constructor and the destructor: a struct, so that the runtime's loop over a slab is compiled for it and calls them directly.</summary>
    private void WriteLife()
    {
        if (!HasLife)
        {
            return;
        }

        _writer.Gap();
        _writer.Write("// What is called for each object of a slab, directly: a type argument that is a struct is compiled for.");
        _writer.Open($"private readonly struct Life : global::SlabGen.ISlabLife<{_model.Struct}>");
        _writer.Open($"public static bool Construct(ref {_model.Struct} value)");
        _writer.Write(_model.Constructor switch
        {
            null => "return true;",
            { CanRefuse: true } constructor => $"return value.{constructor.Method}();",
            { CanRefuse: false } constructor => $"value.{constructor.Method}();\nreturn true;",
        });
        _writer.Close();
        _writer.Gap();
        _writer.Open($"public static void Destruct(ref {_model.Struct} value)");
        if (_model.Destructor is { } destructor)
        {
            _writer.Write($"value.{destructor.Method}();");
        }

        _writer.Close();
        _writer.Close();
    }
}
