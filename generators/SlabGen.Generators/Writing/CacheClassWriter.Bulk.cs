namespace SlabGen.Generators;

/// <summary>Allocations and frees of many objects at once.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteBulk()
    {
        _writer.Gap();
        if (Prepares)
        {
            WriteAllocBulkPrepared();
        }
        else
        {
            WriteAllocBulkDoc();
        }

        _writer.Write(
            $"""
            {(Prepares ? "private" : "public")} static void {_allocBulkRaw}(global::System.Span<{_ptr}> objects) =>
                {Services}.AllocBulk(Cache, ref {_slot}, global::System.Runtime.InteropServices.MemoryMarshal.Cast<{_ptr}, global::System.IntPtr>(objects));
            """);
        WriteTryAllocBulk();

        _writer.Gap();
        if (Finishes)
        {
            WriteFreeBulkFinished();
        }
        else
        {
            WriteFreeBulkDoc();
        }

        _writer.Write(
            $"""
            {(Finishes ? "private" : "public")} static void {_freeBulkRaw}(global::System.ReadOnlySpan<{_ptr}> objects) =>
                {Services}.FreeBulk(Cache, ref {_slot}, global::System.Runtime.InteropServices.MemoryMarshal.Cast<{_ptr}, global::System.IntPtr>(objects));
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

    private void WriteAllocBulkDoc() => _writer.Write(
        $"""
        /// <summary>Fills the span with new objects: all of them or none.</summary>
        /// <param name="objects">Receives the objects.</param>
        /// <exception cref="global::System.OutOfMemoryException">
        /// The memory or the cache's limit does not suffice for all of them{(_model.Init is { CanRefuse: true } init ? $", or <c>{init.Method}</c> refused one" : "")}. None was allocated.
        /// </exception>
        """);

    private void WriteTryAllocBulk()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Tries to fill the span with new objects: all of them or none.{(_model.Init is { CanRefuse: true } refusing ? $" The call also fails when <c>{refusing.Method}</c> refuses one." : "")}</summary>
            /// <param name="objects">Receives the objects.</param>
            /// <returns>Whether all were allocated. If not, none was.</returns>
            """);
        string take = $"{Services}.TryAllocBulk(Cache, ref {_slot}, global::System.Runtime.InteropServices.MemoryMarshal.Cast<{_ptr}, global::System.IntPtr>(objects))";
        if (!Prepares)
        {
            _writer.Write(
                $"""
                public static bool TryAllocBulk(global::System.Span<{_ptr}> objects) =>
                    {take};
                """);
            return;
        }

        _writer.Open($"public static bool TryAllocBulk(global::System.Span<{_ptr}> objects)");
        _writer.Open($"if (!{take})");
        _writer.Write("return false;");
        _writer.Close();
        _writer.Gap();
        if (_model.Zeroing == Zeroing.OnAlloc)
        {
            WriteZeroAll(Zeroing.OnAlloc);
        }

        if (_model.Init is { } init)
        {
            WriteInitAll(init);
            _writer.Gap();
        }

        _writer.Write(_model.Init is { CanRefuse: true } ? "return ready == objects.Length;" : "return true;");
        _writer.Close();
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
            _writer.Write($"{Services}.ThrowRefused(Cache, objects.Length);");
            _writer.Close();
        }
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

        _writer.Write("""/// <exception cref="global::System.Exception">The first exception that an object threw. All others were freed.</exception>""");
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

    private void WriteFreeBulkDoc() => _writer.Write(
        """
        /// <summary>Frees every object of the span. Do not use them afterwards.</summary>
        /// <param name="objects">Objects of this cache.</param>
        """);

    private void WriteUndo(HookModel fini)
    {
        _writer.Gap();
        _writer.Write("// Every object is freed, also when one throws: nobody else has their addresses.");
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

    private void WriteZeroAll(Zeroing moment)
    {
        _writer.Open($"foreach ({_ptr} obj in objects)");
        if (moment == Zeroing.OnFree)
        {
            _writer.Open("if (!obj.IsNull)");
            WriteZero("obj", moment);
            _writer.Close();
        }
        else
        {
            WriteZero("obj", moment);
        }

        _writer.Close();
    }
}
