namespace SlabGen.Generators;

/// <summary>
/// What is done with an object: the constructor and the destructor of its slab, clearing, and the init and the fini of
/// the struct.
/// </summary>
internal sealed partial class CacheClassWriter
{
    private bool HasLife => _model.Constructor is not null || _model.Destructor is not null;

    /// <summary>The constructor and the destructor.</summary>
    private void WriteLife()
    {
        if (!HasLife)
        {
            return;
        }

        _writer.Gap();
        _writer.Write("// Called for each object of a slab. It is a struct, so the runtime compiles its loop for it and calls it directly.");
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

    /// <summary>Writes what prepares an object, and what takes back the objects of a bulk call that failed.</summary>
    private void WriteHooks()
    {
        if (_model.Init is not { } init)
        {
            return;
        }

        _writer.Gap();
        _writer.Write("// An object that is not ready is freed, also when an exception passes through.");
        WritePrepareMethod(init, _ptr, "obj", "!ready");
        if (_model.Handles)
        {
            _writer.Gap();
            WritePrepareMethod(init, Handle, "handle", $"!ready && CacheHandles.TryRelease(handle, out {_ptr} obj)");
        }

        if (_model.Fini is { } fini)
        {
            WriteUndo(fini);
        }
    }

    /// <param name="init">The hook that it calls.</param>
    /// <param name="type">The type of its parameter.</param>
    /// <param name="variable">Its parameter.</param>
    /// <param name="goesBack">How the object, then called <c>obj</c>, goes back.</param>
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

    /// <summary>The lines that make the object in a variable ready to be handed out.</summary>
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
                _writer.Write($"{Services}.ThrowRefused(Cache, 1);");
                _writer.Close();
                _writer.Gap();
                break;
        }
    }

    private void WriteFini(string variable)
    {
        if (_model.Fini is { } fini)
        {
            _writer.Write($"{variable}.Value.{fini.Method}();");
        }
    }

    /// <summary>Clears an object, if the attribute asks for it at this moment.</summary>
    private void WriteZero(string variable, Zeroing moment)
    {
        if (_model.Zeroing == moment)
        {
            _writer.Write($"{variable}.Value = default;");
        }
    }
}
