namespace SlabGen.Generators;

/// <summary>A bulk that may be refused without an exception.</summary>
internal sealed partial class CacheClassWriter
{
    private void WriteTryAllocBulk()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Allocates as many objects as the span has room for, if there are so many{(_model.Init is { CanRefuse: true } refusing ? $" and <c>{refusing.Method}</c> refuses none" : "")}.</summary>
            /// <param name="objects">Receives the objects.</param>
            /// <returns>Whether all were allocated; else none was.</returns>
            """);
        string take = $"Cache.TryAllocBulk(ref {_slot}, global::System.Runtime.InteropServices.MemoryMarshal.Cast<{_ptr}, global::System.IntPtr>(objects))";
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
}
