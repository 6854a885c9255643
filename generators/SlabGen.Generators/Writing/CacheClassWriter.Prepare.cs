namespace SlabGen.Generators;

/// <summary>What is done with objects before they are handed out: clearing, and the struct's init.</summary>
internal sealed partial class CacheClassWriter
{
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
        WriteTryAllocDoc();
        _writer.Open($"public static bool TryAlloc(out {_ptr} result)");
        WriteTryPrepared($"TryAllocRaw(out {_ptr} obj)", "obj");
        _writer.Close();
        _writer.Gap();
    }

    /// <summary>The body of a method that takes an object, into a variable, and hands it out as its result once it is ready.</summary>
    /// <param name="take">What takes it, and says whether there was one.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="declare">Its declaration, where taking is not that.</param>
    private void WriteTryPrepared(string take, string variable, string? declare = null)
    {
        _writer.Write("result = default;");
        _writer.Open($"if (!{take})");
        _writer.Write("return false;");
        _writer.Close();
        _writer.Gap();
        if (declare is not null)
        {
            _writer.Write(declare);
        }

        WriteZero(variable, Zeroing.OnAlloc);
        if (_model.Init is { CanRefuse: true })
        {
            _writer.Open($"if (!Prepare({variable}))");
            _writer.Write("return false;");
            _writer.Close();
            _writer.Gap();
        }
        else if (_model.Init is not null)
        {
            _writer.Write($"Prepare({variable});");
        }

        _writer.Write(
            $"""
            result = {variable};
            return true;
            """);
    }

    private void WriteAllocBulkPrepared()
    {
        WriteAllocBulkDoc();
        _writer.Open($"public static void AllocBulk(global::System.Span<{_ptr}> objects)");
        _writer.Write("AllocBulkRaw(objects);");
        if (_model.Zeroing == Zeroing.OnAlloc)
        {
            WriteZeroAll(Zeroing.OnAlloc);
        }

        if (_model.Init is { } init)
        {
            WriteInitAll(init);
            WriteThrowRefused(init);
        }

        _writer.Close();
        _writer.Gap();
    }

    private void WriteInitAll(HookModel init)
    {
        _writer.Write("int ready = 0;");
        _writer.Open("try");
        _writer.Open(init.CanRefuse
            ? $"while (ready < objects.Length && objects[ready].Value.{init.Method}())"
            : "while (ready < objects.Length)");
        _writer.Write((init.CanRefuse ? "" : $"objects[ready].Value.{init.Method}();\n") + "ready++;");
        _writer.Close();
        _writer.Close();
        _writer.Open("finally");
        _writer.Open("if (ready < objects.Length)");
        _writer.Write(_model.Fini is not null ? "Undo(objects, ready);" : "FreeBulk(objects);\nobjects.Clear();");
        _writer.Close();
        _writer.Close();
    }

    private void WriteThrowRefused(HookModel init)
    {
        if (init.CanRefuse)
        {
            _writer.Gap();
            _writer.Open("if (ready < objects.Length)");
            _writer.Write("Cache.ThrowRefused(objects.Length);");
            _writer.Close();
        }
    }

    /// <summary>The lines that make an object of a variable ready to be handed out.</summary>
    private void WritePrepare(string variable)
    {
        WriteZero(variable, Zeroing.OnAlloc);
        WriteInit(variable);
    }

    private void WriteInit(string variable)
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
        _writer.Write("// An object that is not ready goes back, also on the way of an exception.");
        WritePrepareMethod(init, _ptr, "obj", "!ready");
        if (_model.Handles)
        {
            _writer.Gap();
            WritePrepareMethod(init, Handle, "handle", $"!ready && Instance.Handles.TryRelease(handle, out {_ptr} obj)");
        }

        if (_model.Fini is { } fini)
        {
            WriteUndo(fini);
        }
    }

    /// <param name="init">What it calls.</param>
    /// <param name="type">The type of its parameter.</param>
    /// <param name="variable">Its parameter.</param>
    /// <param name="goesBack">When the object, which then is <c>obj</c>, goes back.</param>
    private void WritePrepareMethod(HookModel init, string type, string variable, string goesBack)
    {
        _writer.Open($"private static {(init.CanRefuse ? "bool" : "void")} Prepare({type} {variable})");
        _writer.Write("bool ready = false;");
        _writer.Open("try");
        _writer.Write(init.CanRefuse ? $"ready = {variable}.Value.{init.Method}();" : $"{variable}.Value.{init.Method}();\nready = true;");
        _writer.Close();
        _writer.Open("finally");
        _writer.Open($"if ({goesBack})");
        WriteZero("obj", Zeroing.OnFree);
        _writer.Write($"{_freeRaw}(obj);");
        _writer.Close();
        _writer.Close();
        if (init.CanRefuse)
        {
            _writer.Gap();
            _writer.Write("return ready;");
        }

        _writer.Close();
    }
}
