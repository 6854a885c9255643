namespace SlabGen.Generators;

/// <summary>What is done with objects before they are freed: the struct's fini, and clearing.</summary>
internal sealed partial class CacheClassWriter
{
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

    private void WriteFreeBulkFinished()
    {
        WriteFreeBulkDoc();
        if (_model.Fini is null)
        {
            _writer.Open($"public static void FreeBulk(global::System.ReadOnlySpan<{_ptr}> objects)");
            WriteZeroAll(Zeroing.OnFree);
            _writer.Gap();
            _writer.Write("FreeBulkRaw(objects);");
            _writer.Close();
            _writer.Gap();
            return;
        }

        _writer.Write("""/// <exception cref="global::System.Exception">What was thrown first for one of them; all others were freed.</exception>""");
        _writer.Open($"public static void FreeBulk(global::System.ReadOnlySpan<{_ptr}> objects)");
        _writer.Write("global::System.Exception? failure = null;");
        _writer.Open($"foreach ({_ptr} obj in objects)");
        WriteTry("Free(obj);");
        _writer.Close();
        _writer.Gap();
        WriteRethrow();
        _writer.Close();
        _writer.Gap();
    }

    private void WriteFini(string variable)
    {
        if (_model.Fini is { } fini)
        {
            _writer.Write($"{variable}.Value.{fini.Method}();");
        }
    }

    private void WriteUndo(HookModel fini)
    {
        _writer.Gap();
        _writer.Write("// Every object goes back, whatever is thrown: nobody else has it.");
        _writer.Open($"private static void Undo(global::System.Span<{_ptr}> objects, int ready)");
        _writer.Write("global::System.Exception? failure = null;");
        _writer.Open("for (int i = 0; i < ready; i++)");
        WriteTry($"objects[i].Value.{fini.Method}();");
        _writer.Close();
        _writer.Gap();
        if (_model.Zeroing == Zeroing.OnFree)
        {
            WriteZeroAll(Zeroing.OnFree);
            _writer.Gap();
        }

        _writer.Write(
            """
            FreeBulkRaw(objects);
            objects.Clear();
            """);
        WriteRethrow();
        _writer.Close();
    }

    private void WriteTry(string statement)
    {
        _writer.Open("try");
        _writer.Write(statement);
        _writer.Close();
        _writer.Open("catch (global::System.Exception thrown)");
        _writer.Write("failure ??= thrown;");
        _writer.Close();
    }

    private void WriteRethrow()
    {
        _writer.Open("if (failure is not null)");
        _writer.Write("global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);");
        _writer.Close();
    }
}
